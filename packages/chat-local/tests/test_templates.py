"""Chat templates are run in a sandbox, in transformers' dialect, within bounds."""

from __future__ import annotations

import json
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from chat_core.errors import ConfigurationError
from chat_local import bounds
from chat_local.templates import render

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("renders.json").read_text(encoding="utf-8"))
"""Templates in the styles of many families, written for this, with what transformers makes of them; null = an error."""

MESSAGES: dict[str, Any] = {"messages": [{"role": "user", "content": "héllo <b>"}]}


def outcome(template: str, values: dict[str, Any]) -> str | None:
    try:
        return render(template, values)
    except ConfigurationError:
        return None


@pytest.mark.parametrize("name", GOLDEN["templates"])
def test_a_template_renders_as_in_transformers(name: str) -> None:
    found = {
        f"{name}/{number}/{way}": outcome(GOLDEN["templates"][name], {"messages": messages, **values})
        for number, messages in enumerate(GOLDEN["conversations"])
        for way, values in enumerate(GOLDEN["values"])
    }
    assert found == {key: GOLDEN["renders"][key] for key in found}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% for m in messages %}{{ m.role }}: {{ m['content'] }}\n{% endfor %}", "user: héllo <b>\n"),
        ("{{ messages[0]|tojson }}", '{"role": "user", "content": "héllo <b>"}'),
        ("{{ messages[0].content|tojson(ensure_ascii=True) }}", '"h\\u00e9llo <b>"'),
        ("{{ {'b': 1, 'a': [1, 2]}|tojson(indent=1) }}", '{\n "b": 1,\n "a": [\n  1,\n  2\n ]\n}'),
        ("{{ {'b': 1, 'a': 2}|tojson(separators=(',', ':'), sort_keys=True) }}", '{"a":2,"b":1}'),
        ("{% for x in [1, 2, 3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "13"),
        ("{% generation %}answer{% endgeneration %}", "answer"),
        ("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "1"),
        ("  {% if true %}\n  a\n  {% endif %}\n", "  a\n"),
        ("{{ strftime_now('%Y')|length }}", "4"),
        ("{% macro f(x) %}[{{ x }}]{% endmacro %}{{ f(1700000000) }}", "[1700000000]"),
        ("{{ '%d' % 1700000000 }} {{ '{:,}'.format(1700000000) }}", "1700000000 1,700,000,000"),
        ("{{ [1700000000, 2]|join(', ') }}{{ missing|default('x') }}", "1700000000, 2x"),
        ("{{ messages|map(attribute='role')|list }}", "['user']"),
    ],
)
def test_the_dialect_is_that_of_transformers(template: str, text: str) -> None:
    assert render(template, MESSAGES) == text


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ raise_exception.__globals__.x }}",
        "{{ ''|attr('__class__')|attr('__mro__') }}",
        "{{ '{0.__class__}'.format(1).x }}",
        "{{ messages|map(attribute='__class__')|map(attribute='x')|join }}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update({}) }}",
        "{% include 'x' %}",
        "{% import 'os' as os %}",
    ],
)
def test_what_would_reach_the_process_gives_an_error_or_nothing(template: str) -> None:
    try:
        text = render(template, MESSAGES)
    except ConfigurationError as error:
        assert "chat template" in error.message  # noqa: PT017 - an empty text is right as well
    else:
        assert text.strip() == ""


DOUBLED = "{% set ns = namespace(x='aaaa') %}{% for i in range(60) %}{% set ns.x = "


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 10**9 }}",
        DOUBLED + "ns.x ~ ns.x %}{% endfor %}",
        DOUBLED + "ns.x + ns.x %}{% endfor %}",
        DOUBLED + "[ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        DOUBLED.replace("{% set ns.x = ", "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}"),
        "{% macro m(y) %}{{ y }}{{ y }}{% endmacro %}" + DOUBLED + "m(ns.x) %}{% endfor %}",
        "{% set ns = namespace(x=9) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
        "{{ 2**99999999 }}",
        "{{ 'a'.ljust(10**9) }}",
        "{{ 'a'|center(10**9) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (10**9, 1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:{w}}'.format(1, w=10**9) }}",
        "{{ '%(a)s'*100000 % {'a': 'x'*1000000} }}",
        "{{ ('{a}'*100000).format(a='x'*1000000) }}",
        "{{ 'a'|replace('a', 'b'*9000)|replace('b', 'c'*9000) }}",
        "{{ range(99999)|map('center', 99999)|join }}",
        "{{ range(99999)|map('string')|join('a'*16000000) }}",
        "{{ ('a'*16000000).join(range(99999)|map('string')) }}",
        "{{ ['a'*16000000]*100000 }}",
        "{{ (['a'*16000000]*100000)|tojson }}",
        "{{ ([['a']]*100000)|sum(start=[]) }}",
        "{{ (5).to_bytes(10**9) }}",
        "{{ ('\t'*1000000).expandtabs(99999) }}",
        "{{ 1.5|round(10**8, 'ceil') }}",
        "{{ strftime_now('%9999Y'*100000) }}",
        "{% for i in range(99999) %}{{ 'x'*1000 }}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "x" * (2 * 1024 * 1024),
    ],
)
def test_what_would_take_too_much_is_ended_early(template: str) -> None:
    began = thread_time()
    with pytest.raises(ConfigurationError, match="chat template"):
        render(template, MESSAGES)
    assert thread_time() - began < 5


def test_a_loop_without_end_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.2)
    with pytest.raises(ConfigurationError, match="runs for more than"):
        render("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", {})


def test_a_template_that_refuses_says_why() -> None:
    with pytest.raises(ConfigurationError, match="refuses this conversation: roles must alternate"):
        render("{{ raise_exception('roles must alternate') }}", {})
