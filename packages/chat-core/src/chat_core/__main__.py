"""`python -m chat_core plugins`: what is installed, whether it works, and how to mend what does not."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.plugins.doctor import examine
from chat_core.plugins.registry import Registry
from chat_core.plugins.report import as_json, as_text

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; broken plugins are reported, and are no failure of the report."""
    parser = ArgumentParser(prog="python -m chat_core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    plugins = commands.add_parser("plugins", help="load every installed plugin and report on it")
    plugins.add_argument("--json", action="store_true", help="print JSON")
    as_wanted: bool = parser.parse_args(arguments).json
    reports = examine(Registry())
    text = dump(as_json(reports)).decode() if as_wanted else as_text(reports)
    sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
