"""A converted model with all that its device needs: sealed, with golden vectors that this very model answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images, Probabilities
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.golden import Golden
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.preparation_faults import FAULTS, RIGHT
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.inference.self_test import answers_with
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.synthetic.hands import synthetic_frames

VECTORS = 8
CANDIDATES = 24  # drawn frames to choose from; each costs a dozen answers
_ZOOM, _ASPECT = 1.75, 4 / 3  # of a frame: its square over the picture's side, no whole number; width over height
_MARGIN = 0.1  # between the two most probable classes: rounding in another runtime does not turn the answer round


def seal(
    flatbuffer: bytes,
    *,
    labels: tuple[str, ...],
    contract: Contract,
    abstain_below: float | None,
    temperature: float | None,
    provenance: Mapping[str, Any],
    float_flatbuffer: bytes,
    expectation: Expectation | None = None,
) -> ModelFile:
    """The last step of an export: golden vectors by the device's own classifier, then everything under one digest.

    Args:
        flatbuffer: the converted model, float32 or quantized.
        labels: one name per output.
        contract: what a picture must be.
        abstain_below: the least confidence, 0..1, that is an answer; None where none was chosen.
        temperature: that is folded into the last layer; None where it is not known.
        provenance: plain JSON values; see `signs_edge.export.bundle.provenance`.
        float_flatbuffer: the float32 model that it was made from; the same bytes where it is that.
        expectation: what its frames and answers should be like; see `signs_edge.export.bundle.expectation`.

    Raises:
        ModelError: the runtime refuses a model, or a value is not allowed.
    """
    own = TFLiteClassifier(ModelFile.pack(flatbuffer, labels, contract))
    exact = own if float_flatbuffer == flatbuffer else TFLiteClassifier(
        ModelFile.pack(float_flatbuffer, labels, contract)
    )  # fmt: skip
    return ModelFile.pack(
        flatbuffer, labels, contract, abstain_below,
        temperature=temperature, provenance=provenance, golden=make_golden(own, exact),
        expectation=expectation,
    )  # fmt: skip


def make_golden(own: TFLiteClassifier, exact: TFLiteClassifier, n: int = VECTORS) -> Golden:
    """Drawn frames on which each single fault changes the model's answers, and sound pictures hardly can.

    Args:
        own: the model that is sealed.
        exact: its float32 twin.
        n: how many.
    """
    frames = np.stack(list(_draw(own.contract)))
    pictures = np.stack([frame_to_picture(frame, own.contract) for frame in frames])
    scores = predict_all(own, pictures)
    float_scores = scores if exact is own else predict_all(exact, pictures)
    chosen = _choose(scores, float_scores, _changes(own, frames, scores), n)
    return Golden(frames[chosen], pictures[chosen], float_scores[chosen], scores[chosen])


def _draw(contract: Contract) -> Iterator[Image]:
    """BGR frames, wider than high, each another person's hand; the counts as they come."""
    height = max(16, round(_ZOOM * max(contract.height, contract.width)))
    width = height + 2 * round((_ASPECT - 1) * height / 2)  # even beside the square: its mirror image is cut alike
    for seed in range(CANDIDATES):
        frame, _ = next(synthetic_frames(seed, width, height, hold=1))
        yield np.ascontiguousarray(frame[..., ::-1])


def _changes(own: TFLiteClassifier, frames: Images, scores: Probabilities) -> npt.NDArray[np.float32]:
    """(faults, frames): by how much each fault changes the probabilities (total variation, 0..1), and 1 for another answer.

    Without those of interpolation: they hardly move an answer, and are told by the pictures.
    """
    rows = []
    for fault in FAULTS:
        if fault.interpolation != RIGHT.interpolation:
            continue
        wrong = answers_with(own, np.stack([fault.picture(frame, own.contract) for frame in frames]), fault)
        flipped = wrong.argmax(axis=1) != scores.argmax(axis=1)
        rows.append(np.nan_to_num(np.abs(wrong - scores).sum(axis=1)) / 2 + flipped)
    return np.array(rows, np.float32)


def _choose(
    scores: Probabilities, float_scores: Probabilities, changes: npt.NDArray[np.float32], n: int
) -> npt.NDArray[np.int64]:
    """Sure answers first; of these, one by one the frame that shows best what the chosen ones show least."""
    ordered = np.sort(scores, axis=1)
    sure = (ordered[:, -1] - ordered[:, -2] >= _MARGIN) & (scores.argmax(axis=1) == float_scores.argmax(axis=1))
    chosen: list[int] = []
    shown = np.zeros(len(changes), np.float32)
    for _ in range(min(n, len(scores))):
        gains = np.maximum(shown[:, np.newaxis], changes).sum(axis=0) + 0.01 * changes.sum(axis=0) + 100 * sure
        gains[chosen] = -1
        best = int(gains.argmax())
        chosen.append(best)
        shown = np.maximum(shown, changes[:, best])
    return np.array(sorted(chosen), np.int64)
