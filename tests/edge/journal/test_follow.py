"""What a watch tells of a journal, look by look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.follow import Change, JournalFollower, Limits
from signs_edge.edge.journal.state import JournalState
from signs_edge.edge.metrics.intervals import Interval


def state(**known: Any) -> JournalState:
    nothing: dict[str, Any] = {
        "verdicts": (), "recent": None, "accuracy": None, "celsius": None, "newest": (1, 1), "last_frame": None,
        "written": True, "ended": False,
    }  # fmt: skip
    return JournalState(**{**nothing, **known})


def whys(changes: list[Change]) -> list[str]:
    return [("over " if change.over else "") + change.why for change in changes]


def wait_for(device: Any, holds: Callable[[JournalState], bool]) -> None:
    """Until the journal's thread has committed."""
    wait_until(lambda: holds(JournalState.read(device.path)))


def test_limits_are_crossed_only_where_it_is_sure() -> None:
    limits = Limits(floor=0.99, accuracy=0.9, celsius=80, silence_s=60)

    assert limits.crossed(state(), 0) == {}
    assert limits.crossed(state(recent=Interval(0.9, 0.995), accuracy=Interval(0.5, 0.95), celsius=75.0), 59) == {}
    assert list(limits.crossed(state(recent=Interval(0.9, 0.98)), 0)) == ["agreement"]
    assert list(limits.crossed(state(accuracy=Interval(0.5, 0.89)), 0)) == ["accuracy"]
    found = limits.crossed(state(recent=Interval(0.9, 0.98), accuracy=Interval(0.5, 0.8), celsius=80.0), 61)
    assert list(found) == ["agreement", "accuracy", "celsius", "silent"]
    assert found["agreement"] == "agreement of int8 and float lately is surely below 0.99 (90.0% to 98.0%)"
    assert found["silent"] == "no frame was counted for 61 s"
    assert Limits().crossed(state(recent=Interval(0, 0.1), celsius=99.0), 599) == {}


@pytest.mark.parametrize("wrong", [{"floor": 0.0}, {"floor": 99.0}, {"accuracy": float("nan")}, {"silence_s": 0.0}])
def test_other_limits_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="is not allowed: give"):
        Limits(**wrong)


def test_verdicts_are_told_once_each_and_none_is_missed(device: Any, drift_report: Callable[..., Any]) -> None:
    journal = device.begin()
    device.minute()
    journal.record_verdict(drift_report("unknown").verdict)
    wait_for(device, lambda state: bool(state.verdicts))
    watch = JournalFollower(device.path, Limits())
    assert whys(watch.look(0)) == ["unknown"]
    assert watch.look(1) == []

    for status, fault in (("drift", "input"), ("drift", "both"), ("ok", None), ("drift", "device")):
        journal.record_verdict(drift_report(status, fault).verdict)
    wait_for(device, lambda state: state.verdicts[-1].fault == "device")
    changes = watch.look(2)

    assert [(change.why, change.previous, change.fault) for change in changes] == [
        ("drift", "unknown", "input"), ("drift", "drift", "both"), ("ok", "drift", ""), ("drift", "ok", "device"),
    ]  # fmt: skip
    assert changes[0].text.startswith("drift: input drift")
    journal = device.begin()  # a new run says again what the last one said
    journal.record_verdict(drift_report("drift", "device").verdict)
    device.close()
    assert "drift" not in whys(watch.look(3))


def test_a_limit_is_told_when_it_is_crossed_and_when_that_is_over(
    device: Any, drift_report: Callable[..., Any]
) -> None:
    journal = device.begin()
    watch = JournalFollower(device.path, Limits(floor=0.97, accuracy=0.9, celsius=60))
    told = []
    for recent, guess, celsius in ((0.99, 0.95, 55), (0.95, 0.95, 60), (0.95, 0.8, 60), (0.99, None, 55)):
        device.minute(drift_report(recent=recent, guess=guess))
        device.minute(drift_report(recent=recent, guess=guess), frames=1)
        journal.record_fact("celsius", celsius)
        minutes = 2 * len(told) + 1  # have ended
        wait_for(device, lambda _, minutes=minutes: len(JournalContents.read(device.path).drift) == minutes)  # type: ignore[misc]
        told.append(whys(watch.look(device.mono)))

    assert told == [[], ["agreement", "celsius"], ["accuracy"], ["over agreement", "over accuracy", "over celsius"]]


def test_silence_counts_from_the_newest_frame(device: Any) -> None:
    device.begin()
    device.minute()
    wait_for(device, lambda state: state.newest[1] == 6)
    watch = JournalFollower(device.path, Limits(silence_s=100))
    assert watch.look(1000) == []
    assert watch.look(1099) == []
    assert whys(watch.look(1100)) == ["silent"]
    device.minute()
    wait_for(device, lambda state: state.newest[1] == 6 and state.newest[0] > 2)
    assert whys(watch.look(1200)) == ["over silent"]

    late = JournalFollower(device.path, Limits(silence_s=100))  # one look alone asks the device's clock
    assert whys(late.look(1300, wall=device.wall + 200)) == ["silent"]
    assert JournalFollower(device.path, Limits(silence_s=100)).look(1300, wall=device.wall - 9999) == []


def test_a_run_that_ended_and_one_that_comes_again(device: Any) -> None:
    device.begin()
    device.minute()
    watch = JournalFollower(device.path, Limits(), gone_s=30)
    assert watch.look(0) == []
    device.close()

    assert watch.look(29) == []  # perhaps it is started again
    (change,) = watch.look(31)
    assert (change.why, change.text) == ("stopped", "no run writes in the journal; the last one ended in order")
    assert watch.look(40) == []
    device.begin()
    device.minute()
    assert whys(watch.look(41)) == ["over stopped"]


def test_one_look_at_what_ended_tells_it_at_once(device: Any) -> None:
    device.begin()
    device.minute()
    device.close()

    assert whys(JournalFollower(device.path, Limits()).look(0)) == ["stopped"]
    device.path.with_name(device.path.name + "-lock").unlink()  # a copy from elsewhere: nobody knows
    assert JournalFollower(device.path, Limits()).look(0) == []


def test_a_journal_that_goes_away_or_is_replaced(device: Any, tmp_path: Path, drift_report: Callable[..., Any]) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        JournalFollower(tmp_path / "none.db", Limits()).look(0)
    journal = device.begin()
    for _ in range(5):
        device.minute()
    journal.record_verdict(drift_report("ok").verdict)
    wait_for(device, lambda state: bool(state.verdicts))
    watch = JournalFollower(device.path, Limits(), gone_s=1000)
    assert whys(watch.look(0)) == ["ok"]

    device.close()
    device.path.rename(tmp_path / "moved.db")
    (change,) = watch.look(1)
    assert change.why == "stopped"
    assert "cannot be read" in change.text
    device.begin()
    device.minute()
    wait_for(device, lambda state: state.newest[1] > 0)
    assert whys(watch.look(2)) == ["over stopped"]
    assert device.journal is not None
    device.journal.record_verdict(drift_report("drift", "device").verdict)
    wait_for(device, lambda state: bool(state.verdicts))
    assert whys(watch.look(3)) == ["drift"]  # though its number is lower than that of the last one in the other file
