"""Trust: the certificates that a server's is checked against when the user has no wish.

Law: the choice is that of httpx, made without loading it: `SSL_CERT_FILE`, else `SSL_CERT_DIR`, else certifi's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


def usual(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return settings that trust what is trusted usually.

    Raises:
        OSError: a file that the environment names cannot be read.
    """
    import ssl  # noqa: PLC0415 - plain HTTP does without

    if file := environ.get("SSL_CERT_FILE"):
        return ssl.create_default_context(cafile=file)
    if folder := environ.get("SSL_CERT_DIR"):
        return ssl.create_default_context(capath=folder)
    import certifi  # noqa: PLC0415 - as above

    return ssl.create_default_context(cafile=certifi.where())
