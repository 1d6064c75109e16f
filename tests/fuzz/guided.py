"""The guided run: atheris draws by what the code covers. Optional: `pip install atheris`, which has few wheels.

    python -m tests.fuzz.guided --seconds 600 --only claude

Law: it draws through the same damage as the hunt, so what it finds is a sample, made small and printed as the hunt's.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fuzz.documents import Chance
    from tests.fuzz.targets import Target

INSTRUMENTED = [
    *("chat_core.codec", "chat_core.jsonvalue", "chat_claude", "chat_completions", "chat_gemini", "chat_huggingface"),
    *("chat_local", "chat_ollama", "chat_openai", "chat_responses"),
]
"""What coverage is measured of."""


def main() -> int:
    """Hunt by coverage for some time."""
    parser = argparse.ArgumentParser(prog="guided", description=main.__doc__)
    parser.add_argument("--seconds", type=int, default=300, help="how long to hunt (default 300)")
    parser.add_argument("--only", default="", help="only targets whose name holds this text")
    asked = parser.parse_args()
    try:
        atheris: Any = import_module("atheris")
    except ImportError:
        sys.stderr.write("the guided run needs atheris: pip install atheris\n")
        return 2
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz import seeds  # noqa: PLC0415 - what is imported here is instrumented
        from tests.fuzz.hunting import Hunt  # noqa: PLC0415 - as above

        targets: tuple[Target, ...] = tuple(target for target in seeds.in_repository() if asked.only in target.name)
    hunt = Hunt(targets)

    def one(data: bytes) -> None:
        """Try what the bytes draw; a find is printed at once, and the run goes on."""
        provider = atheris.FuzzedDataProvider(data)
        known = len(hunt.finds)
        hunt.once(targets[provider.ConsumeIntInRange(0, len(targets) - 1)], _chance(provider))  # pyright: ignore[reportUnknownArgumentType] - bound in a `with` of what has no types
        if len(hunt.finds) > known:
            print(list(hunt.lines())[-1], flush=True)

    atheris.Setup([sys.argv[0], f"-max_total_time={asked.seconds}", "-max_len=4096"], one)
    atheris.Fuzz()
    return int(bool(hunt.finds))


def _chance(provider: Any) -> Chance:  # noqa: ANN401 - atheris has no types
    return lambda below: provider.ConsumeIntInRange(0, below - 1)


if __name__ == "__main__":
    sys.exit(main())
