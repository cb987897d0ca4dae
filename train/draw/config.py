"""What to draw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import UsageError

WHAT = ("hands", "people")
HANDS = ("mesh", "capsules")
LARGEST = 10_000_000


@dataclass(frozen=True)
class DrawConfig:
    """What to draw.

    Attributes:
        what: `hands` (one hand in a square picture) or `people` (persons in a room).
        count: how many pictures.
        seed: picture i depends on it, on i and on the other values, whatever `count` is.
        hand: `mesh` (a rigged hand that is fetched) or `capsules` (our own geometry); people have the base mesh's.
        backgrounds: a folder of pictures without people; drawn rooms only if `None`.
        side: of a hand's square picture, in pixels.
        width, height: of a picture of people.

    Raises:
        UsageError: a value is not allowed.
    """

    what: str = "hands"
    count: int = 600
    seed: int = 0
    hand: str = "mesh"
    backgrounds: Path | None = None
    side: int = 160
    width: int = 320
    height: int = 240

    def __post_init__(self) -> None:
        if self.what not in WHAT:
            raise UsageError(f"what must be {' or '.join(WHAT)}. Received: {self.what}")
        if self.hand not in HANDS:
            raise UsageError(f"hand must be {' or '.join(HANDS)}. Received: {self.hand}")
        for name, least, most in (
            ("count", 1, LARGEST),
            ("seed", 0, 2**32 - 1),
            ("side", 32, 1024),
            ("width", 64, 2048),
            ("height", 64, 2048),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"{name} must be {least} to {most}. Received: {value}")

    def to_json(self) -> dict[str, Any]:
        """What makes picture i what it is: all values but `count`, and only those that matter for `what`."""
        common = {
            "what": self.what,
            "seed": self.seed,
            "backgrounds": str(self.backgrounds) if self.backgrounds else None,
        }
        if self.what == "hands":
            return common | {"hand": self.hand, "side": self.side}
        return common | {"width": self.width, "height": self.height}
