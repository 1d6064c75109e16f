from __future__ import annotations

import pluggy

from chat_core.plugins import hooks


def test_our_mark_is_the_one_that_pluggy_makes() -> None:
    ours = hooks.hookimpl(lambda: None)
    theirs = pluggy.HookimplMarker(hooks.PROJECT)(lambda: None)
    assert vars(ours) == vars(theirs)
    spec = pluggy.HookspecMarker(hooks.PROJECT)(lambda: None)
    assert vars(hooks.chat_providers) == vars(spec)


def test_the_hooks_are_the_documented_ones() -> None:
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    assert {name for name in vars(manager.hook) if not name.startswith("_")} == {
        "chat_commands",
        "chat_observe",
        "chat_providers",
        "chat_resolve_model",
        "chat_stores",
        "chat_tools",
        "chat_transports",
    }
