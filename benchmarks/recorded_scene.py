"""A recording as a camera before a wall gives it: hands held for a second or two, one after the other; nothing is stored.

The hands are those of `planted_faults.Bench`: SIGNS photos where $SIGNS_EDGE_DATA names them, else drawn ones. Half of them are
what the drift reference is made of, as the runner cuts them out of frames; the other half are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.classifier import Classifier
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.region.region import Region
from signs_edge.edge.region.square import picture_of

WIDTH, HEIGHT, RATE = 640, 480, 15.0
SIDE = 320  # pixels of a frame that a photo takes
PLAY = 24  # pixels that a held hand may move to each side
HELD = (15, 30)  # frames: one to two seconds
SPOT = (156, 76, SIDE + 8, SIDE + 8)  # x, y, width, height of the part of the frame that hands are shown in
NOISE = 3.0  # grey levels, of each pixel by itself
Frames = np.ndarray


class Scene:
    """Frames of hands before their own wall."""

    def __init__(self, photos: np.ndarray, seed: int = 0, anywhere: bool = False) -> None:
        """Of (n, side, side, 3) uint8 RGB photos, each about `SPOT` or, for a finder, anywhere along the lower edge."""
        self._photos, self._rng, self._anywhere = photos, np.random.default_rng(seed), anywhere
        grain = self._rng.normal(0, NOISE, (HEIGHT + 97, WIDTH + 97, 3))
        self._grain = np.round(grain).astype(np.int16)

    def canvas(self, photo: int, hand: bool = True) -> np.ndarray:
        """(528, 688, 3) uint8 BGR: a photo's hand, its arm out of the picture below, in a wider wall; or the wall alone."""
        large = cv2.resize(self._photos[photo], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)[..., ::-1]
        height, width = HEIGHT + 2 * PLAY, WIDTH + 2 * PLAY
        left, top = (width - SIDE) // 2, (height - SIDE) // 2
        if self._anywhere:
            left = int(self._rng.integers(PLAY + 16, width - SIDE - PLAY - 16))
            top = height - SIDE - PLAY  # its lower edge is the frame's
        if not hand:  # the wall as it is above the hand
            large = np.repeat(large[:4].mean(axis=0, keepdims=True), SIDE, axis=0).astype(np.uint8)
        wide = cv2.copyMakeBorder(large, top, height - SIDE - top, left, width - SIDE - left, cv2.BORDER_REPLICATE)
        small = cv2.resize(wide, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
        soft = cv2.resize(
            cv2.GaussianBlur(small, (0, 0), 2.5), (width, height)
        )  # beyond the photo, no edges of its own
        inside = np.zeros((height, width), np.float32)
        inside[top + 8 : top + SIDE, left + 8 : left + SIDE - 8] = 1
        inside = cv2.blur(inside, (15, 15))
        return np.asarray(cv2.blendLinear(wide, soft, inside, 1 - inside), np.uint8)

    def held(self, photo: int, frames: int, hand: bool = True) -> Iterator[np.ndarray]:
        """So many (480, 640, 3) uint8 BGR frames of one hand that is not quite still, in light that is not quite steady."""
        canvas = self.canvas(photo, hand)
        gain = float(self._rng.uniform(0.97, 1.03))
        canvas = cv2.convertScaleAbs(canvas, alpha=gain)
        place = self._rng.uniform(-PLAY / 2, PLAY / 2, 2)
        for _ in range(frames):
            place = np.clip(place + self._rng.normal(0, 1.0, 2), -PLAY, PLAY)
            x, y = (PLAY + np.round(place)).astype(int).tolist()
            v, u = self._rng.integers(0, 97, 2).tolist()
            view = canvas[y : y + HEIGHT, x : x + WIDTH]
            yield cv2.add(view, self._grain[v : v + HEIGHT, u : u + WIDTH], dtype=cv2.CV_8U)

    def frames(self, n: int, hand: Callable[[int], bool] = lambda _frame: True) -> Iterator[np.ndarray]:
        """So many frames; `hand` says whether there is one, asked at the start of each pose and at each frame of none."""
        shown = 0
        while shown < n:
            there = hand(shown)
            held = int(self._rng.integers(HELD[0], HELD[1] + 1)) if there else 1
            held = min(held, n - shown)
            yield from self.held(int(self._rng.integers(len(self._photos))), held, there)
            shown += held


def expect(
    scene: Scene, labels: np.ndarray, region: Region, contract: Contract, int8: Classifier, float32: Classifier
) -> Expectation:
    """What the runner should see of such a camera: of each photo, whose counts are `labels`, a frame as the runner cuts it."""
    pictures, counts, answers = [], [], ([], [])
    for photo, count in enumerate(labels.tolist()):
        (frame,) = scene.held(photo, 1)
        region.reset()
        cuts = [picture_of(frame, square, contract) for square in region.squares(frame)]
        if not cuts:  # the finder saw no hand: then the watch is told nothing either
            continue
        pictures.append(cuts[0])
        counts.append(count)
        for found, model in zip(answers, (int8, float32), strict=True):
            found.append(np.mean([model.probabilities(cut) for cut in cuts], axis=0).astype(np.float32))
    return Expectation.of(np.stack(pictures), np.array(counts), *map(np.stack, answers))
