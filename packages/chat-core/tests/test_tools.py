"""Tools are declarations: schemas travel whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.messages import Message, system
from chat_core.parts import Opaque
from chat_core.tools import NativeTool, Tool, ToolChoice, label_of, names_in, names_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def test_a_schema_is_kept_as_it_is() -> None:
    schema: JSONObject = {"$defs": {"A": {"enum": [1]}}, "properties": {"a": {"$ref": "#/$defs/A"}}}
    assert Tool(name="f", parameters=dict(schema)).parameters == schema
    assert Tool(name="f").parameters is None
    assert Tool(name="f", parameters={}) != Tool(name="f")


def test_native_tools_are_equal_by_content_and_hashable() -> None:
    one, other = NativeTool(provider="p", data={"type": "search"}), NativeTool(provider="p", data={"type": "search"})
    assert one == other
    assert hash(one) == hash(other)


def test_a_native_tool_without_a_name_is_called_by_its_type() -> None:
    bash = NativeTool(provider="claude", data={"type": "bash_20250124", "name": "bash"})
    inner = NativeTool(provider="completions", data={"type": "function", "function": {"name": "f"}})
    shell = NativeTool(provider="responses", data={"type": "shell"})
    nothing = NativeTool(provider="p", data={"name": 1, "type": 1})
    assert names_of([Tool(name="t"), bash, inner, shell, nothing]) == {"t", "bash", "f", "shell"}


def test_a_native_tool_may_say_what_its_calls_name() -> None:
    preview = NativeTool(provider="responses", data={"type": "computer_use_preview"}, name="computer")
    assert names_of([preview]) == {"computer"}


def test_the_program_may_declare_tools_among_the_messages() -> None:
    data: JSONObject = {"type": "additional_tools", "tools": [{"type": "function", "name": "f"}, {"type": "shell"}, 1]}
    block = Opaque(origin="o", kind="additional_tools", data=data)
    odd = Opaque(origin="o", kind="odd", data={"tools": "none"})
    told = [Message(role="system", parts=(block, odd)), system("Be brief.")]
    assert names_in(told) == {"f", "shell"}
    assert names_in([Message(role="assistant", parts=(block,))]) == frozenset()


def test_the_model_chooses_unless_said_otherwise() -> None:
    assert ToolChoice() == ToolChoice(mode="auto", names=())


def test_a_native_tool_shows_its_name_and_no_token_of_its_declaration() -> None:
    server = NativeTool(provider="responses", data={"type": "mcp", "authorization": "tok-1", "headers": {"k": "tok-1"}})
    assert (repr(server), label_of(server)) == ("NativeTool(provider='responses', mcp)", "mcp")
    assert label_of(NativeTool(provider="gemini", data={"googleSearch": {}, "x": "tok-1"})) == "googleSearch, x"
    assert label_of(NativeTool(provider="p", data={"type": "t"}, name="n")) == "n"
