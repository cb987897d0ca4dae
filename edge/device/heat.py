"""Asks the board now and then how hot it is, so that the loop need not wait for the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable

from signs_edge.edge.device.board import Heat, read_heat

PERIOD_S = 10.0
HOT = 80.0  # degrees Celsius: where a Raspberry Pi begins to slow itself down
STEP = 5  # degrees; a change within is no news
# Source of the 80 °C: https://www.raspberrypi.com/documentation/computers/raspberry-pi.html#frequency-management-and-thermal-control


class HeatWatch:
    """A thread that reads temperature and throttling; it ends with `close`."""

    def __init__(
        self,
        record_fact: Callable[[str, object], None] = lambda _name, _value: None,
        read: Callable[[], Heat] = read_heat,
        period_s: float = PERIOD_S,
    ) -> None:
        """Start at once. `record_fact` gets degrees in steps of 5, and a list of what is wrong."""
        self._record, self._read, self._period = record_fact, read, period_s
        self._stop = threading.Event()
        self._slow = False
        self._thread = threading.Thread(target=self._watch, name="heat", daemon=True)
        self._thread.start()

    def throttled(self) -> bool:
        """Whether the device was hot or throttled when last asked; False where it tells nothing."""
        return self._slow

    def close(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            heat = self._read()
            self._slow = bool(heat.throttling) or (heat.celsius is not None and heat.celsius >= HOT)
            if heat.celsius is not None:
                self._record("celsius", STEP * round(heat.celsius / STEP))
            if heat.throttling is not None:
                self._record("throttling", list(heat.throttling))
            if self._stop.wait(self._period):
                return
