"""Switch a lamp on a Raspberry Pi: five fingers on, a fist off.

    python examples/light_switch.py --pin 17

The lamp hangs on GPIO 17 (BCM), by a relay or with its resistor. A sign switches once it has been held for `HELD` frames,
so that a hand in passing does nothing. Without a Pi, GPIOZERO_PIN_FACTORY=mock in the environment gives pins of nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from typing import Protocol

import signs_edge

ON, OFF = 5, 0
HELD = 10


class Lamp(Protocol):
    """What is switched: gpiozero's LED, for one."""

    def on(self) -> None:
        """Light it."""

    def off(self) -> None:
        """Leave it dark."""


class Switch(signs_edge.Sink):
    """A sink that switches a lamp at a sign that is held."""

    def __init__(self, lamp: Lamp) -> None:
        self._lamp, self._count, self._frames = lamp, None, 0

    def frame(self, result: signs_edge.FrameResult, summary: signs_edge.RunSummary) -> None:
        """Count how long a sign has been held."""
        self._frames = self._frames + 1 if result.count == self._count else 1
        self._count = result.count
        if self._frames == HELD and self._count == ON:
            self._lamp.on()
        if self._frames == HELD and self._count == OFF:
            self._lamp.off()

    def close(self) -> None:
        """Leave the lamp dark."""
        self._lamp.off()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description="Five fingers switch a lamp on, a fist switches it off.")
    parser.add_argument("--pin", type=int, default=17, choices=range(28), metavar="PIN", help="BCM number, 0 to 27")
    parser.add_argument("--source", default="auto", help="the camera, as `signs-edge run --source` takes it")
    given = parser.parse_args(arguments)
    from gpiozero import LED

    with closing(LED(given.pin)) as lamp:
        signs_edge.run(given.source, signs_edge.load(), [Switch(lamp)])


if __name__ == "__main__":
    main()
