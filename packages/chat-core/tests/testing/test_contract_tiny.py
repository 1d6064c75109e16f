"""The sound provider of which `mutants` makes broken ones keeps every law."""

from __future__ import annotations

from tiny import Sound

SKIPS = {"refusal": "the tiny service refuses nothing"}


class TestContract(Sound):
    skips = SKIPS
