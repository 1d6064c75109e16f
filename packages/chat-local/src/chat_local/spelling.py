"""Spelling: what the engine says about one answer, as events of the local wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_local.engine.answer import End, Failed, Piece

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.engine.answer import Said
    from chat_local.engine.sampling import Drawn
    from chat_local.engine.tokens import Tokens


class Speller:
    """Spells what the engine says about one answer as events."""

    def __init__(self, tokens: Tokens) -> None:
        """Spell with the model's tokenizer."""
        self._tokens = tokens

    def __call__(self, said: Said) -> tuple[bytes, bool]:
        """Return the event, and whether it is the last one."""
        match said:
            case Piece(text, drawn):
                return dump({"text": text, **self._probabilities(drawn)}), False
            case End():
                return dump({"end": self._end(said)}), True
            case Failed(error):
                return dump({"error": {"type": type(error).__name__, "message": first_line(error)}}), True

    def _end(self, end: End) -> JSONObject:
        return {
            "reason": end.reason,
            "token": None if end.token is None else self._tokens.text_of(end.token),
            "usage": {
                "prompt_tokens": end.prompt_tokens,
                "cached_tokens": end.cached_tokens,
                "completion_tokens": end.answer_tokens,
            },
            "timings": {"prompt_seconds": end.prompt_seconds, "answer_seconds": end.answer_seconds},
        }

    def _probabilities(self, drawn: Drawn | None) -> JSONObject:
        if drawn is None or drawn.logprob is None:
            return {}
        top: list[JSON] = [self._probability(each, found) for each, found in drawn.top]
        return {"logprobs": [{**self._probability(drawn.token, drawn.logprob), **({"top": top} if top else {})}]}

    def _probability(self, token: int, logprob: float) -> JSONObject:
        return {"token": self._tokens.text_of(token), "id": token, "logprob": logprob}


def first_line(error: Exception) -> str:
    """Return what an error says, without what it adds for those who made the library."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
