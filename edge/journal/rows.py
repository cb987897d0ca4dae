"""Typed rows of a journal: one frozen class and one parser for each table.

SQLite rows and the JSON in their columns become objects here and nowhere else; `to_json` gives the columns back, under
the names that they have in the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, NamedTuple

from signs_edge.edge.drift.verdict import Moved
from signs_edge.edge.journal.validation import is_json, parsed


class ClassAgreement(NamedTuple):
    """Frames with one int8 answer: those on which the float twin said the same, and those that it saw."""

    same: int
    looks: int


@dataclass(frozen=True)
class RunFacts:
    """Settings and software of a run, as far as the journal holds them; None: not written.

    Attributes:
        camera, version, runtime: the source, the version of signs-edge, the TFLite runtime.
        models: digest by the model's name, such as "model" and "float".
        board, machine, python: model of the board, processor architecture, Python version.
        floor: agreement below which the verdict is drift, 0..1.
        labels: names of the classes; empty: unknown.
    """

    camera: Any = None
    version: Any = None
    runtime: Any = None
    models: Mapping[str, Any] = field(default_factory=dict)
    board: Any = None
    machine: Any = None
    python: Any = None
    floor: float | None = None
    labels: tuple[Any, ...] = ()

    @classmethod
    def parse(cls, facts: Mapping[str, Any]) -> RunFacts:
        """Read the JSON of the column `facts`; what is not as expected counts as not written."""
        models, board, drift = (_mapping(facts.get(name)) for name in ("models", "board", "drift"))
        floor = drift.get("floor")
        return cls(
            camera=facts.get("camera"),
            version=facts.get("version"),
            runtime=facts.get("runtime"),
            models=models,
            board=board.get("model"),
            machine=board.get("machine"),
            python=board.get("python"),
            floor=floor if isinstance(floor, int | float) else None,
            labels=tuple(facts.get("labels") or ()),
        )


@dataclass(frozen=True)
class RunRow:
    """A run: its number, its start in seconds since 1970, what it shares with others, its facts, and its end.

    `ended` is in seconds since the start of the run; None: not written.
    """

    seq: int
    wall: float
    same: str
    facts: Mapping[str, Any]
    ended: float | None = None

    @classmethod
    def parse(cls, row: sqlite3.Row) -> RunRow:
        """Read a row of the table `runs`; ValueError where a column holds something else."""
        return cls(**_columns(cls, row))

    @property
    def known(self) -> RunFacts:
        """The facts, typed."""
        return RunFacts.parse(self.facts)

    def to_json(self) -> dict[str, Any]:
        """The columns as plain values."""
        return _plain(self)


@dataclass(frozen=True)
class MinuteRow:
    """A minute of frames, with the fields of `signs_edge.edge.journal.minute.Minute`; None: not measured."""

    seq: int
    run: int
    number: int
    wall: float
    mono: float
    seconds: float
    frames: int
    undecodable: int
    dropped: int
    unseen: Mapping[str, int]
    counts: Mapping[str, int]
    looks: int
    same: int
    classes: Mapping[str, ClassAgreement]
    confidence: float | None
    latency_p50_ms: float | None
    latency_p99_ms: float | None
    brightness: float | None

    @classmethod
    def parse(cls, row: sqlite3.Row) -> MinuteRow:
        """Read a row of the table `minutes`; ValueError where a column holds something else."""
        columns = _columns(cls, row)
        columns["classes"] = {name: ClassAgreement(*pair) for name, pair in columns["classes"].items()}
        return cls(**columns)

    def to_json(self) -> dict[str, Any]:
        """The columns as plain values."""
        return _plain(self) | {"classes": {name: list(pair) for name, pair in self.classes.items()}}


@dataclass(frozen=True)
class EventRow:
    """An event: when it was, its kind, a line for people, and plain JSON values (None: none).

    `wall` is in seconds since 1970 by the device's clock, `mono` in seconds since the start of the run.
    """

    seq: int
    run: int
    wall: float
    mono: float
    kind: str
    text: str
    value: Any = None

    @classmethod
    def parse(cls, row: sqlite3.Row) -> EventRow:
        """Read a row of the table `events`; ValueError where a column holds something else."""
        return cls(**_columns(cls, row))

    @property
    def values(self) -> Mapping[str, Any]:
        """The JSON object in `value`; empty where it is none."""
        return _mapping(self.value)

    @property
    def status(self) -> str:
        """Status of a verdict; "unknown" where it is not written."""
        return str(self.values.get("status", "unknown"))

    def to_json(self) -> dict[str, Any]:
        """The columns as plain values."""
        return _plain(self)


@dataclass(frozen=True)
class DriftRow:
    """The drift statistics at the end of a minute, with the columns that `signs_edge.edge.journal.drift_row` writes."""

    seq: int
    run: int
    status: str
    fault: str | None
    input: str
    frames: int
    frames_needed: int | None
    looks: int
    agreement: float | None
    agreement_low: float | None
    agreement_high: float | None
    recent: float | None
    recent_low: float | None
    recent_high: float | None
    evidence: Mapping[str, float]
    moved: tuple[Moved, ...]
    int8_accuracy: float | None
    int8_low: float | None
    int8_high: float | None
    float_accuracy: float | None
    float_low: float | None
    float_high: float | None
    silent: str | None
    labelled: int
    both_right: int
    int8_alone_right: int
    float_alone_right: int
    difference_low: float | None
    difference_high: float | None

    @classmethod
    def parse(cls, row: sqlite3.Row, prefix: str = "") -> DriftRow:
        """Read a row of the table `drift`, its columns named with a prefix; ValueError where one holds something else."""
        columns = _columns(cls, row, prefix)
        columns["moved"] = tuple(Moved(*one) for one in columns["moved"])
        return cls(**columns)

    def to_json(self) -> dict[str, Any]:
        """The columns as plain values."""
        return _plain(self) | {"moved": [[one.name, one.direction, one.distance] for one in self.moved]}


@dataclass(frozen=True)
class HardestRow:
    """One of a minute's hardest frames, with the fields of `signs_edge.edge.journal.minute.HardFrame`."""

    seq: int
    place: int
    frame: int
    margin: float
    scores: tuple[float | None, ...]
    twin: tuple[float | None, ...] | None

    @classmethod
    def parse(cls, row: sqlite3.Row) -> HardestRow:
        """Read a row of the table `hardest`; ValueError where a column holds something else."""
        columns = _columns(cls, row)
        twin = columns["twin"]
        return cls(**{**columns, "scores": tuple(columns["scores"]), "twin": None if twin is None else tuple(twin)})

    def to_json(self) -> dict[str, Any]:
        """The columns as plain values."""
        return _plain(self) | {"scores": list(self.scores), "twin": None if self.twin is None else list(self.twin)}


@cache
def columns_of(kind: type) -> tuple[str, ...]:
    """Names of a table's columns, in their order."""
    return tuple(one.name for one in fields(kind))


def _columns(kind: type, row: sqlite3.Row, prefix: str = "") -> dict[str, Any]:
    """The columns of a class, JSON read; one that an older version did not write is left out."""
    there = row.keys()
    values = {name: row[prefix + name] for name in columns_of(kind) if prefix + name in there}
    return {
        name: parsed(name, value) if is_json(name) and value is not None else value for name, value in values.items()
    }


def _plain(row: object) -> dict[str, Any]:
    kind: type = type(row)
    return {name: getattr(row, name) for name in columns_of(kind)}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
