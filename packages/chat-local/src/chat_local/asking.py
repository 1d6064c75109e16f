"""What a request asks of the engine: its tokens, how they are drawn, what ends the answer and what it has to look like.

Law: what is not asked is as the model's own description says. What cannot be done is an error before the first token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local.engine import grammar
from chat_local.engine.answer import Generation
from chat_local.engine.sampling import Sampling
from chat_local.forcing import closed

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.engine.answer import Constraint
    from chat_local.engine.loaded import Model
    from chat_local.prompts import Prompt


def generation_of(model: Model, asked: JSONObject, prompt: Prompt) -> Generation:
    """Return the answer that a request asks for.

    Raises:
        UnsupportedContent: the prompt is too long or empty, or a setting is none that can be followed.
        ConfigurationError: an answer is to be held to a schema, and something for it is missing.
    """
    ids = model.tokens.encode(prompt.pieces)
    if not ids:
        raise UnsupportedContent(f"the chat template of {model.files.name} makes nothing of this conversation")
    if len(ids) >= model.context:
        raise UnsupportedContent(
            f"the prompt has {len(ids)} tokens, and {model.files.name} takes {model.context - 1} with the answer: "
            "leave older messages out"
        )
    options = object_of(asked, "options")
    stops = options.get("stop")
    return Generation(
        prompt=tuple(ids),
        sampling=sampling_of(options, model.files.generation, width=model.width),
        ends=ends_of(model),
        stops=tuple(stop for stop in stops if isinstance(stop, str)) if isinstance(stops, list) else (),
        max_tokens=_at_least(options, "max_tokens", 1),
        constraint=_constraint(model, asked, prompt),
    )


def ends_of(model: Model) -> frozenset[int]:
    """Return the tokens that end an answer of a model."""
    word = model.files.special.get("eos_token")
    named = None if word is None else model.tokens.id_of(word)
    return frozenset((*model.files.ends, *(() if named is None else (named,))))


def sampling_of(options: JSONObject, own: JSONObject, *, width: int) -> Sampling:
    """Return how tokens are drawn: as asked, else as the model's own description says.

    Args:
        options: what was asked.
        own: the model's `generation_config.json`.
        width: how many logits the model gives.

    Raises:
        UnsupportedContent: a value is none that can be followed.
    """
    drawing = own.get("do_sample") is True

    def number(name: str) -> float | None:
        value = options.get(name)
        return _number(own.get(name) if value is None and drawing else value)

    temperature, top_k, repetition = number("temperature"), number("top_k"), number("repetition_penalty")
    if repetition is not None and repetition <= 0:
        raise UnsupportedContent(f"repetition_penalty is {repetition}, and has to be above 0; 1 is none")
    return Sampling(
        temperature=temperature if temperature is not None else 1.0 if drawing else 0.0,
        top_k=None if top_k is None else int(top_k),
        top_p=number("top_p"),
        min_p=number("min_p"),
        repetition_penalty=1.0 if repetition is None else repetition,
        frequency_penalty=number("frequency_penalty") or 0.0,
        presence_penalty=number("presence_penalty") or 0.0,
        logit_bias=dict(_bias(token, added, width) for token, added in object_of(options, "logit_bias").items()),
        seed=int_of(options.get("seed")),
        top_logprobs=_at_least(options, "top_logprobs", 0),
    )


def object_of(data: JSONObject, name: str) -> JSONObject:
    """Return a member that is an object; anything else is an empty one."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def int_of(value: JSON) -> int | None:
    """Return a whole number; anything else is `None`."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: JSON) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _at_least(options: JSONObject, name: str, least: int) -> int | None:
    value = int_of(options.get(name))
    if value is not None and value < least:
        raise UnsupportedContent(f"{name} is {value}, and has to be at least {least}")
    return value


def _bias(token: str, added: JSON, width: int) -> tuple[int, float]:
    value = _number(added)
    if not token.isdecimal() or int(token) >= width or value is None:
        raise UnsupportedContent(f"logit_bias has {token!r}: {added!r}, and takes numbers by tokens 0 to {width - 1}")
    return int(token), value


def _constraint(model: Model, asked: JSONObject, prompt: Prompt) -> Callable[[], Constraint] | None:
    """Return what makes the constraint of an answer; `None` = it may be anything."""
    match prompt.grammar, asked.get("output"):
        case str(text), _:
            return grammar.by_lark(model.files.tokenizer, text, width=model.width, end=_end(model))
        case None, {"schema": dict(schema)}:
            return grammar.by_schema(model.files.tokenizer, closed(schema), width=model.width, end=_end(model))
        case None, {"kind": "json"}:
            return grammar.by_schema(model.files.tokenizer, {}, width=model.width, end=_end(model))
        case _:
            return None


def _end(model: Model) -> int:
    """Return a token that ends an answer: a grammar has to know one."""
    if ends := model.files.ends or tuple(ends_of(model)):
        return ends[0]
    raise ConfigurationError(
        f"{model.files.name} names no token that ends an answer, so none can be held to a schema: "
        "its generation_config.json should have eos_token_id"
    )
