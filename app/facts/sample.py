"""Samples (样例) are complete requests whose days are told as offsets, so that a sample never goes stale."""

import re
from datetime import date, timedelta
from typing import Any

_OFFSET = re.compile(r"today(?:([+-][0-9]{1,5}))?")


def at_day(value: Any, today: date) -> Any:
    """The value with each string `today`, `today-3` or `today+3` in it replaced by that day, at every depth."""
    if isinstance(value, dict):
        return {name: at_day(element, today) for name, element in value.items()}
    if isinstance(value, list):
        return [at_day(element, today) for element in value]
    if isinstance(value, str) and (offset := _OFFSET.fullmatch(value)):
        return (today + timedelta(days=int(offset[1] or 0))).isoformat()
    return value
