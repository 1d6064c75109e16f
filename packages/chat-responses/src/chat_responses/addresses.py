"""How environment variables spell the address of a service, and what that is here.

Law: a variable that is set for a vendor's own client means the same address here; the tables say what is added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_responses.preset import Preset

ADDED: Mapping[str, str] = {"AZURE_OPENAI_ENDPOINT": "/openai/v1"}
"""What comes after a variable's value, unless it is there; other variables hold the address with its version."""

FILLED: Mapping[str, str] = {
    "AWS_DEFAULT_REGION": "https://bedrock-mantle.{}.api.aws/v1",
    "AWS_REGION": "https://bedrock-mantle.{}.api.aws/v1",
}
"""Variables that name a region, and the address that it is part of."""


def variables(preset: Preset) -> tuple[str, ...]:
    """List the variables that may hold a row's address: `NAME_BASE_URL`, then those that the row names."""
    pattern = f"{preset.name.upper().replace('-', '_')}_BASE_URL"
    return tuple(dict.fromkeys((pattern, *preset.base_url_env)))


def address(variable: str, value: str) -> str:
    """Return the address that a variable's value means."""
    if variable in FILLED:
        return FILLED[variable].format(value)
    added, found = ADDED.get(variable, ""), value.rstrip("/")
    return found if found.endswith(added) else f"{found}{added}"
