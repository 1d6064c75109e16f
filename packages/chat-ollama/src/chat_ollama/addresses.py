"""How environment variables spell the address of an Ollama server.

Law: a variable means what Ollama's own server and clients make of it.
"""

from __future__ import annotations

from chat_core.codec.host import host_url

DEFAULT = "http://127.0.0.1:11434"
CLOUD = "ollama.com"
"""The host of Ollama's own service."""

VARIABLES = ("OLLAMA_BASE_URL", "OLLAMA_HOST")

_PORT = 11434
_ENDPOINTS = ("/v1", "/api")


def address(variable: str, value: str) -> str:
    """Return the address that a variable's value means.

    `OLLAMA_BASE_URL` is known to clients of other wires of the server: what they put behind the host is taken off.
    """
    if variable == "OLLAMA_HOST":
        return host_url(value, port=_PORT, secure={CLOUD})
    found = value.rstrip("/")
    ending = next((path for path in _ENDPOINTS if found.endswith(path)), "")
    return found.removesuffix(ending)
