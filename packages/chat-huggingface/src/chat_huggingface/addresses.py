"""How environment variables and arguments spell an address.

Law: an address with the version at its end, as clients of the chat completions wire have it, means the same without.
"""

from __future__ import annotations

_VERSION = "/v1"


def address(variable: str, value: str) -> str:  # noqa: ARG001 - the registry's signature: all variables are read alike
    """Return the address that a variable's value means."""
    return root(value)


def root(value: str) -> str:
    """Take the version off the end of an address: the paths have it."""
    return value.rstrip("/").removesuffix(_VERSION).rstrip("/")
