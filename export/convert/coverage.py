"""Do the calibration pictures show the network all that the test pictures do? Ranges of every float activation."""

from __future__ import annotations

import math
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.util.quiet import quiet

PICTURES = 60  # of the test set, evenly spread: every activation of every picture is looked at, and that takes its time
WARN_SHARE = 0.001  # of a tensor's values on the test pictures beyond the calibrated range
WARN_CHANCE = 0.01  # that chance alone takes so many test pictures out of the range of any tensor
WORST = 8  # tensors that are named


@dataclass(frozen=True)
class TensorCoverage:
    """One activation.

    Attributes:
        tensor: its name in the float32 file.
        calibrated: least and largest value on the calibration pictures.
        tested: the same on the test pictures.
        outside: share of its values on the test pictures beyond the calibrated range, 0..1.
        pictures: so many test pictures have a value beyond one and the same end of that range.
    """

    tensor: str
    calibrated: tuple[float, float]
    tested: tuple[float, float]
    outside: float
    pictures: int


@dataclass(frozen=True)
class Coverage:
    """All activations.

    Attributes:
        tensors: how many were looked at.
        outside: share of all values on the test pictures beyond the calibrated range, 0..1.
        worst: those with most outside, at most `WORST`, the worst first; none without any outside.
        calibration_pictures, test_pictures: how many of each were looked at.
    """

    tensors: int
    outside: float
    worst: tuple[TensorCoverage, ...]
    calibration_pictures: int
    test_pictures: int

    @property
    def warning(self) -> str | None:
        """One line where an activation is not covered; None where all are.

        A few test pictures leave any range by chance: a tensor is named where more do than this would bring about in any
        of all the tensors (Bonferroni), and only where the share of its values is worth a word.
        """
        missed = [
            tensor
            for tensor in self.worst
            if tensor.outside > WARN_SHARE and self._chance(tensor.pictures) * self.tensors < WARN_CHANCE
        ]
        if not missed:
            return None
        first = missed[0]
        return (
            f"calibration does not cover the test pictures: {first.outside:.2%} of the values of {first.tensor} lie beyond "
            f"{first.calibrated[0]:.4g} to {first.calibrated[1]:.4g} (they reach {first.tested[0]:.4g} to "
            f"{first.tested[1]:.4g}) and are clipped; calibrate with more, or more varied, pictures"
        )

    def _chance(self, pictures: int) -> float:
        """That so many test pictures leave a range, at either end, though they are of the calibration pictures' kind.

        Exact for one end, where all orders of the n + m largest values are equally likely: the k largest are all of
        the m test pictures with a chance of m/(n+m) · (m−1)/(n+m−1) · … (k factors).
        """
        n, m = self.calibration_pictures, self.test_pictures
        return min(1.0, 2 * math.prod((m - i) / (n + m - i) for i in range(pictures)))

    def to_json(self) -> dict[str, Any]:
        """Plain values for export.json."""
        return {**asdict(self), "warning": self.warning}


def measure_coverage(
    float32: bytes, calibration: Images, test: Images, contract: Contract, pictures: int = PICTURES
) -> Coverage:
    """Run a float32 model over both sets and compare the ranges of its activations.

    An int8 tensor has the range that its values had on the calibration pictures; what lies beyond is clipped.

    Args:
        float32: the flatbuffer.
        calibration, test: (n, height, width, 3) uint8 RGB, each at least one picture.
        contract: scales them.
        pictures: of the test set at most, evenly spread over it; of the calibration set all, as in the conversion.
    """
    others = _spread(test, pictures)
    look = _Activations(float32, contract)
    lows, highs = look.ranges(calibration)
    outside, sizes = np.zeros(len(lows)), np.zeros(len(lows))
    below, above = np.zeros(len(lows), np.int64), np.zeros(len(lows), np.int64)
    tested_low, tested_high = np.full(len(lows), np.inf), np.full(len(lows), -np.inf)
    for picture in others:
        for i, values in enumerate(look.of(picture)):
            sizes[i] += values.size
            low, high = float(values.min()), float(values.max())
            if low < lows[i] or high > highs[i]:
                below[i] += low < lows[i]
                above[i] += high > highs[i]
                outside[i] += np.count_nonzero((values < lows[i]) | (values > highs[i]))
            tested_low[i], tested_high[i] = min(tested_low[i], low), max(tested_high[i], high)
    shares = outside / np.maximum(sizes, 1)
    order = np.argsort(-shares, kind="stable")[:WORST]
    worst = tuple(
        TensorCoverage(
            look.names[i],
            (float(lows[i]), float(highs[i])),
            (float(tested_low[i]), float(tested_high[i])),
            float(shares[i]),
            int(max(below[i], above[i])),
        )
        for i in order.tolist()
        if shares[i] > 0
    )
    return Coverage(len(lows), float(outside.sum() / max(sizes.sum(), 1)), worst, len(calibration), len(others))


class _Activations:
    """An interpreter that keeps every tensor, and which of them are activations: those that a picture changes."""

    def __init__(self, content: bytes, contract: Contract) -> None:
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the memory that this takes
            self._interpreter = find_runtime().interpreter(
                model_content=content, experimental_preserve_all_tensors=True, num_threads=2
            )
            self._interpreter.allocate_tensors()
        self._contract = contract
        self._input = self._interpreter.get_input_details()[0]["index"]
        details = [tensor for tensor in self._interpreter.get_tensor_details() if tensor["dtype"] == np.float32]
        black = np.zeros((contract.height, contract.width, 3), np.uint8)
        self._run(black)
        before = {tensor["index"]: self._read(tensor["index"]) for tensor in details}
        self._run(np.random.default_rng(0).integers(0, 256, black.shape, dtype=np.uint8))
        kept = [tensor for tensor in details if self._changed(tensor["index"], before[tensor["index"]])]
        self._indices: list[int] = [tensor["index"] for tensor in kept]
        self.names = tuple(_short(tensor["name"]) for tensor in kept)

    def of(self, picture: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.float32]]:
        """All activations of one picture."""
        self._run(picture)
        return [self._interpreter.get_tensor(index) for index in self._indices]

    def ranges(self, pictures: Images) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Least and largest value of each activation over all pictures: (tensors,) float64 both."""
        lows, highs = np.full(len(self.names), np.inf), np.full(len(self.names), -np.inf)
        for picture in pictures:
            found = self.of(picture)
            lows = np.minimum(lows, [values.min() for values in found])
            highs = np.maximum(highs, [values.max() for values in found])
        return lows, highs

    def _run(self, picture: npt.NDArray[np.uint8]) -> None:
        self._interpreter.set_tensor(self._input, scale_pictures(picture[np.newaxis], self._contract))
        self._interpreter.invoke()

    def _read(self, index: int) -> npt.NDArray[np.float32] | None:
        try:
            values: npt.NDArray[np.float32] = self._interpreter.get_tensor(index)
        except ValueError:  # scratch space of an op, which holds nothing between runs
            return None
        return values if values.size else None

    def _changed(self, index: int, before: npt.NDArray[np.float32] | None) -> bool:
        after = None if before is None else self._read(index)
        return before is not None and after is not None and not np.array_equal(before, after)


def _spread(images: Images, pictures: int) -> Images:
    """At most so many, evenly spread."""
    chosen: Images = images[np.unique(np.linspace(0, len(images) - 1, min(pictures, len(images))).astype(np.int64))]
    return chosen


def _short(name: str) -> str:
    """The converter joins the names of all ops it fused into one tensor: the last one is where it ends."""
    return name.split(";")[0] or name
