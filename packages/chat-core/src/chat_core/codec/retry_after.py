"""How long a service asks to wait: read from its headers.

Law: no clock is read. A moment counts from the reply's own `date` header, and says nothing without one.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_EPOCH = 1_000_000_000.0
"""Numbers from here on are moments in seconds since 1970, not seconds to wait."""
_EPOCH_MILLISECONDS = 1000 * _EPOCH

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h|d))+")
_STEP = re.compile(r"([0-9.]+)(ms|s|m|h|d)")


def retry_after(headers: Mapping[str, str], *, resets: tuple[tuple[str, str], ...] = ()) -> float | None:
    """Return the seconds to wait; `None` when the service does not say.

    Args:
        headers: a reply's headers, names in lower case.
        resets: pairs of headers: what remains of a limit, and when the limit starts afresh. Asked last; the longest
            of the limits that are used up counts.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    now = _moment(headers.get("date"))
    if (seconds := wait(headers.get("retry-after"), now)) is not None:
        return seconds
    used_up = [reset for remaining, reset in resets if _number(headers.get(remaining)) == 0]
    waits = [seconds for name in used_up if (seconds := wait(headers.get(name), now)) is not None]
    return max(waits, default=None)


def wait(text: str | None, now: datetime | None) -> float | None:
    """Read a time to wait: seconds, a duration such as `6m0s`, a number of seconds since 1970, or a date."""
    if text is None:
        return None
    if (number := _number(text)) is not None:
        if number < _EPOCH:
            return number
        moment = number / 1000 if number >= _EPOCH_MILLISECONDS else number
        return None if now is None else max(0.0, moment - now.timestamp())
    if _DURATION.fullmatch(text):
        return sum(float(count) * _UNITS[unit] for count, unit in _STEP.findall(text))
    then = _moment(text)
    return None if then is None or now is None else max(0.0, (then - now).total_seconds())


def _number(text: str | None) -> float | None:
    """Return a finite number that is not negative."""
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def _moment(text: str | None) -> datetime | None:
    """Read a date as HTTP or as RFC 3339 spells it."""
    if text is None:
        return None
    from datetime import UTC, datetime  # noqa: PLC0415 - errors only: `import chat_core` stays light
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - as above

    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(text.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
