"""Functions that make values of options, and the tools that Google runs."""

from __future__ import annotations

from chat_core import history
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.tools import NativeTool
from chat_gemini.options import (
    GeminiOptions,
    code_execution,
    computer_use,
    file_search,
    google_maps,
    google_search,
    native_tool,
    safety,
    url_context,
    voices,
)


def test_tools_are_entries_of_the_wire() -> None:
    assert [tool.data for tool in (code_execution(), url_context(), google_maps(), google_search())] == [
        {"codeExecution": {}},
        {"urlContext": {}},
        {"googleMaps": {}},
        {"googleSearch": {}},
    ]
    search = google_search(exclude_domains=["a.example"], start="2026-01-01T00:00:00Z", end="2026-02-01T00:00:00Z")
    assert search.data == {
        "googleSearch": {
            "timeRangeFilter": {"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-02-01T00:00:00Z"},
            "excludeDomains": ["a.example"],
        }
    }
    assert file_search(["fileSearchStores/s"], top_k=3).data == {
        "fileSearch": {"fileSearchStoreNames": ["fileSearchStores/s"], "topK": 3}
    }
    assert computer_use(excluded=["drag_and_drop"]).data == {
        "computerUse": {"environment": "ENVIRONMENT_BROWSER", "excludedPredefinedFunctions": ["drag_and_drop"]}
    }
    assert native_tool({"exaAiSearch": {}}) == NativeTool(provider="gemini", data={"exaAiSearch": {}})


def test_a_category_may_be_named_short_or_whole() -> None:
    assert safety("JAILBREAK", "OFF") == safety("HARM_CATEGORY_JAILBREAK", "OFF")


def test_a_dialogue_has_a_voice_for_each_speaker() -> None:
    assert voices({"Ada": "Kore"}) == {
        "multiSpeakerVoiceConfig": {
            "speakerVoiceConfigs": [{"speaker": "Ada", "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}]
        }
    }


def test_options_come_back_from_a_saved_history() -> None:
    own = GeminiOptions(
        response_modalities=("TEXT",), safety_settings=(safety("HARASSMENT", "OFF"),), thinking={"thinkingLevel": "LOW"}
    )
    request = Request(model="m", messages=(user("Hi"),), options=Options(native=(own,)))
    loaded = history.load(history.dump(request), Request)
    assert loaded.options.native_of(GeminiOptions) == own
