"""Exit codes: what a script learns from how `chat` ended.

Law: one table, shown in the documentation; the class of an error decides, never its words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.response import Response

OTHER, USAGE, SETUP, REFUSED, NETWORK, INCOMPLETE, PAUSED, INTERRUPTED, PIPE = 1, 2, 3, 4, 5, 6, 7, 130, 141

MEANINGS: Mapping[int, str] = {
    0: "answered",
    OTHER: "anything else, such as output that cannot be written",
    USAGE: "the command line, the request or an input file is wrong",
    SETUP: "the set-up is wrong: no model, no key or a refused one, an unknown provider, a broken plugin",
    REFUSED: "the service said no: limits, unknown models, invalid requests, its own failures",
    NETWORK: "the network failed or a time limit ran out",
    INCOMPLETE: "the answer is not whole, or not of the form asked: cut off, filtered, refused, malformed",
    PAUSED: "calls of tools wait for a decision: `chat resume` goes on",
    INTERRUPTED: "interrupted with Ctrl-C",
    PIPE: "the program that read the output closed it",
}

CODES: Mapping[str, int] = {
    "AlreadyResumed": USAGE,
    "AuthenticationFailed": SETUP,
    "ConfigurationError": SETUP,
    "DecisionRefused": USAGE,
    "DecodeError": INCOMPLETE,
    "GrammarError": INCOMPLETE,
    "OutputInvalid": INCOMPLETE,
    "ProviderError": REFUSED,
    "StepsExceeded": INCOMPLETE,
    "StoreMissing": USAGE,
    "StreamTruncated": INCOMPLETE,
    "TransportError": NETWORK,
    "UnansweredToolCall": USAGE,
    "UnsupportedContent": USAGE,
}
"""The code of an error by the name of its class, or of the nearest class above it that is listed."""

ENDS: Mapping[str, str] = {
    "length": "the answer was cut off at the token limit",
    "content_filter": "a filter of the service cut the answer off",
    "refusal": "the model refused to answer",
    "cancelled": "the service cancelled the answer",
    "error": "the service broke the answer off",
}
"""Finish reasons of answers that are not what was asked for, and what to say about them."""


def code_of(error: BaseException) -> int:
    """Return the exit code of an error."""
    for kind in type(error).__mro__:
        if kind.__name__ in CODES:
            return CODES[kind.__name__]
    return OTHER


LOG = "CHAT_LOG"
"""The variable that makes the library say what it does; with it, faults of the program are shown whole."""

FLAGS: Mapping[str, str] = {
    "; `partial` holds what had come": "",
    "api_key=": "--key",
    "base_url=": "--base-url",
    "with format=": "with --format",
    "max_steps=": "--max-steps",
    "takeover=True": "--takeover",
    "restart=True": "--restart",
    "skip_blank=True": "--skip-blank",
    "text_field=": "--field",
    "id_field=": "--id-field",
    "conversations()": "`chat logs list`",
    "python -m chat_core plugins": "chat plugins",
}
"""What arguments that errors name are called on the command line."""


def words_of(error: Exception | str) -> str:
    """Return what an error says, in the words of the command line."""
    text = str(error)
    for argument, flag in FLAGS.items():
        text = text.replace(argument, flag)
    return text


def unexpected(error: Exception) -> str:
    """Say that something went wrong which nobody thought of."""
    return f"{type(error).__name__}: {error} (a fault of the program or a plugin; with {LOG}=debug it says where)"


def shortfall(response: Response) -> str | None:
    """Say in what way an answer is not what was asked for; `None` when it is."""
    return None if response.finish_reason is None else ENDS.get(response.finish_reason.value)
