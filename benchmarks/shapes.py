"""How the services write their replies: templates of bytes, by wire.

Law: every field that a real reply has is there, and differs from event to event where it does in real ones, because
what is read has its price; only the words are made up. `%(text)b` is the text of a chunk, or of the whole answer where
it is said again at the end; `%(number)b` counts the chunks, `%(moment)b` is part of a time, and `%(padding)b` hides the
length of the text.
"""

from __future__ import annotations

from dataclasses import dataclass

_PADDING = b"aGk7QzpLx2Vw9RtY"

SSE = b"text/event-stream; charset=utf-8"
NDJSON = b"application/x-ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A streamed reply and a whole one.

    Attributes:
        type: the content type of the stream.
        opening: the events before the text.
        delta: the event of a chunk.
        closing: the events after the text.
        whole: the unary reply.
    """

    type: bytes
    opening: tuple[bytes, ...]
    delta: bytes
    closing: tuple[bytes, ...]
    whole: bytes = b""

    def said(self, number: int, text: bytes) -> bytes:
        """Return the event of a chunk of text, which stands in JSON as given."""
        told = {
            b"text": text,
            b"number": b"%d" % (number + 4),  # the first numbers are those of the opening
            b"moment": b"%09d" % (number * 7_919_017 % 1_000_000_000),
            b"padding": _PADDING[: 3 + number * 7 % 12],
        }
        return self.delta % told


def data(payload: bytes, end: bytes = b"\n") -> bytes:
    """Return an event of a payload."""
    return b"data: " + payload + end + end


def named(payload: bytes) -> bytes:
    """Return an event that is named as its payload is typed."""
    name = payload.partition(b'"type":"')[2].partition(b'"')[0]
    return b"event: " + name + b"\n" + data(payload)


def _chat(delta: bytes, finish: bytes = b"null", padding: bytes = b"aGk7Qz") -> bytes:
    return data(
        b'{"id":"chatcmpl-CkT3nq7Yv0aXo9rWb2LdMf5HsGpEu","object":"chat.completion.chunk","created":1795660800,'
        b'"model":"gpt-6-luna-2026-09-01","service_tier":"default","system_fingerprint":"fp_62a23a81ef",'
        b'"choices":[{"index":0,"delta":' + delta + b',"logprobs":null,"finish_reason":' + finish + b"}],"
        b'"usage":null,"obfuscation":"' + padding + b'"}'
    )


_CHAT_USAGE = (
    b'"usage":{"prompt_tokens":12,"completion_tokens":9,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":0,'
    b'"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,'
    b'"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}'
)
_CHAT_END = (
    data(
        b'{"id":"chatcmpl-CkT3nq7Yv0aXo9rWb2LdMf5HsGpEu","object":"chat.completion.chunk","created":1795660800,'
        b'"model":"gpt-6-luna-2026-09-01","service_tier":"default","system_fingerprint":"fp_62a23a81ef","choices":[],'
        + _CHAT_USAGE
        + b"}"
    ),
    data(b"[DONE]"),
)
CHAT = Shape(
    type=SSE,
    opening=(_chat(b'{"role":"assistant","content":"","refusal":null}'),),
    delta=_chat(b'{"content":"%(text)b"}', padding=b"%(padding)b"),
    closing=(_chat(b"{}", b'"stop"'), *_CHAT_END),
    whole=b'{"id":"chatcmpl-CkT3nq7Yv0aXo9rWb2LdMf5HsGpEu","object":"chat.completion","created":1795660800,'
    b'"model":"gpt-6-luna-2026-09-01","choices":[{"index":0,"message":{"role":"assistant","content":"%(text)b",'
    b'"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],' + _CHAT_USAGE + b","
    b'"service_tier":"default","system_fingerprint":"fp_62a23a81ef"}',
)
CHAT_CALL = Shape(
    type=SSE,
    opening=(
        _chat(
            b'{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_9qLwZb3Xc","type":"function",'
            b'"function":{"name":"save","arguments":""}}],"refusal":null}'
        ),
    ),
    delta=_chat(b'{"tool_calls":[{"index":0,"function":{"arguments":"%(text)b"}}]}', padding=b"%(padding)b"),
    closing=(_chat(b"{}", b'"tool_calls"'), *_CHAT_END),
)

_ITEM = (
    b'{"id":"msg_68f1c02ab7","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],'
    b'"logprobs":[],"text":"%(text)b"}],"role":"assistant"}'
)


def _response(status: bytes, output: bytes, usage: bytes) -> bytes:
    return (
        b'{"id":"resp_68f1c02a9d","object":"response","created_at":1795660800,"status":"' + status + b'",'
        b'"background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,'
        b'"max_tool_calls":null,"model":"gpt-6-luna-2026-09-01","output":[' + output + b'],"parallel_tool_calls":true,'
        b'"previous_response_id":null,"prompt_cache_key":null,"reasoning":{"effort":"medium","summary":null},'
        b'"safety_identifier":null,"service_tier":"default","store":true,"temperature":1.0,"text":{"format":'
        b'{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,'
        b'"truncation":"disabled","usage":' + usage + b',"user":null,"metadata":{}}'
    )


_RESPONSE_USAGE = (
    b'{"input_tokens":12,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":9,'
    b'"output_tokens_details":{"reasoning_tokens":0},"total_tokens":21}'
)
_BEGUN = _response(b"in_progress", b"", b"null")
_DONE = _response(b"completed", _ITEM, _RESPONSE_USAGE)
RESPONSES = Shape(
    type=SSE,
    opening=(
        named(b'{"type":"response.created","sequence_number":0,"response":' + _BEGUN + b"}"),
        named(b'{"type":"response.in_progress","sequence_number":1,"response":' + _BEGUN + b"}"),
        named(
            b'{"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_68f1c02ab7",'
            b'"type":"message","status":"in_progress","content":[],"role":"assistant"}}'
        ),
        named(
            b'{"type":"response.content_part.added","sequence_number":3,"item_id":"msg_68f1c02ab7","output_index":0,'
            b'"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}'
        ),
    ),
    delta=named(
        b'{"type":"response.output_text.delta","sequence_number":%(number)b,"item_id":"msg_68f1c02ab7","output_index":0,'
        b'"content_index":0,"delta":"%(text)b","logprobs":[],"obfuscation":"%(padding)b"}'
    ),
    closing=(
        named(
            b'{"type":"response.output_text.done","sequence_number":5,"item_id":"msg_68f1c02ab7","output_index":0,'
            b'"content_index":0,"text":"%(text)b","logprobs":[]}'
        ),
        named(
            b'{"type":"response.content_part.done","sequence_number":6,"item_id":"msg_68f1c02ab7","output_index":0,'
            b'"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"%(text)b"}}'
        ),
        named(
            b'{"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":' + _ITEM + b"}",
        ),
        named(b'{"type":"response.completed","sequence_number":8,"response":' + _DONE + b"}"),
    ),
    whole=_DONE,
)


def _messages(block: bytes, delta: bytes, stop: bytes, whole: bytes = b"") -> Shape:
    begun = (
        b'{"type":"message_start","message":{"model":"claude-sonnet-5-5","id":"msg_01XFDUDYJgAACzvnptvVoYEL",'
        b'"type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":'
        b'{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":'
        b'{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"}}}'
    )
    ended = (
        b'{"type":"message_delta","delta":{"stop_reason":"' + stop + b'","stop_sequence":null},"usage":'
        b'{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":9}}'
    )
    return Shape(
        type=SSE,
        opening=(
            named(begun),
            named(b'{"type":"content_block_start","index":0,"content_block":' + block + b"}"),
            named(b'{"type":"ping"}'),
        ),
        delta=named(b'{"type":"content_block_delta","index":0,"delta":' + delta + b"}"),
        closing=(
            named(b'{"type":"content_block_stop","index":0}'),
            named(ended),
            named(b'{"type":"message_stop"}'),
        ),
        whole=whole,
    )


MESSAGES = _messages(
    b'{"type":"text","text":""}',
    b'{"type":"text_delta","text":"%(text)b"}',
    b"end_turn",
    b'{"model":"claude-sonnet-5-5","id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","content":'
    b'[{"type":"text","text":"%(text)b"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":12,'
    b'"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,'
    b'"ephemeral_1h_input_tokens":0},"output_tokens":9,"service_tier":"standard"}}',
)
MESSAGES_CALL = _messages(
    b'{"type":"tool_use","id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","name":"save","input":{}}',
    b'{"type":"input_json_delta","partial_json":"%(text)b"}',
    b"tool_use",
)


def _gemini(more: bytes, count: bytes = b"9") -> bytes:
    return (
        b'{"candidates":[{"content":{"parts":[{"text":"%(text)b"}],"role":"model"},' + more + b'"index":0}],'
        b'"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":'
        + count
        + b',"totalTokenCount":21,"promptTokensDetails":'
        b'[{"modality":"TEXT","tokenCount":12}],"thoughtsTokenCount":0},"modelVersion":"gemini-3.8-flash",'
        b'"responseId":"bWVhc3VyZWQtaGVyZQ"}'
    )


GEMINI = Shape(
    type=b"text/event-stream",
    opening=(),
    delta=data(_gemini(b"", b"%(number)b"), b"\r\n"),
    closing=(data(_gemini(b'"finishReason":"STOP",') % {b"text": b""}, b"\r\n"),),
    whole=_gemini(b'"finishReason":"STOP",'),
)


def _ollama(rest: bytes, moment: bytes = b"123456789") -> bytes:
    at = b'{"model":"llama3.2:3b","created_at":"2026-11-27T03:00:00.' + moment + b'Z",'
    return at + b'"message":{"role":"assistant","content":' + rest


_OLLAMA_DONE = (
    b',"done":true,"done_reason":"stop","total_duration":983265417,"load_duration":31640209,"prompt_eval_count":12,'
    b'"prompt_eval_duration":51203875,"eval_count":9,"eval_duration":899123041}'
)
OLLAMA = Shape(
    type=NDJSON,
    opening=(),
    delta=_ollama(b'"%(text)b"},"done":false}\n', b"%(moment)b"),
    closing=(_ollama(b'""}' + _OLLAMA_DONE + b"\n"),),
    whole=_ollama(b'"%(text)b"}' + _OLLAMA_DONE),
)

SHAPES = {
    "chat": CHAT,
    "responses": RESPONSES,
    "messages": MESSAGES,
    "gemini": GEMINI,
    "ollama": OLLAMA,
    "chat-call": CHAT_CALL,
    "messages-call": MESSAGES_CALL,
}
"""By wire; of two there is also a stream of one long tool call."""
