"""Prompts: from the messages of a request to the text that a model reads, and how its answer is to be read.

Law: the model's own template decides; where it leaves something out, the next way of telling it is tried, with a
notice. Control tokens in the words of people stay words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local import conversation, forcing, formats
from chat_local.marking import Marks, Piece, texts_of
from chat_local.response_template import read_template
from chat_local.templates import render

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.forcing import Vocabulary
    from chat_local.layout import ModelFiles

TAIL = 200
"""Characters of a prompt's end that say how the answer begins: inside of a thought, for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model reads.

    Attributes:
        pieces: the text, with what the template wrote told from the words of people.
        format: how the answer is to be read: the name of a row of `formats`, or the model's own template for it.
        tail: the end of the text.
        grammar: what the answer has to look like, in the words of Lark; `None` = anything.
        notices: what could not be told as asked.
    """

    pieces: tuple[Piece, ...]
    format: JSON
    tail: str
    grammar: str | None = None
    notices: tuple[JSON, ...] = ()


def prompt_of(files: ModelFiles, asked: JSONObject, tokens: Vocabulary) -> Prompt:
    """Make the prompt of a request.

    Args:
        files: the model.
        asked: the body of the request.
        tokens: what the model's tokenizer knows.

    Raises:
        ConfigurationError: the model has no template, or it refuses the conversation in every form.
        UnsupportedContent: a message holds what no template takes, or there is no format of the name that is asked for.
    """
    messages = conversation.usual(_objects(asked, "messages"))
    tools = _offered(asked)
    form, unread = _format(files, _options(asked).get("format"))
    template = _template(files, with_tools=bool(tools))
    if tools and formats.blind(template):
        messages, tools, form = formats.told(messages, tools), [], formats.PLAIN
    if length := formats.row(form).call_id:
        messages = conversation.with_ids(messages, length)
    marks = Marks(tokens.controls, [template, *texts_of([*messages]), *texts_of([*tools])])
    values: dict[str, JSON] = {
        **files.special,
        "add_generation_prompt": True,
        "tools": marks.marked([*tools]) or None,
        "documents": None,
        **_words_for(template, asked),
    }
    text, told = _rendered(template, messages, values, marks)
    pieces = marks.pieces(text)
    tail = _tail("".join(piece.text for piece in pieces), messages)
    forced = forcing.grammar(form, asked, tail, tokens)
    return Prompt(
        pieces=pieces,
        format=form,
        tail=tail,
        grammar=forced.grammar,
        notices=(*unread, *_unknown(asked, template), *_told(told), *forced.notices),
    )


def _format(files: ModelFiles, told: JSON) -> tuple[JSON, list[JSON]]:
    """Return how the answer is to be read: as the user says, or the model's own template, or as its prompts show."""
    own = files.tokenizer_config.get("response_template")
    if told is not None or own is None:
        return formats.choose(files, told), []
    try:
        read_template(own)
    except UnsupportedContent as error:
        return formats.choose(files), [{"feature": "response_template", "reason": error.message}]
    return own, []


def _tail(prompt: str, messages: conversation.Messages) -> str:
    """Return the end of a prompt that comes after the last words of the conversation."""
    words = conversation.last_words(messages)
    place = prompt.rfind(words) if words else -1
    return (prompt if place < 0 else prompt[place + len(words) :])[-TAIL:]


def _words_for(template: str, asked: JSONObject) -> dict[str, JSON]:
    """Return the words for a template; whether to think has two names."""
    words = _template_words(asked)
    if "enable_thinking" in words and "thinking" in template:
        return {"thinking": words["enable_thinking"], **words}
    return words


def _offered(asked: JSONObject) -> list[JSONObject]:
    """Return the tools that may be called."""
    tools = _objects(asked, "tools")
    match asked.get("tool_choice"):
        case {"mode": "none"}:
            return []
        case {"mode": "required", "names": list(names)}:
            return [tool for tool in tools if _name(tool) in names]
        case _:
            return tools


def _name(tool: JSONObject) -> JSON:
    match tool.get("function"):
        case {"name": name}:
            return name
        case _:
            return None


def _unknown(asked: JSONObject, template: str) -> list[JSON]:
    """Say which words for the template it does not know."""
    words = _template_words(asked)
    told = {name for name in words if name in template}
    if told & _EFFORT:  # one of them says it
        told |= _EFFORT
    return [
        {"feature": name, "requested": value, "reason": "the model's chat template has no such word"}
        for name, value in words.items()
        if name not in told
    ]


_EFFORT = frozenset({"enable_thinking", "reasoning_effort"})
"""Words for how hard to think, of which a template has one."""


def _told(how: str) -> list[JSON]:
    """Say how the conversation had to be told."""
    reason = "the model's chat template takes it in no other way"
    return [{"feature": "messages", "applied": how, "reason": reason}] if how else []


def _rendered(template: str, messages: conversation.Messages, values: dict[str, JSON], marks: Marks) -> tuple[str, str]:
    """Run the template on the first form of the conversation that it takes whole."""
    failure: ConfigurationError | None = None
    tried: list[conversation.Messages] = []
    for told, form in conversation.LADDER:
        if (formed := form(messages)) in tried:
            continue
        tried.append(formed)
        try:
            text = render(template, {**values, "messages": [_marked(message, marks) for message in formed]})
        except ConfigurationError as error:
            failure = failure or error
            continue
        plain = "".join(piece.text for piece in marks.pieces(text))
        if not conversation.missing(messages, plain):
            return text, told
    raise failure or ConfigurationError("the model's chat template leaves out a part of the conversation")


def _marked(message: JSONObject, marks: Marks) -> JSONObject:
    """Mark the control tokens in a message; its role is the program's own word."""
    return {name: value if name == "role" else marks.marked(value) for name, value in message.items()}


def _template(files: ModelFiles, *, with_tools: bool) -> str:
    for name in ("tool_use", "default") if with_tools else ("default",):
        if name in files.templates:
            return files.templates[name]
    raise ConfigurationError(
        f"{files.name} has no chat template, so it is no chat model: put chat_template.jinja into {files.folder}"
    )


def _template_words(asked: JSONObject) -> dict[str, JSON]:
    words = _options(asked).get("template")
    return words if isinstance(words, dict) else {}


def _options(asked: JSONObject) -> JSONObject:
    options = asked.get("options")
    return options if isinstance(options, dict) else {}


def _objects(asked: JSONObject, name: str) -> list[JSONObject]:
    found = asked.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
