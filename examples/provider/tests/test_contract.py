"""The parrot keeps the laws of all providers, as far as a parrot can."""

from pathlib import Path

from chat_core.testing import ProviderContract

ONLY_TALKS = dict.fromkeys(
    ("tool_call", "call_without_arguments", "broken_arguments", "parallel_calls", "finish_tool_calls"),
    "a parrot can only talk",
)
NO_REASON = dict.fromkeys(("reasoning", "sealed_reasoning"), "a parrot does not think before it talks")
NO_MEMORY = {"cached_usage": "a parrot remembers nothing"}
SKIPS = {**ONLY_TALKS, **NO_REASON, **NO_MEMORY}


class TestContract(ProviderContract):
    spec = "parrot"
    fixtures = Path(__file__).with_name("fixtures")
    skips = SKIPS
