"""Samples (样例) are complete requests whose days are told as offsets, so that a sample never goes stale.

`today`, `today-3`, `today+3`; and a moment of such a day, `today+1T10:00:00+08:00`.
"""

import re
from datetime import date, timedelta
from typing import Any

_OFFSET = re.compile(r"today(?:([+-][0-9]{1,5}))?(T[0-9:]{8}(?:Z|[+-][0-9:]{5}))?")


def at_day(value: Any, today: date) -> Any:
    """The value with each such string in it replaced by its day or moment, at every depth."""
    if isinstance(value, dict):
        return {name: at_day(element, today) for name, element in value.items()}
    if isinstance(value, list):
        return [at_day(element, today) for element in value]
    if isinstance(value, str) and (offset := _OFFSET.fullmatch(value)):
        return (today + timedelta(days=int(offset[1] or 0))).isoformat() + (offset[2] or "")
    return value
