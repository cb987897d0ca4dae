"""Faults planted in a stream of frames, to see whether the drift monitor names each rightly.

Used by `benchmarks/drift.py` and by tests. The frames are drawn hands as SIGNS shows them (the same hand in all pictures, its
palm to the camera, upright before a light wall), or the SIGNS photos where $SIGNS_EDGE_DATA names them; the models are the packaged
ones. One half of the pictures makes the reference and the other the stream, so that the reference knows one room. With
`rooms` the test photos are the stream and the reference is of those held out from training, as an export takes it: as they
are, and before five kinds of background. In the stream each picture is held for 10 to 60 equal frames.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import FLOAT32_NAME, packaged_model
from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.monitor import DriftMonitor
from signs_edge.edge.drift.sampler import ShadowConfig, ShadowSampler
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.prediction import decide
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.reference.statistics import turned
from signs_edge.edge.synthetic.backdrop import draw_backdrop
from signs_edge.edge.synthetic.body import hand_body
from signs_edge.edge.synthetic.pose import COUNTS, sample_pose
from signs_edge.edge.synthetic.render import render_hand
from signs_edge.edge.synthetic.scene import develop, fit_view, lay_over, sample_arm, sample_scene, sample_view
from signs_edge.export.bundle.expectation import expectation_of
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.gate.pictures import GatePictures, gate_pictures
from signs_edge.train.data.dataset import SignsDataset, load_splits, split

SIDE = 64
VALIDATION = 0.1  # of the training photos, as the packaged models' run held them out
Pictures = np.ndarray


def draw_scenes(n: int, seed: int, backdrop: str = "wall") -> tuple[Pictures, np.ndarray]:
    """(n, 64, 64, 3) uint8 RGB right hands, seen from the palm, before a light wall, `anything`, or `none` at all; and their counts."""
    pictures, labels = np.empty((n, SIDE, SIDE, 3), np.uint8), np.arange(n) % COUNTS
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        pose = sample_pose(int(labels[i]), rng)
        scene = sample_scene(rng)
        view = sample_view(pose, rng)
        front = view.yaw - np.pi if view.yaw > np.pi / 2 else view.yaw
        view = dataclasses.replace(view, mirror=False, yaw=front)
        view = fit_view(pose, view, rng, (SIDE, SIDE))
        hand, mask = render_hand(
            hand_body(pose, scene.person, sample_arm(rng)), scene.person, view, scene.light, (SIDE, SIDE)
        )
        behind = draw_backdrop(rng, (SIDE, SIDE))
        if backdrop != "anything":
            light = rng.uniform(165, 232) * np.array([1.0, rng.uniform(0.96, 1.0), rng.uniform(0.9, 1.0)])
            slope = rng.normal(0, 8, 2) @ np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j].reshape(2, -1)
            behind = np.clip(light + slope.reshape(SIDE, SIDE, 1), 0, 255).astype(np.uint8)
        if backdrop == "none":
            hand, mask = np.zeros_like(hand), np.zeros_like(mask)
        pictures[i] = develop(lay_over(hand, mask, behind, scene), scene, rng)
    return pictures, labels


def photos_on(backdrops: int, photos: Pictures) -> Pictures:
    """The hands of photos, cut out, before other backdrops; `backdrops` is their seed."""
    from signs_edge.train.hands.cutout import cut_out

    out = np.empty_like(photos)
    for i, photo in enumerate(photos):
        mask = cv2.resize(np.asarray(cut_out(photo).mask, np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        share = (mask / max(float(mask.max()), 1e-6))[..., None]
        behind = draw_backdrop(np.random.default_rng((backdrops, i)), (SIDE, SIDE))
        out[i] = np.clip(photo * share + behind * (1 - share), 0, 255)
    return out


def gains(red: float, green: float, blue: float) -> Callable[[Pictures], Pictures]:
    """Each channel times a factor."""
    return lambda x: np.clip(x * np.array([red, green, blue]), 0, 255).astype(np.uint8)


def blur(x: Pictures) -> Pictures:
    """Out of focus: a Gaussian of 2 pixels."""
    return np.stack([cv2.GaussianBlur(picture, (0, 0), 2.0) for picture in x])


def turn(name: str) -> Callable[[Pictures], Pictures]:
    """As from a camera mounted so."""
    return lambda x: np.ascontiguousarray(turned(x, name))


def with_weights(model: ModelFile, change: Callable[[np.ndarray, int], np.ndarray | None]) -> ModelFile:
    """The model with the weights of its convolutions changed in place; `change` gets each with its number, int8."""
    reader = find_runtime().interpreter(model_content=model.content)
    content = bytearray(model.content)
    number = 0
    for tensor in reader.get_tensor_details():
        if tensor["dtype"] is np.int8 and len(tensor["shape"]) == 4:
            try:
                old = np.array(reader.get_tensor(tensor["index"]))
            except ValueError:  # an activation
                continue
            at = bytes(content).find(old.tobytes()) if old.size > 200 else -1
            if at >= 0:
                new = change(old, number)
                number += 1
                if new is not None:
                    content[at : at + old.size] = new.astype(np.int8).tobytes()
    assert number > 3, "no convolution found"
    return dataclasses.replace(model, content=bytes(content))


def other_run(old: np.ndarray, number: int) -> np.ndarray:
    """Stands in for the weights of another run, as only one is packaged: noise on all of them."""
    noise = np.random.default_rng(number).normal(0, 0.22 * float(old.std()), old.shape)
    return np.clip(np.round(old + noise), -127, 127)


def clipped(old: np.ndarray, number: int) -> np.ndarray | None:
    """One layer's weights clipped at a tenth of their range, as by a wrong calibration."""
    return np.clip(old, -13, 13) if number == 2 else None


