"""Whether int8 and float still agree: over all frames, lately, on ordinary frames, and per class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.drift.sequential.change_detector import ChangeDetector, ChangeRule
from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence
from signs_edge.edge.drift.sequential.recent_window import RecentSequence
from signs_edge.edge.errors import UsageError
from signs_edge.edge.metrics.intervals import LEVEL, Interval

Status = Literal["ok", "drift", "unknown"]


@dataclass(frozen=True)
class AgreementConfig:
    """What agreement is asked for.

    Between the two floors neither `ok` nor, where it is near the upper one, `drift` need ever be said.

    Attributes:
        floor: agreement below this is drift, 0..1.
        ok_floor: agreement surely above this is ok, 0..1, at most `floor`.
        alpha: probability, at most, that the looks ever say drift of all frames while agreement is not below the floor.
        block_alpha: the same of the blocks.
        class_alpha: the same of any class; the classes share it.
        ok_alpha: probability, at most, of ever saying ok in one window while agreement is not above `ok_floor`.
        window: blocks that are looked back on, at most; even.
    """

    floor: float = 0.99
    ok_floor: float = 0.98
    alpha: float = 0.006
    block_alpha: float = 0.001
    class_alpha: float = 0.001
    ok_alpha: float = 0.05
    window: int = 1000

    def __post_init__(self) -> None:
        """Refuse values that mean nothing; the rules check the alphas."""
        if not 0 < self.ok_floor <= self.floor < 1 or not 0 < self.ok_alpha < 1:
            raise UsageError(
                f"agreement floors not allowed: 0 < ok-floor {self.ok_floor} <= floor {self.floor} < 1, ok-alpha {self.ok_alpha}"
            )

    def rule(self, alpha: float) -> ChangeRule:
        """The detector's rule; the rates it bets on lie from the floor to always wrong as they do below 99 %."""
        limit = 1 - self.floor
        return ChangeRule(limit, alpha, tuple(limit + (1 - limit) * share for share in (0.02, 0.04, 0.09, 0.29, 0.7)))


@dataclass(frozen=True)
class Look:
    """What the twin showed of a frame.

    Attributes:
        same: whether both answers are the same, or both nothing.
        ordinary: whether the frame is like the reference and float is sure of it.
        answer: int8's class; None where it gave no answer.
        weight: of the draw, 0..1.
        plain: whether the draw is part of the simple random sample.
    """

    same: bool
    ordinary: bool
    answer: int | None
    weight: float = 1.0
    plain: bool = True


@dataclass(frozen=True)
class AgreementVerdict:
    """How far int8 and float agree on a group of frames.

    Attributes:
        status: ok, drift, or unknown: not enough seen.
        rate: estimate, 0..1, weighted so that drawn frames stand for all; None where none was drawn.
        interval: of the mean over blocks, valid at all times at `LEVEL`; None where none was drawn.
        looks: frames that the twin saw.
        frames_needed: about so many frames more until ok, if they go on as so far; 0 where it is said, None: never.
    """

    status: Status
    rate: float | None
    interval: Interval | None
    looks: int
    frames_needed: int | None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "status": self.status,
            "rate": self.rate,
            "interval": self.interval.to_json() if self.interval else None,
            "looks": self.looks,
            "frames_needed": self.frames_needed,
        }


