"""The preprocessing contract: what a picture must be before the network sees it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from signs_edge.edge.errors import ModelError

WHOLE = "whole"
"""The crop of networks that look at the whole frame."""


@dataclass(frozen=True)
class Contract:
    """How a camera frame becomes the network's input; written into every exported file and obeyed by the device.

    Attributes:
        height, width: size of the picture in pixels.
        colour: order of the channels; the network knows only RGB.
        crop: which part of a frame is used: the largest square about its centre, or, for the finder, the whole frame,
            as large as it fits, the border's pixels carried on beside it.
        interpolation: how the square is brought to size: the mean over each pixel's area.
        divisor: uint8 values 0..255 divided by this are the network's float input.
    """

    height: int = 64
    width: int = 64
    colour: str = "RGB"
    crop: str = "centre-square"
    interpolation: str = "area"
    divisor: float = 255.0

    def __post_init__(self) -> None:
        """Refuse what this version cannot do, so that no model runs on pictures prepared otherwise than it learned."""
        for known in fields(self):
            received = getattr(self, known.name)
            if known.name == "crop" and received == WHOLE:
                continue
            if known.name not in ("height", "width") and received != known.default:
                raise ModelError(
                    f"preprocessing {known.name} {received!r} is not known to this version, which has {known.default!r}: "
                    "update signs-edge on this device"
                )
        if self.height < 1 or self.width < 1:
            raise ModelError(f"picture size {self.height}×{self.width} is not allowed: at least 1×1; export again")

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Contract:
        """The contract that `to_json` wrote; ModelError where a field is missing or not known."""
        try:
            return cls(**values)
        except TypeError as error:
            raise ModelError(
                f"preprocessing contract not understood ({error}): update signs-edge or export again"
            ) from None
