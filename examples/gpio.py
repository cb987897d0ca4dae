"""Light as many lamps as fingers are shown, on the pins of a Raspberry Pi.

    sudo apt install python3-gpiozero
    signs-edge run --headless --jsonl - | python3 examples/gpio.py --pins 5,6,13,19,26

The pins are numbered as GPIO numbers them (BCM), the lamp of the first finger first, each lamp with its resistor to
ground. No count, a lost camera and the end of the input switch all lamps off. Without a Pi, GPIOZERO_PIN_FACTORY=mock
in the environment makes pins of nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from typing import Protocol


class Lamps(Protocol):
    """What is switched: gpiozero's LEDBoard, for one."""

    value: Sequence[int]


def counts(lines: Iterable[str]) -> Iterable[int | None]:
    """The count of each line of `signs-edge run --jsonl -` that has one; None: no hand, or no picture."""
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            if told.get("event") == "labelled":  # of a frame that was counted before
                continue
            count = told["count"]
        except (ValueError, KeyError, AttributeError):
            raise SystemExit(f"gpio: line {number} is no line of `signs-edge run --jsonl -`; pipe that in") from None
        yield count


def lit(count: int | None, lamps: int) -> tuple[int, ...]:
    """1 for each lamp that is on: the first `count` of them."""
    return tuple(int(lamp < (count or 0)) for lamp in range(lamps))


def follow(lines: Iterable[str], board: Lamps, lamps: int) -> None:
    """Switch the lamps at each new count, until the lines end; then switch them off, whatever ended them."""
    shown: int | None = None
    try:
        for count in counts(lines):
            if count != shown:
                board.value = lit(count, lamps)
                shown = count
    finally:
        board.value = lit(None, lamps)


def pin_numbers(text: str) -> tuple[int, ...]:
    """ "5,6,13" as numbers."""
    pins = tuple(int(pin) for pin in text.split(","))
    if len(set(pins)) != len(pins) or not all(0 <= pin <= 27 for pin in pins):
        raise ValueError(text)
    return pins


def main(arguments: Sequence[str] | None = None, lines: Iterable[str] = sys.stdin) -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description="Light as many lamps as fingers are shown.")
    parser.add_argument("--pins", type=pin_numbers, default=(5, 6, 13, 19, 26), help="BCM numbers, 0 to 27, each once")
    pins: tuple[int, ...] = parser.parse_args(arguments).pins
    from gpiozero import LEDBoard

    # Ctrl-C ends both sides of the pipe.
    with closing(LEDBoard(*pins)) as board, suppress(KeyboardInterrupt):
        follow(lines, board, len(pins))


if __name__ == "__main__":
    main()