class AgreementTest:
    """Groups of looks: 0 all, 1 the ordinary ones, then one for each class that int8 answered.

    **Drift** is found in two ways. Look by look, which is quick where disagreements are scattered; but after a
    disagreement the next `hold` frames are not counted: they may show the same hand. What is assumed: poses are
    independent, none is held longer than `hold` frames, and an agreement on a pose does not make a disagreement on it
    likelier. Then a counted look disagrees with probability 1 − floor at most, whatever has been seen, and that is all
    the detector needs. A pose that disagrees throughout counts once, one that agrees as often as it is looked at: so
    where whole poses disagree, drift is found by the means of blocks, in which both count alike.
    **Ok**, and the intervals, are of block means, for there it is agreements that a held pose would count often.
    """

    def __init__(self, config: AgreementConfig, blocks: BlockRule, classes: int) -> None:
        self.config = config
        self._blocks = blocks
        self._groups = 2 + classes
        alphas = np.repeat([config.alpha, config.class_alpha / classes], [2, classes])
        self._looks = ChangeDetector(config.rule(config.alpha), self._groups, alphas)
        self._means = ChangeDetector(config.rule(config.block_alpha), 2)  # of blocks: all, ordinary
        self._resting_until = 0
        self._empty = MeanSequence(guess=(1 - config.floor) / 2)
        self._sequences = [self._empty] * self._groups
        self._recent = RecentSequence.start(config.window, self._empty)
        self._in_block = np.zeros((self._groups, 2))  # disagreements and plain looks
        self._sums = np.zeros((self._groups, 3))  # weight of disagreements, of looks; number of looks
        self._frames = 0

    def update(self, look: Look | None) -> None:
        """Take the next frame, with what the twin showed of it if it was drawn."""
        frame = self._frames
        self._frames += 1
        if look is not None:
            self._take(frame, look)
        if self._blocks.closes(frame):
            self._close()

    def _take(self, frame: int, look: Look) -> None:
        groups = np.zeros(self._groups, bool)
        groups[0], groups[1] = True, look.ordinary
        if look.answer is not None:
            groups[2 + look.answer] = True
        wrong = 0.0 if look.same else 1.0
        self._sums[groups] += (look.weight * wrong, look.weight, 1)
        if frame >= self._resting_until:
            self._looks.update(np.array([wrong]), np.array([look.weight]), groups)
        if wrong:
            self._resting_until = frame + self._blocks.hold
        if look.plain and self._blocks.counts(frame):
            self._in_block[groups] += (wrong, 1)

    def _close(self) -> None:
        wrong, looks = self._in_block.T
        means = wrong / np.maximum(looks, 1)
        for group in np.flatnonzero(looks).tolist():
            self._sequences[group] = self._sequences[group].add(float(means[group]))
        if looks[0]:
            self._recent = self._recent.add(float(means[0]))
            self._means.update(means[:2], np.ones(1), looks[:2] > 0)
        self._in_block[:] = 0

    def forget(self) -> None:
        """Drop the evidence of disagreement, but for that on ordinary frames: the other frames were no ordinary ones."""
        self._looks.forget(kept=1)
        self._means.forget(kept=1)

    def look_from_now(self) -> None:
        """After a drift: ok is said of the blocks from here on, where that is sooner than with those of the drift.

        A sequence may be begun at any time that does not look ahead; it holds its level from there.
        """
        now, fresh = (self._units_to_ok(sequence) for sequence in (self._recent.sequence, self._empty))
        if now is None or (fresh is not None and now > fresh):
            self._recent = RecentSequence.start(self.config.window, self._empty)

    def _units_to_ok(self, sequence: MeanSequence) -> int | None:
        return sequence.units_to_below(1 - self.config.ok_floor, self.config.ok_alpha)

    def _alarm(self, group: int) -> bool:
        return bool(self._looks.alarm[group] or self._means.alarm[group : group + 1].any())

    @property
    def drift(self) -> bool:
        """Whether agreement has fallen below the floor, over all or in a class."""
        return self._alarm(0) or bool(self._looks.alarm[2:].any())

    @property
    def ordinary_drift(self) -> bool:
        """Whether it has on ordinary frames."""
        return self._alarm(1)

    @property
    def log_evidence(self) -> float:
        """ln of the evidence of the looks that agreement over all is below the floor."""
        return float(self._looks.log_evidence[0])

    @property
    def recent(self) -> MeanSequence:
        """The share of disagreements of the last blocks, over all frames."""
        return self._recent.sequence

    def verdict(self, group: int = 0) -> AgreementVerdict:
        """Of a group; ok of all frames is said of the last `window` blocks."""
        sequence = self._recent.sequence if group == 0 else self._sequences[group]
        wrong, weight, looks = self._sums[group].tolist()
        interval = self._sequences[group].interval(LEVEL)
        units = self._units_to_ok(sequence)
        each = self._frames / self._sequences[group].n if self._sequences[group].n else self._blocks.period
        status: Status = "unknown"
        if self._alarm(group):
            status = "drift"
        elif units == 0:
            status = "ok"
        return AgreementVerdict(
            status=status,
            rate=1 - wrong / weight if weight else None,
            interval=interval.of_the_rest() if interval else None,
            looks=int(looks),
            frames_needed=None if units is None or status == "drift" else round(units * each),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "frames": self._frames,
            "resting_until": self._resting_until,
            "looks": self._looks.to_json(),
            "means": self._means.to_json(),
            "sequences": [sequence.to_json() for sequence in self._sequences],
            "recent": self._recent.to_json(),
            "in_block": self._in_block.tolist(),
            "sums": self._sums.tolist(),
        }

    def resume(self, values: dict[str, Any]) -> None:
        """Go on with what `to_json` wrote; KeyError or ValueError where it is of other classes."""
        self._looks.resume(values["looks"])
        self._means.resume(values["means"])
        pairs = zip(self._sequences, values["sequences"], strict=True)
        self._sequences = [sequence.resume(state) for sequence, state in pairs]
        self._recent = self._recent.resume(values["recent"])
        self._in_block = np.array(values["in_block"], np.float64).reshape(self._groups, 2)
        self._sums = np.array(values["sums"], np.float64).reshape(self._groups, 3)
        self._frames, self._resting_until = int(values["frames"]), int(values["resting_until"])
