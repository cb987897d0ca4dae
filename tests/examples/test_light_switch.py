"""examples/light_switch.py on a clip of drawn hands, with gpiozero's mock pins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import light_switch
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

import signs_edge


@pytest.fixture
def pins() -> Iterator[MockFactory]:
    factory = Device.pin_factory = MockFactory()
    yield factory
    factory.reset()
    Device.pin_factory = None


def test_five_fingers_switch_it_on_and_a_fist_off(clip: Path, pins: MockFactory) -> None:
    pin = pins.pin(17)

    light_switch.main(["--source", str(clip)])

    assert [state.state for state in pin.states] == [False, True, False]


def test_a_sign_in_passing_does_nothing() -> None:
    calls: list[str] = []

    class Lamp:
        def on(self) -> None:
            calls.append("on")

        def off(self) -> None:
            calls.append("off")

    switch = light_switch.Switch(Lamp())
    frame = signs_edge.Frame(0, None, "fake")
    for count in [5] * 9 + [4] + [5] * 9 + [None]:
        switch.frame(signs_edge.FrameResult(frame, None, count, None), signs_edge.RunSummary())
    assert calls == []

    for _ in range(30):
        switch.frame(signs_edge.FrameResult(frame, None, 5, None), signs_edge.RunSummary())
    assert calls == ["on"]
