"""`add_provider`: define a provider of this process in one call.

Law: what is wrong with a definition is an error at the call, not at the first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.plugins.definitions import DEFAULT, defined
from chat_core.plugins.registry import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "add_provider"


def add_provider(
    name: str, *, like: str = DEFAULT, base_url: str | None = None, env: Sequence[str] | None = None, **settings: object
) -> None:
    """Define a provider for this process: afterwards `Chat("NAME:model")` finds it.

    Args:
        name: what stands before the colon.
        like: the installed provider whose wire it speaks.
        base_url: its address; `None` = as the other's.
        env: environment variables that may hold its key, in order; `None` = those of the other one, but none when it
            has an address of its own. The key file is looked at first, under `name`.
        settings: what else the other provider can be told, as in the configuration file.

    Raises:
        ConfigurationError: the name is taken, or a setting is unknown or wrong.
    """
    values = {"like": like, "base_url": base_url, "env": env, **settings}
    registry().define(defined(name, values, SOURCE))
