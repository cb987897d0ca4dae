"""The golden vectors of a model file, replayed on this device the whole way of a frame; and what is wrong where they differ.

The diagnosis is by hypotheses: on this very device and runtime, the answers are worked out as they would be with
one single fault, and the fault that reproduces what the device did is named. No fault that does: not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images, Probabilities
from signs_edge.edge.bundle.golden import Golden
from signs_edge.edge.bundle.model_file import Origin
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.preparation_faults import FAULTS, RIGHT, PreparationFault
from signs_edge.edge.inference.preprocess import frame_to_picture

INTEGER_TOLERANCE = 0.05
"""Of an 8-bit model's probabilities between runtimes; tflite-runtime 2.14 and LiteRT were seen 0.031 apart."""
FLOAT_TOLERANCE = 0.01
"""Of a float32 model's probabilities between runtimes and processors."""
PICTURE_TOLERANCE = 0.2
"""Mean difference of the pictures, in levels of 0..255: rounding differs between processors, by 1 here and there."""
RUNTIME = "other runtime result (the same inputs give other numbers)"
UNKNOWN = "not known (no single fault explains it)"

_SAME_SCORES = 0.003  # a fault is reproduced on the same runtime, and so exactly: less than a step of 1/256
_SAME_PICTURES = 0.6  # in levels; a value may have been rounded another way


@dataclass(frozen=True)
class SelfTest:
    """How the replay went.

    Attributes:
        n: golden vectors.
        flips: how many of them got another answer (top-1) than when the file was sealed.
        score_distance: the greatest difference of a probability, 0..1; infinite where one is no number.
        picture_distance: mean difference of the pictures cut from the frames, in levels of 0..255.
        tolerance: of `score_distance`.
        causes: the faults that reproduce what the device did, best only; empty where none does or nothing is wrong.
    """

    n: int
    flips: int
    score_distance: float
    picture_distance: float
    tolerance: float
    causes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the device does what the file says."""
        return (
            self.flips == 0
            and self.score_distance <= self.tolerance
            and self.picture_distance <= PICTURE_TOLERANCE
        )  # fmt: skip

    @property
    def diagnosis(self) -> str:
        """What is wrong, for people; "nothing" where nothing is."""
        return "nothing" if self.ok else " or ".join(self.causes) or UNKNOWN

    def __str__(self) -> str:
        """For people, in one line."""
        if self.ok:
            return f"{self.n} golden vectors answered as recorded"
        return (
            f"{self.flips} of {self.n} golden vectors get another answer than recorded, probabilities are up to "
            f"{self.score_distance:.3g} off, pictures {self.picture_distance:.2g} levels: {self.diagnosis}"
        )


def self_test(classifier: TFLiteClassifier) -> SelfTest | None:
    """SelfTest the golden vectors of a classifier's file: frame, crop, resize, colours, scale, interpreter.

    Returns:
        How it went; None where the file has no golden vectors.
    """
    golden = classifier.golden
    if golden is None:
        return None
    pictures = np.stack([frame_to_picture(frame, classifier.contract) for frame in golden.frames])
    scores = predict_all(classifier, pictures)
    tolerance = FLOAT_TOLERANCE if classifier.input_dtype == np.float32 else INTEGER_TOLERANCE
    found = SelfTest(
        len(scores),
        int(np.count_nonzero(scores.argmax(axis=1) != golden.scores.argmax(axis=1))),
        _apart(scores, golden.scores),
        _levels(pictures, golden.pictures),
        tolerance,
    )
    if found.ok:
        return found
    causes = _diagnose(classifier, golden, pictures, scores, found.picture_distance > PICTURE_TOLERANCE)
    return SelfTest(found.n, found.flips, found.score_distance, found.picture_distance, tolerance, causes)


def check_self_test(classifier: TFLiteClassifier, name: str, trust: bool = False) -> str | None:
    """SelfTest before a model is used; `name` is the file's, for the message.

    Returns:
        None where all is well; a line for the user where the file is of other origin or, with `trust`, answers wrongly.

    Raises:
        ModelError: the answers are not the recorded ones, and `trust` is not given.
    """
    found = self_test(classifier)
    if classifier.origin is not Origin.SEALED:
        return f"notice: {name} is {classifier.origin.value}: nothing vouches for it"
    if found is None or found.ok:
        return None
    if trust:
        return f"warning: {name} on {classifier.runtime}: {found}"
    raise ModelError(
        f"{name} on {classifier.runtime}: {found}; mend that on this device, or run it all the same with --trust"
    )


def answers_with(classifier: TFLiteClassifier, pictures: Images, fault: PreparationFault) -> Probabilities:
    """Of (n, height, width, 3) uint8 pictures, scaled as with a fault, the interpreter's (n, classes) probabilities.

    The input is quantized here, q = clip(round(value / scale) + zero point), not by the classifier, which is on trial.
    """
    dtype = classifier.input_dtype
    scale, zero_point = classifier.network.input_quantization
    scores = []
    for picture in pictures:
        values = fault.scaled(picture, classifier.contract)
        if dtype != np.float32:
            limits = np.iinfo(dtype)
            values = np.clip(np.round(values / scale) + zero_point, limits.min, limits.max)
        scores.append(classifier.network.answer_to(values[np.newaxis].astype(dtype)))
    return np.stack(scores)


def _diagnose(
    classifier: TFLiteClassifier, golden: Golden, pictures: Images, scores: Probabilities, in_pictures: bool
) -> tuple[str, ...]:
    """The faults that reproduce what was seen; of several, those that do it best."""
    behind = _apart(answers_with(classifier, pictures if in_pictures else golden.pictures, RIGHT), scores)
    if not in_pictures and behind <= _SAME_SCORES:
        return (RUNTIME,)  # pictures and inputs are as they should be
    if in_pictures and behind > _SAME_SCORES:
        return ()  # something is wrong behind the pictures too
    matches: list[tuple[float, str]] = []
    for fault in FAULTS:
        if fault.before_picture and not in_pictures:
            continue
        shown = np.stack([fault.picture(frame, classifier.contract) for frame in golden.frames])
        if in_pictures:
            candidates = _as_pictures(shown, fault, classifier.contract.divisor)
            distance, limit = (
                min((_levels(candidate, pictures) for candidate in candidates), default=float("inf")),
                _SAME_PICTURES,
            )
        else:
            distance, limit = _apart(answers_with(classifier, shown, fault), scores), _SAME_SCORES
        if distance <= limit:
            matches.append((distance, fault.name))
    best = min((distance for distance, _ in matches), default=0.0)
    return tuple(name for distance, name in matches if distance == best)


def _as_pictures(shown: Images, fault: PreparationFault, divisor: float) -> list[Images]:
    """How a fault shows in the pictures: a division too many leaves 0 and, as it is rounded, 1; one too few, nothing."""
    if fault.divisions < 2:
        return [shown] if fault.divisions == 1 else []
    return [(shown / divisor).astype(np.uint8), np.round(shown / divisor).astype(np.uint8)]


def _levels(first: Images, second: Images) -> float:
    """Mean difference in levels; infinite where the sizes differ."""
    if first.shape != second.shape:
        return float("inf")
    return float(np.abs(first.astype(np.int16) - second).mean())


def _apart(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    """The greatest difference; none between NaN and NaN, infinite between NaN and a number."""
    gap = np.abs(first - second)
    gap[np.isnan(first) & np.isnan(second)] = 0
    return float(np.nan_to_num(gap, nan=np.inf).max())
