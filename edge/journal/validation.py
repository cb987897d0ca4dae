"""What the columns of a journal may hold: the file may be damaged, or another program's, and programs that count read it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import lru_cache
from typing import Any

from signs_edge.edge.journal.database import SCHEMA

_MOST = 1e15  # no number is larger, seconds since 1970 included


def check_columns(reader: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Ask SQLite, which is quicker than a look at each row, whether all columns hold what they should.

    Raises:
        ValueError: a column is missing, or holds something else.
    """
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(SCHEMA)
        for table in tables:
            there = {row[1] for row in reader.execute(f"PRAGMA table_info({table})")}
            columns = empty.execute(f"PRAGMA table_info({table})").fetchall()
            wrong = [
                f"WHEN {_wrong(name, kind, bool(needed))} THEN '{name}'"
                for _, name, kind, needed, _, _ in columns
                if needed or name in there  # version 1 has no end of runs
            ]
            query = f"SELECT found FROM (SELECT CASE {' '.join(wrong)} END AS found FROM {table})"
            found = reader.execute(f"{query} WHERE found IS NOT NULL LIMIT 1").fetchone()
            if found is not None:
                raise ValueError(f"{found[0]} of {table} holds what it cannot")


def is_json(name: str) -> bool:
    """Whether a column holds JSON."""
    return name in _SHAPES


@lru_cache(256)
def parsed(name: str, text: str) -> Any:
    """The JSON that a column holds; ValueError where it is none, or of another shape.

    Of the same text the same value, which nobody changes: most minutes of a quiet month have nothing to tell.
    """
    value = json.loads(text)
    if not _SHAPES[name](value):
        raise ValueError(f"{name} is {text[:40]!r}")
    return value


def report_of(text: str) -> dict[str, Any]:
    """What was last known of drift, as `DriftReport.to_json` gives it; ValueError where it is something else."""
    value = json.loads(text)
    if not _fits(value, _REPORT):
        raise ValueError(f"what was last known of drift is {text[:40]!r}")
    return dict(value)


def _wrong(name: str, kind: str, needed: bool) -> str:
    """In SQL: the column holds what it cannot."""
    types = {"TEXT": "'text'", "INTEGER": "'integer'", "REAL": "'real', 'integer'"}[kind]
    wrong = f"typeof({name}) NOT IN ({types})" + (f" OR abs({name}) > {_MOST}" if kind != "TEXT" else "")
    return f"({wrong})" if needed else f"({name} IS NOT NULL AND ({wrong}))"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= _MOST  # NaN is not


def _known(value: Any) -> bool:
    return value is None or _number(value)


def _of(shape: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(shape, value.values()))


def _list(*shapes: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(shapes)
        and all(fits(one) for fits, one in zip(shapes, value, strict=True))
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


_pair = _list(_number, _number)
_move = _list(_text, _text, _number)

_SHAPES: dict[str, Callable[[Any], bool]] = {
    "unseen": _of(_number),
    "counts": _of(_number),
    "classes": _of(_pair),
    "facts": lambda value: isinstance(value, dict) and isinstance(value.get("labels", []), list),
    "evidence": _of(_number),
    "moved": lambda value: isinstance(value, list) and all(map(_move, value)),
    "scores": lambda value: isinstance(value, list) and all(map(_known, value)),
    "twin": lambda value: isinstance(value, list) and all(map(_known, value)),
    "value": lambda _value: True,
}


def _bounds(value: Any) -> bool:
    return value is None or _pair(value)


def _guess(value: Any) -> bool:
    return value is None or _fits(value, {"accuracy": _number, "interval": _pair})


def _recent(value: Any) -> bool:
    return _fits(value, {"mean": _known, "interval": _bounds}) and (value["interval"] is None or _number(value["mean"]))


def _labelled(value: Any) -> bool:
    shape = {"n": _number, "int8": _known, "float": _known, "difference": _known, "interval": _bounds}
    return _fits(value, shape) and (not value["n"] or _number(value["difference"]))


def _fits(value: Any, shape: Any) -> bool:
    """Whether an object has these keys, each with what it should hold; more may be there."""
    if not isinstance(shape, dict):
        return bool(shape(value))
    return isinstance(value, dict) and all(name in value and _fits(value[name], one) for name, one in shape.items())


_AGREEMENT = {"looks": _number, "rate": _known, "interval": _bounds, "status": _text}
_REPORT = {
    "verdict": {"agreement": _AGREEMENT},
    "recent_agreement": _recent,
    "estimated_accuracy": {"int8": _guess, "float": _guess, "silent": lambda value: value is None or _text(value)},
    "classes": _of(lambda value: _fits(value, _AGREEMENT)),
    "labelled": _labelled,
}
