"""Take a conversation from one service to another: what only the first understands stays behind, with a notice."""

from __future__ import annotations

from chat_claude import Claude
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core import Request, history, user
from chat_core.codec.wire import WireResponse

CLAUDE_SAID = b"""{"type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "stop_reason": "end_turn",
  "content": [{"type": "thinking", "thinking": "An easy one.", "signature": "c2lnbmVk"},
              {"type": "text", "text": "Four."}]}"""

claude, openai = Claude(), Completions(PRESETS["openai-chat"])
request = Request(model="claude-sonnet-5-5", messages=(user("What is two and two?"),))
answer = claude.decode(request, WireResponse(body=CLAUDE_SAID))

saved = history.dump((*request.messages, answer.message, user("And twice that?")))
messages = history.load(saved, tuple)

back = claude.encode(Request(model="claude-sonnet-5-5", messages=messages))
print("to Claude, signature and all:", back.body)

on = openai.encode(Request(model="gpt-x", messages=messages))
print("to OpenAI:", on.body)
for notice in on.notices:
    print(f"notice: {notice.feature}: {notice.reason}")
