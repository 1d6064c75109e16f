from __future__ import annotations

import pytest

from chat_core.codec.capabilities import StructuredOutput
from chat_core.codec.provider import capability
from chat_core.request import OutputFormat
from chat_ollama.output import OllamaOutput
from chat_ollama.provider import Ollama


def test_ollama_says_how_it_can_be_asked() -> None:
    offered = capability(Ollama(), StructuredOutput)
    assert offered == OllamaOutput()
    assert OllamaOutput().json_mode


@pytest.mark.parametrize("form", [OutputFormat(kind="json"), OutputFormat(schema={"type": "array", "not": {}})])
def test_every_form_can_be_carried_and_no_tool_can_be_forced(form: OutputFormat) -> None:
    assert OllamaOutput().strategies_for(form) == ("native", "prompted")
