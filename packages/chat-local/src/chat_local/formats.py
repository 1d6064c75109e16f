"""Formats: how families of models write thoughts and tool calls into their text. Data, one row a family.

Law: a row says where something begins and ends and how its inside is spelled; `regions` reads by it. Which row a model
needs is seen in its chat template, unless the user says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import UnsupportedContent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.layout import ModelFiles

Spelling: TypeAlias = Literal[
    "json",  # an object with a name and arguments, or a list of them
    "named",  # a name, a mark, and an object
    "function",  # <function=NAME><parameter=KEY>VALUE</parameter></function>
    "pairs",  # NAME<arg_key>KEY</arg_key><arg_value>VALUE</arg_value>
    "invoke",  # <invoke name="NAME"><parameter name="KEY">VALUE</parameter></invoke>
    "braces",  # call:NAME{KEY:VALUE}, with quotes of its own
    "python",  # [NAME(KEY=VALUE)]
    "any",  # json, else python
]
"""How calls are spelled inside of their region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A stretch of an answer that is no text for people.

    Attributes:
        open: what it begins with; empty = where the answer begins.
        close: what it ends with, any of them; without one it ends with the answer.
        holds: what is inside.
        spelling: how calls inside are spelled.
        mark: what stands between the name of a call and its arguments; for `braces`, the quotes.
    """

    open: str
    close: tuple[str, ...] = ()
    holds: Literal["thoughts", "calls"] = "calls"
    spelling: Spelling = "json"
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How one family of models writes.

    Attributes:
        name: what it is called here.
        regions: the stretches that are no text.
        drop: control texts that say nothing to people.
        bare: how calls are spelled that stand at the beginning without any mark; `None` = there are none.
        channels: whether an answer is a row of messages with headers (`harmony`).
        call_id: how many letters and digits the ids of calls must have; 0 = any.
    """

    name: str
    regions: tuple[Region, ...] = ()
    drop: tuple[str, ...] = ()
    bare: Spelling | None = None
    channels: bool = False
    call_id: int = 0


THINK = Region(open="<think>", close=("</think>",), holds="thoughts")
"""How most models mark their thoughts."""

ENDS = ("<|im_end|>", "<|im_start|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "</s>")
"""What ends turns in many families; models write it now and then although it ends them."""

PLAIN = "plain"

FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format(name="harmony", channels=True),
        Format(
            name="gemma",
            regions=(
                Region(open="<|tool_call>", close=("<tool_call|>",), spelling="braces", mark='<|"|>'),
                Region(
                    open="<start_function_call>", close=("<end_function_call>",), spelling="braces", mark="<escape>"
                ),
                Region(open="<|channel>thought\n", close=("<channel|>",), holds="thoughts"),
            ),
            drop=("<end_of_turn>", "<turn|>", "<eos>"),
        ),
        Format(
            name="kimi",
            regions=(
                THINK,
                Region(
                    open="<|tool_calls_section_begin|>",
                    close=("<|tool_calls_section_end|>",),
                    spelling="named",
                    mark="<|tool_call_argument_begin|>",
                ),
            ),
            drop=ENDS,
        ),
        Format(
            name="deepseek",
            regions=(
                THINK,
                Region(
                    open="<｜tool▁calls▁begin｜>",
                    close=("<｜tool▁calls▁end｜>",),
                    spelling="named",
                    mark="<｜tool▁sep｜>",
                ),
                Region(open="<｜DSML｜function_calls>", close=("</｜DSML｜function_calls>",), spelling="invoke"),
            ),
            drop=("<｜end▁of▁sentence｜>", "<｜Assistant｜>", "<｜User｜>"),
        ),
        Format(
            name="minimax",
            regions=(
                THINK,
                Region(open="<minimax:tool_call>", close=("</minimax:tool_call>",), spelling="invoke"),
            ),
            drop=("[e~[", *ENDS),
        ),
        Format(
            name="glm",
            regions=(THINK, Region(open="<tool_call>", close=("</tool_call>",), spelling="pairs")),
            drop=("<|user|>", "<|observation|>", "<|assistant|>", *ENDS),
        ),
        Format(
            name="qwen-coder",
            regions=(THINK, Region(open="<tool_call>", close=("</tool_call>",), spelling="function")),
            drop=ENDS,
        ),
        Format(
            name="hermes",
            regions=(THINK, Region(open="<tool_call>", close=("</tool_call>",))),
            drop=ENDS,
        ),
        Format(
            name="mistral",
            regions=(
                Region(open="[THINK]", close=("[/THINK]",), holds="thoughts"),
                Region(open="[TOOL_CALLS]", close=("[TOOL_CALLS]", "</s>"), spelling="named", mark="[ARGS]"),
            ),
            drop=("</s>",),
            call_id=9,
        ),
        Format(
            name="phi",
            regions=(Region(open="<|tool_call|>", close=("<|/tool_call|>",)), THINK),
            drop=ENDS,
        ),
        Format(
            name="granite",
            regions=(Region(open="<|tool_call|>", close=("<|end_of_text|>",)), THINK),
            drop=("<|end_of_text|>", *ENDS),
        ),
        Format(
            name="lfm",
            regions=(THINK, Region(open="<|tool_call_start|>", close=("<|tool_call_end|>",), spelling="any")),
            drop=ENDS,
        ),
        Format(
            name="seed",
            regions=(
                Region(open="<seed:think>", close=("</seed:think>",), holds="thoughts"),
                Region(open="<seed:tool_call>", close=("</seed:tool_call>",), spelling="function"),
            ),
            drop=("<seed:eos>", *ENDS),
        ),
        Format(
            name="cohere",
            regions=(
                Region(open="<|START_THINKING|>", close=("<|END_THINKING|>",), holds="thoughts"),
                Region(open="<|START_ACTION|>", close=("<|END_ACTION|>",)),
            ),
            drop=("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|END_OF_TURN_TOKEN|>", *ENDS),
        ),
        Format(
            name="olmo",
            regions=(THINK, Region(open="<function_calls>", close=("</function_calls>",), spelling="python")),
            drop=ENDS,
        ),
        Format(
            name="nemotron",
            regions=(THINK, Region(open="<TOOLCALL>", close=("</TOOLCALL>",))),
            drop=("<SPECIAL_12>", *ENDS),
        ),
        Format(
            name="llama",
            regions=(THINK, Region(open="<|python_tag|>", close=("<|eom_id|>", "<|eot_id|>"), spelling="any")),
            drop=ENDS,
            bare="any",
        ),
        Format(name=PLAIN, regions=(THINK, Region(open="<tool_call>", close=("</tool_call>",))), drop=ENDS, bare="any"),
    )
}
"""All formats by name."""

