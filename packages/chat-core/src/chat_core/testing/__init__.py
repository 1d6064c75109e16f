"""The public conformance kit: what every provider has to keep, as tests that a provider package inherits.

    class TestContract(ProviderContract):
        spec = "claude"
        fixtures = Path(__file__).with_name("fixtures")

Law: the laws are the kit's, never a fixture's. What a wire cannot spell is declared as a skip; a skip shows, and one
that is not needed is a failure. pytest and hypothesis are needed here only: `chat-core[testing]`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.testing.contract import ProviderContract as ProviderContract
    from chat_core.testing.fixtures import Case as Case
    from chat_core.testing.live import LiveContract as LiveContract
    from chat_core.testing.loopback import Answer as Answer
    from chat_core.testing.loopback import Loopback as Loopback
    from chat_core.testing.loopback import Redirected as Redirected
    from chat_core.testing.scenarios import SCENARIOS as SCENARIOS
    from chat_core.testing.told import LiveCase as LiveCase

_HOME = {
    "Answer": "loopback",
    "Case": "fixtures",
    "LiveCase": "told",
    "LiveContract": "live",
    "Loopback": "loopback",
    "ProviderContract": "contract",
    "Redirected": "loopback",
    "SCENARIOS": "scenarios",
}

__all__ = list(_HOME)  # pyright: ignore[reportUnsupportedDunderAll] - made from the table, so that no name is missing


def __getattr__(name: str) -> object:
    """Load a public name's module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
