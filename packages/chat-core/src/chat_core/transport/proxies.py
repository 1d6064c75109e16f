"""Proxies from the environment: which one a request goes through.

Law: pure: the environment is handed in. `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` mean what they mean to
curl, in either case, lower case first; `HTTP_PROXY` in upper case is ignored inside a CGI script, where a client
could set it by the header `Proxy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ipaddress
    from collections.abc import Mapping


def proxy_for(scheme: str, host: str, port: int, environ: Mapping[str, str]) -> str | None:
    """Return the URL of the proxy for an address; `None` = go there directly."""
    proxy = _first(environ, f"{scheme}_proxy") or _first(environ, "all_proxy")
    if proxy is None or _excepted(host, port, _first(environ, "no_proxy")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _first(environ: Mapping[str, str], name: str) -> str | None:
    value = environ.get(name)
    if value is None:
        value = environ.get(name.upper())
        if value and name == "http_proxy" and "REQUEST_METHOD" in environ:
            return None
    return value or None  # an empty variable switches the proxy off


def _excepted(host: str, port: int, rules: str | None) -> bool:
    if rules is None:
        return False
    return any(_matches(host.strip("[]").lower().rstrip("."), port, rule.strip().lower()) for rule in rules.split(","))


def _matches(host: str, port: int, rule: str) -> bool:
    """Match `*`, a domain with its subdomains, an address, a network, each with a port if it has one."""
    if rule in {"", "*"}:
        return rule == "*"
    if (address := _address(host)) is not None and (network := _network(rule)) is not None:
        return address in network
    name, colon, number = rule.rpartition(":")
    if colon and number.isdigit() and "]" not in number and (name.count(":") == 0 or name.endswith("]")):
        if int(number) != port:
            return False
        rule = name
    rule = rule.strip("[]").lstrip("*").lstrip(".").rstrip(".")
    return bool(rule) and (host == rule or host.endswith(f".{rule}"))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    import ipaddress  # noqa: PLC0415 - for those who except addresses

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _network(rule: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    import ipaddress  # noqa: PLC0415 - as above

    try:
        return ipaddress.ip_network(rule.strip("[]"), strict=False)
    except ValueError:
        return None
