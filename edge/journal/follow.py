"""Follows a journal and says what changed: verdicts, limits that are crossed, a run that is no more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.journal.state import JournalState

VERDICTS = ("ok", "drift", "unknown")
GONE_S = 30.0  # a service manager starts a run again within seconds


@dataclass(frozen=True)
class Limits:
    """What is worth to be told beside the verdict; None: not asked for.

    Attributes:
        floor: agreement lately surely below this, 0..1: its interval's upper bound is.
        accuracy: accuracy guessed without labels surely below this, 0..1.
        celsius: board at this temperature or above; reported in steps of 5.
        silence_s: no frame was counted for so many seconds.
    """

    floor: float | None = None
    accuracy: float | None = None
    celsius: float | None = None
    silence_s: float = 600.0

    def __post_init__(self) -> None:
        """Refuse what can never be, or always is."""
        for name, share in (("floor", self.floor), ("accuracy", self.accuracy)):
            if share is not None and not 0 < share < 1:
                raise UsageError(f"--{name} {share:g} is not allowed: give a share above 0 and below 1, such as 0.99")
        if not self.silence_s > 0:
            raise UsageError(f"--silence {self.silence_s:g} is not allowed: give seconds above 0")

    def crossed(self, state: JournalState, quiet_s: float) -> dict[str, str]:
        """Names of the limits that are crossed, each with a line for people; `quiet_s` since the last counted frame."""
        found = {}
        for name, limit, bounds, what in (
            ("agreement", self.floor, state.recent, "agreement of int8 and float lately"),
            ("accuracy", self.accuracy, state.accuracy, "int8's accuracy, guessed without labels,"),
        ):
            if limit is not None and bounds is not None and bounds.high < limit:
                found[name] = f"{what} is surely below {limit:.4g} ({bounds.percent()})"
        if self.celsius is not None and state.celsius is not None and state.celsius >= self.celsius:
            found["celsius"] = f"the board is at {state.celsius:.0f} °C"
        if quiet_s >= self.silence_s:
            found["silent"] = f"no frame was counted for {quiet_s:.0f} s"
        return found


@dataclass(frozen=True)
class Change:
    """Something that is not as it was.

    Attributes:
        why: "ok", "drift" or "unknown", the new verdict; "agreement", "accuracy", "celsius" or "silent", the limit;
            "stopped": no run writes in the journal.
        verdict, previous: the verdict now and before the last change of it; "" where there is none.
        fault: of drift, as "device", "input", "both" or "unclear"; else "".
        text: a line for people.
        over: whether it is over rather than begun; of verdicts never.
    """

    why: str
    verdict: str
    previous: str
    fault: str
    text: str
    over: bool = False


class JournalFollower:
    """Looks into one journal again and again. The first look tells what is so already."""

    def __init__(self, path: Path, limits: Limits, gone_s: float = GONE_S) -> None:
        self._path, self._limits, self._gone = path, limits, gone_s
        self._seq: int | None = None  # of the newest verdict that is known
        self._verdict, self._fault, self._previous = "", "", ""
        self._crossed: dict[str, str] = {}
        self._newest: tuple[int, int] | None = None
        self._frame_at = 0.0  # when that was first seen
        self._written_at: float | None = None  # when a run was last seen

    @property
    def verdict(self) -> str:
        """The newest; "" where there is none."""
        return self._verdict

    def look(self, now: float, wall: float | None = None) -> list[Change]:
        """What changed since the last look.

        Args:
            now: `time.monotonic()`, seconds.
            wall: `time.time()`, for a first look that is to tell by the device's clock how long there was no frame;
                None: that is counted from the first look on, whatever the clock says.

        Raises:
            DataError: the journal cannot be read at the first look; later that is a change like others.
        """
        try:
            state = JournalState.read(self._path, self._seq)
        except DataError as error:
            if self._newest is None:
                raise
            return self._limit_changes({"stopped": str(error)})
        if state.newest != self._newest:
            first = self._newest is None
            if self._newest is not None and state.newest[0] < self._newest[0]:
                self._seq = None  # another file is in its place, which counts again
            self._newest, self._frame_at = state.newest, now
            if first and wall is not None and state.written and state.last_frame is not None:
                self._frame_at = now - max(0.0, wall - state.last_frame)
        changes = self._verdict_changes(state)
        crossed = self._limits.crossed(state, now - self._frame_at)
        stopped = self._stopped(state, now)
        return changes + self._limit_changes({**crossed, **({"stopped": stopped} if stopped else {})})

    def _verdict_changes(self, state: JournalState) -> list[Change]:
        changes = []
        self._seq = self._seq or 0
        for told in state.verdicts:
            self._seq = told.seq
            if (told.status, told.fault) != (self._verdict, self._fault):  # a new run begins with saying it again
                self._previous, self._verdict, self._fault = self._verdict, told.status, told.fault
                changes.append(self._change(told.status, told.text))
        return changes

    def _limit_changes(self, crossed: dict[str, str]) -> list[Change]:
        begun = [self._change(why, text) for why, text in crossed.items() if why not in self._crossed]
        over = [self._change(why, text, True) for why, text in self._crossed.items() if why not in crossed]
        self._crossed = crossed
        return [*over, *begun]

    def _stopped(self, state: JournalState, now: float) -> str | None:
        """Why no more is to be expected; None where a run writes, will again in a moment, or nobody knows."""
        if state.written is None or state.written:
            self._written_at = now
            return None
        if self._written_at is not None and now - self._written_at < self._gone:
            return None
        how = (
            "the last one ended in order"
            if state.ended
            else "the last one wrote no end down: it died, or the power went"
        )
        return f"no run writes in the journal; {how}"

    def _change(self, why: str, text: str, over: bool = False) -> Change:
        return Change(why, self._verdict, self._previous, self._fault, text, over)