SIGNS: Sequence[tuple[str, str]] = (
    ("<|channel|>", "harmony"),
    ("<|tool_call>", "gemma"),
    ("<start_function_call>", "gemma"),
    ("<|tool_calls_section_begin|>", "kimi"),
    ("<｜tool▁calls▁begin｜>", "deepseek"),
    ("<｜DSML｜", "deepseek"),
    ("<minimax:tool_call>", "minimax"),
    ("<|tool_call_start|>", "lfm"),
    ("<seed:tool_call>", "seed"),
    ("<|START_ACTION|>", "cohere"),
    ("<function_calls>", "olmo"),
    ("<TOOLCALL>", "nemotron"),
    ("<arg_key>", "glm"),
    ("<function=", "qwen-coder"),
    ("<tool_call>", "hermes"),
    ("[TOOL_CALLS]", "mistral"),
    ("<|/tool_call|>", "phi"),
    ("<|tool_call|>", "granite"),
    ("<|python_tag|>", "llama"),
    ("<|eom_id|>", "llama"),
    ('"parameters":', "llama"),
)
"""What in a chat template gives a family away; the first one that is there counts."""


def choose(files: ModelFiles, told: JSON = None) -> str:
    """Return the name of the format that a model writes in.

    Args:
        files: the model.
        told: the format that the user names.

    Raises:
        UnsupportedContent: there is none of that name.
    """
    if isinstance(told, str) and told in FORMATS:
        return told
    if told is not None:
        raise UnsupportedContent(f"there is no format {told!r}: write one of {', '.join(FORMATS)}")
    templates = "\n".join(files.templates.values())
    return next((name for sign, name in SIGNS if sign in templates), PLAIN)


def row(name: JSON) -> Format:
    """Return a format by its name; one that this version does not know is plain text."""
    return FORMATS[name] if isinstance(name, str) and name in FORMATS else FORMATS[PLAIN]


def blind(template: str) -> bool:
    """Tell whether a template takes no notice of tools."""
    return "tools" not in template and "functions" not in template and "available_tools" not in template


def told(messages: list[JSONObject], tools: Sequence[JSON]) -> list[JSONObject]:
    """Return messages whose instructions describe the tools, for models whose template does not."""
    lines = "\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools)
    words = (
        f"You may call these functions:\n<tools>\n{lines}\n</tools>\n"
        'To call one, answer with <tool_call>\n{"name": …, "arguments": {…}}\n</tool_call> and nothing else.'
    )
    match messages:
        case [{"role": "system", "content": str(given), **more}, *others]:
            return [{**more, "role": "system", "content": f"{given}\n\n{words}"}, *others]
        case _:
            return [{"role": "system", "content": words}, *messages]
