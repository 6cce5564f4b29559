"""Months as contracts count them (按月计算): the same day, or the month's last day where there is no such day."""

import calendar
from datetime import date


def in_month(year: int, month: int, day: int) -> date:
    """That day of the month; a day beyond its end is its last, so that 31 is 28 or 29 February."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def after_months(day: date, months: int) -> date:
    """The same day so many months later, or earlier when they are below 0; or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    return in_month(day.year + years, month + 1, day.day)