def halved(x: Pictures) -> Pictures:
    """What a network sees whose input scale is twice the right one."""
    return (x // 2).astype(np.uint8)


@dataclass(frozen=True)
class Fault:
    """A fault, and what it should be called.

    Attributes:
        name: for people.
        expected: device or input; None: nothing is planted.
        frames: what the camera gives, of what it should.
        int8_sees: what reaches the int8 model, of what the camera gives.
        weights: changes the int8 model.
    """

    name: str
    expected: str | None
    frames: Callable[[Pictures], Pictures] | None = None
    int8_sees: Callable[[Pictures], Pictures] | None = None
    weights: Callable[[np.ndarray, int], np.ndarray | None] | None = None


FAULTS = (
    Fault("nothing", None),
    Fault("swapped colours on the int8 side", "device", int8_sees=lambda x: np.ascontiguousarray(x[..., ::-1])),
    Fault("int8 weights of another run", "device", weights=other_run),
    Fault("wrong scale on the int8 side", "device", int8_sees=halved),
    Fault("one clipped layer", "device", weights=clipped),
    Fault("dimmed light", "input", frames=gains(0.35, 0.35, 0.35)),
    Fault("other white balance", "input", frames=gains(1.15, 0.95, 0.6)),
    Fault("blur", "input", frames=blur),
    Fault("other background", "input"),
    Fault("mirrored camera", "input", frames=turn("mirrored")),
    Fault("camera upside down", "input", frames=turn("upside down")),
    Fault("camera turned left", "input", frames=turn("turned left")),
    Fault("camera turned right", "input", frames=turn("turned right")),
    Fault("no hand", "input"),
)


class Bench:
    """The pictures, both models and what they should do."""

    def __init__(self, n: int = 1200, seed: int = 0, rooms: bool = False) -> None:
        folder, model = os.environ.get("SIGNS_EDGE_DATA"), packaged_model()
        assert model is not None
        self.photos = bool(folder)
        splits = load_splits(folder, 0) if folder else None
        if splits and rooms:
            held_out = splits.train.take(split(splits.train, VALIDATION, 0)[1])
            self.known = gate_pictures(held_out, other_rooms=True)
            self.pictures, self.labels = splits.test.images, splits.test.labels
        else:
            pictures, labels = (splits.train.images, splits.train.labels) if splits else draw_scenes(n, seed)
            order = np.random.default_rng(seed).permutation(len(pictures)) if splits else np.arange(len(pictures))
            known, seen = np.array_split(order, 2)
            self.known = GatePictures(
                SignsDataset(pictures[known], labels[known], tuple("012345")), ("",) * len(known), len(known)
            )
            self.pictures, self.labels = pictures[seen], labels[seen]
        self._seed, self._path = seed, model
        self.model = ModelFile.read(model)
        self.int8 = TFLiteClassifier(self.model)
        self.float32 = TFLiteClassifier.open(model.with_name(FLOAT32_NAME))

    @cached_property
    def expectation(self) -> Expectation:
        """Of pictures that neither the models nor the stream know."""
        found = expectation_of({INT8: self.int8, FLOAT32: self.float32}, self.known)
        assert found is not None
        return found

    def seen(self, fault: Fault) -> Pictures:
        """What the camera gives."""
        pictures = self.pictures
        if fault.name == "no hand":
            return draw_scenes(len(pictures), self._seed + 1, "none")[0]
        if fault.name == "other background":
            if self.photos:
                return photos_on(self._seed, pictures)
            return draw_scenes(len(pictures), self._seed + 2, "anything")[0]
        return pictures if fault.frames is None else fault.frames(pictures)

    def watch(self, fault: Fault, frames: int, seed: int = 0) -> tuple[Verdict, int | None, DriftMonitor]:
        """Run a stream with a fault from its start; the last verdict, and after how many frames it was first drift."""
        seen = self.seen(fault)
        int8 = self.int8 if fault.weights is None else TFLiteClassifier(with_weights(self.model, fault.weights))
        answers = []
        for model, pictures in (
            (int8, seen if fault.int8_sees is None else fault.int8_sees(seen)),
            (self.float32, seen),
        ):
            scores = predict_all(model, pictures)
            answers.append([Answer(p, decide(p, model.labels, model.abstain_below).abstained) for p in scores])
        monitor = DriftMonitor(DriftConfig(), self.int8.labels, self.expectation)
        sampler = ShadowSampler(ShadowConfig(ceiling=0.1), seed)
        rng = np.random.default_rng(seed)
        first, held, place = None, 0, 0
        for frame in range(frames):
            if held == 0:
                held, place = int(rng.integers(10, 61)), int(rng.integers(len(seen)))
            held -= 1
            one = answers[0][place]
            second, best = np.partition(one.probabilities, -2)[-2:].tolist()
            draw = sampler.draw(best - second)
            verdict = monitor.update(seen[place], one, draw, answers[1][place] if draw.taken else None)
            if first is None and verdict.status == "drift":
                first = frame + 1
        return monitor.verdict, first, monitor
