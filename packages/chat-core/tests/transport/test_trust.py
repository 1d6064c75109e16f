"""Whom a connection trusts when nobody says so."""

from __future__ import annotations

import ssl

import httpx
import pytest

from chat_core.transport.client import context


@pytest.mark.parametrize("variable", [None, "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_who_is_trusted_is_the_choice_of_httpx(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, variable: str | None
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    if variable is not None:
        folder = tmp_path_factory.mktemp("trust")
        (folder / "none.pem").write_bytes(ssl.DER_cert_to_PEM_cert(httpx_trusts()[0]).encode())
        monkeypatch.setenv(variable, str(folder / "none.pem" if variable == "SSL_CERT_FILE" else folder))
    made = context("httpx", verify=True, cert=None)
    assert made.get_ca_certs(binary_form=True) == httpx_trusts()
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


def httpx_trusts() -> list[bytes]:
    return httpx.create_ssl_context().get_ca_certs(binary_form=True)
