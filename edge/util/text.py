"""Times as people read them, and what may be shown of a text that comes from anywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def duration(seconds: float) -> str:
    """For people: "0", "40 s", "25 min", "2 h 05 min", "3 d 4 h"."""
    whole = round(seconds)
    if not whole:
        return "0"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if days:
        return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
    if hours:
        return f"{hours} h {minutes % 60:02} min" if minutes % 60 else f"{hours} h"
    return (
        f"{minutes} min" if minutes and not whole % 60 else f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
    )


def utc(wall: float, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A clock's seconds since 1970 as UTC; what lies beyond the calendar as it is."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=wall)).strftime(form)
    except (OverflowError, ValueError):
        return f"{wall:.0f} s"


def printable(text: str) -> str:
    """In one line, without what would steer a terminal: a journal may come from anywhere."""
    return "".join(char if char.isprintable() else " " for char in text)
