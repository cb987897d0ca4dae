"""The lamps of examples/gpio.py, on gpiozero's mock pins."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import gpio
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.run.result import LABELLED, FrameResult

PINS = (5, 6, 13, 19, 26)


@pytest.fixture
def pins() -> Iterator[list[Any]]:
    """Five pins of nothing."""
    factory = Device.pin_factory = MockFactory()
    yield [factory.pin(number) for number in PINS]
    factory.reset()
    Device.pin_factory = None


def line(count: int | None, state: FrameState = FrameState.OK) -> str:
    """As the runner writes it."""
    prediction = Prediction(1, "1", 0.9) if state is FrameState.OK else None
    event = None if state is FrameState.OK else state.value
    frame = Frame(0, None, "cam", captured=1.0, state=state, event=event)
    return json.dumps(FrameResult(frame, prediction, count, None).to_json()) + "\n"


def test_each_pin_follows_the_count_and_ends_dark(pins: list[Any]) -> None:
    shown = []

    def lines() -> Iterator[str]:
        for text in (line(3), line(3), line(5), line(0), line(2), line(None), line(4), line(None, FrameState.LOST)):
            yield text
            shown.append(tuple(int(pin.state) for pin in pins))

    gpio.main(["--pins", ",".join(map(str, PINS))], lines())

    assert [sum(state) for state in shown] == [3, 3, 5, 0, 2, 0, 4, 0]
    assert shown[0] == (1, 1, 1, 0, 0)
    assert not any(pin.state for pin in pins)


def test_a_repeated_count_switches_nothing(pins: list[Any]) -> None:
    pins[0].clear_states()
    gpio.main([], [line(1)] * 50)

    assert [state.state for state in pins[0].states] == [False, True, False]


def test_a_label_that_comes_later_switches_nothing(pins: list[Any]) -> None:
    shown = []
    counted = FrameResult(Frame(0, None, "cam", captured=1.0), Prediction(5, "5", 0.9), 5, 1.0)
    frame = dataclasses.replace(counted.frame, label="4", event=LABELLED)
    labelled = json.dumps(dataclasses.replace(counted, frame=frame).to_json()) + "\n"

    def lines() -> Iterator[str]:
        for text in (line(2), labelled):
            yield text
            shown.append(sum(int(pin.state) for pin in pins))

    gpio.main([], lines())

    assert shown == [2, 2]


@pytest.mark.parametrize("other", ["13 frames, 20.1 a second\n", "13\n", "[]\n", '{"frames": 13}\n'])
def test_what_is_no_line_of_ours_is_said_in_one(pins: list[Any], other: str) -> None:
    with pytest.raises(SystemExit, match=r"gpio: line 2 is no line of `signs-edge run --jsonl -`"):
        gpio.main([], [line(5), other])

    assert not any(pin.state for pin in pins)


def test_ctrl_c_ends_dark(pins: list[Any]) -> None:
    def lines() -> Iterator[str]:
        yield line(5)
        raise KeyboardInterrupt

    gpio.main([], lines())

    assert not any(pin.state for pin in pins)


@pytest.mark.parametrize("given", ["5,5", "28", "five", ""])
def test_pins_that_are_none(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        gpio.main(["--pins", given], [])

    assert "invalid pin_numbers value" in capsys.readouterr().err
