"""What a live source is, and how it is kept alive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from signs_edge.edge.cameras.watchdog import WatchConfig
from signs_edge.edge.errors import UsageError
from signs_edge.edge.util.backoff import Backoff

Stopped = Callable[[], bool]
"""Asked between frames, and while a camera gives none, whether to end."""

Notice = Callable[[str], None]
"""Gets a line of text for people."""


@dataclass(frozen=True)
class LiveConfig:
    """How a camera is kept alive.

    Attributes:
        watch: when it is not to be believed.
        give_up: seconds without a picture, or with a frozen one, after which it is given up with an error; 0: never;
            None: never once it has given a frame, but at once where the first opening fails.
        open_timeout: seconds in which it must open, and give its first frame.
        first_wait, longest_wait: seconds before the first and before any later try to open it again.
    """

    watch: WatchConfig = field(default=WatchConfig())
    give_up: float | None = None
    open_timeout: float = 10.0
    first_wait: float = 0.25
    longest_wait: float = 1.0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.give_up is not None and not 0 <= self.give_up < float("inf"):
            raise UsageError(f"give-up {self.give_up:g} is not allowed: give seconds, or 0 for never")
        if not 0 < self.open_timeout < float("inf"):
            raise UsageError(f"open-timeout {self.open_timeout:g} is not allowed: give seconds above 0")
        Backoff(self.first_wait, self.longest_wait)


@dataclass(frozen=True)
class Camera:
    """What to open.

    Attributes:
        spec: `KIND:ADDRESS`; see `signs_edge.edge.cameras.devices.open_device.KINDS`.
        name: how it is shown, without its password.
        allowed: what to give instead, for the message where it cannot be opened.
        find: the spec for a later opening, where it may have changed; None: it stays the same.
    """

    spec: str
    name: str
    allowed: str
    find: Callable[[], str] | None = None


AS_USUAL = LiveConfig()
