"""Times as the contract writes them: RFC 3339 in UTC."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Optional, Union

Timestamp = Union[datetime, float, int]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$")


def now() -> datetime:
    return datetime.now(timezone.utc)


def _text(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, 10**9)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{fraction:09d}".rstrip("0").rstrip(".") + "Z"


def to_nanoseconds(timestamp: Optional[Timestamp]) -> int:
    """Since 1970. Nothing is now; a datetime without zone is local time; a number counts seconds."""
    if timestamp is None:
        return time.time_ns()
    if isinstance(timestamp, datetime):
        return (timestamp.astimezone(timezone.utc) - _EPOCH) // timedelta(microseconds=1) * 1000
    if isinstance(timestamp, (int, float)) and not isinstance(timestamp, bool):
        # A double has some 200 ns at today's dates: more digits would be noise.
        return round(timestamp * 10**6) * 1000 if isinstance(timestamp, float) else timestamp * 10**9
    raise ValueError(f"timestamp must be a datetime or seconds since 1970, got {timestamp!r}")


def to_text(timestamp: Optional[Timestamp]) -> str:
    """With as many digits of the second as are not 0. ValueError: not a time, or not between the years 1 and 9999."""
    try:
        return _text(to_nanoseconds(timestamp))
    except (OverflowError, ValueError) as error:
        raise ValueError(f"timestamp: {error}") from None


def to_whole_seconds(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%S") + "Z"


def parse_nanoseconds(text: str) -> Optional[int]:
    """Since 1970; nothing for a text that is no time."""
    match = _FORM.match(text)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    zone = match.group(8)
    if zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        seconds -= offset if zone[0] == "+" else -offset
    return seconds * 10**9 + int((match.group(7) or "0").ljust(9, "0"))


def parse(text: str) -> Optional[datetime]:
    """To the microsecond; nothing for a text that is no time."""
    nanoseconds = parse_nanoseconds(text)
    return None if nanoseconds is None else _EPOCH + timedelta(microseconds=nanoseconds // 1000)
