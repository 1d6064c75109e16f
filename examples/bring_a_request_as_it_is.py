"""Hand an OpenAI-shaped request to Claude: `parse` is the inverse of `encode`."""

from __future__ import annotations

from chat_claude import Claude
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions

request = Completions(PRESETS["openai-chat"]).parse(
    {
        "model": "claude-sonnet-5-5",
        "max_completion_tokens": 200,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Weather in Ulm?"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
        "tool_choice": "required",
    }
)
wire = Claude().encode(request, stream=True)
print(wire.url)
print(wire.body)
