"""What tests of several rooms share: the tiny models, and the rule for tests that need the real data."""

from __future__ import annotations

import base64
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.drift.accuracy_estimate import Estimate
from signs_edge.edge.drift.agreement import AgreementVerdict
from signs_edge.edge.drift.report import DriftReport, Mean, StatisticReport
from signs_edge.edge.drift.verdict import Moved, Verdict
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.journal.writer import Clocks, Journal, JournalConfig
from signs_edge.edge.metrics.agreement import PairedAccuracy
from signs_edge.edge.metrics.intervals import Interval
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.synthetic.hands import draw_hand_with_mask, draw_hands

LABELS = ("0", "1", "2", "3", "4", "5")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the real photos are left out, and say so, where there are none; those that share costly fixtures stay together."""
    for item in items:
        together = Path(__file__).parent / "export" if "export" in item.path.parts else item.path
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(item.config.rootpath))))
    if not os.environ.get("SIGNS_EDGE_DATA"):
        for item in items:
            if item.get_closest_marker("signs"):
                item.add_marker(pytest.mark.skip(reason="needs the real SIGNS data: set $SIGNS_EDGE_DATA"))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the user's cache; all of them share this one, as cutting hands takes its time."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNS_EDGE_CACHE", str(folder))
        yield folder


@dataclass(frozen=True)
class WallPhotos:
    """Drawn hands before a plain light wall, as SIGNS has them.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        masks: (n, 64, 64) uint8, 255 on the hand: the truth.
        labels: (n,) int64 counts, 0 to 5 in turn.
    """

    images: np.ndarray
    masks: np.ndarray
    labels: np.ndarray


@pytest.fixture(scope="session")
def wall_photos() -> WallPhotos:
    """Thirty-six of them."""
    rng = np.random.default_rng(0)
    labels = np.arange(36, dtype=np.int64) % 6
    photos, masks = zip(*(photograph_before_wall(int(count), rng) for count in labels), strict=True)
    return WallPhotos(np.stack(photos), np.stack(masks), labels)


@pytest.fixture(scope="session")
def wall_cutouts(wall_photos: WallPhotos) -> list[Any]:
    """Their hands, cut out once."""
    from signs_edge.train.hands.hands import cut_all

    return list(cut_all(wall_photos.images))


@dataclass(frozen=True)
class TinyModels:
    """A small untrained network, exported twice; its answers are arbitrary but depend on the picture."""

    float32: Path
    int8: Path
    labels: tuple[str, ...] = LABELS


@pytest.fixture(scope="session")
def blotches() -> Callable[[int, int], np.ndarray]:
    """A function of a number and a seed to so many pictures of blotches, each unlike the others."""
    return draw_blotches


@pytest.fixture(scope="session")
def drawn_hands() -> tuple[np.ndarray, np.ndarray]:
    """Drawn hands, each unlike the others: RGB (60, 64, 64, 3) uint8 and counts (60,) int64."""
    return draw_hands(60, seed=3)


@pytest.fixture(scope="session")
def tampered() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """What a copy may have gone through, by name: functions of a (64, 64, 3) uint8 picture."""

    def moved(x: float, y: float, zoom: float = 1.0) -> Callable[[np.ndarray], np.ndarray]:
        matrix = np.array([[zoom, 0, x + 31.5 * (1 - zoom)], [0, zoom, y + 31.5 * (1 - zoom)]], np.float32)
        return lambda picture: cv2.warpAffine(picture, matrix, (64, 64), borderMode=cv2.BORDER_REPLICATE)

    def lit(gain: float, offset: float) -> Callable[[np.ndarray], np.ndarray]:
        return lambda picture: np.clip(picture.astype(np.float32) * gain + offset, 0, 255).astype(np.uint8)

    def jpeg(picture: np.ndarray) -> np.ndarray:
        return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], cv2.IMREAD_COLOR)

    def mirrored(picture: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(picture[:, ::-1])

    return {
        "jpeg": jpeg,
        "brighter": lit(1, 30),
        "darker": lit(0.7, 0),
        "shifted by 1": moved(1, -1),
        "shifted by 2": moved(-2, 2),
        "mirrored": mirrored,
        "zoomed": moved(0, 0, 1.03),
        "all at once": lambda picture: jpeg(lit(1.05, 8)(moved(1, 1)(mirrored(picture)))),
    }


@pytest.fixture(scope="session")
def tiny_finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An int8 finder that has learned nothing, with a least score of 0.3."""
    import keras

    from signs_edge.edge.bundle.model_file import ModelFile
    from signs_edge.edge.region.finder import CONTRACT, OUTPUTS
    from signs_edge.export.convert.convert import to_int8
    from signs_edge.train.finder.network import build_finder

    keras.utils.set_random_seed(0)
    frames = np.random.default_rng(0).integers(0, 256, (8, 120, 160, 3), dtype=np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as below
        flatbuffer = to_int8(build_finder(width=4), frames, CONTRACT)
    path = tmp_path_factory.mktemp("finder") / "finder.tflite"
    path.write_bytes(ModelFile.pack(flatbuffer, OUTPUTS, CONTRACT, 0.3).content)
    return path


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """A float32 and an int8 .tflite file of one network, labelled 0 to 5."""
    import keras

    from signs_edge.export.bundle.seal import seal
    from signs_edge.export.convert.convert import to_float32, to_int8
    from signs_edge.train.network.resnet import build_resnet
    from signs_edge.train.runs.config import ModelConfig

    keras.utils.set_random_seed(0)
    model = build_resnet(ModelConfig(stages=(1,), width=4), (64, 64, 3), len(LABELS))
    calibration = draw_blotches(60, seed=1)
    # Untrained, it would give all pictures one answer: centre and stretch what the last layer sees, so that they differ.
    features = keras.Model(model.input, model.get_layer("features").output)(calibration.astype(np.float32) / 255)
    mean, spread = np.mean(features, axis=0), np.std(features, axis=0).max()
    kernel = np.random.default_rng(0).normal(0, 2 / spread, (len(mean), len(LABELS)))
    model.get_layer("probabilities").set_weights([kernel, -mean @ kernel])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow's own, about statistics that full-integer models do not have
        flatbuffers = {"float32": to_float32(model), "int8": to_int8(model, calibration, Contract())}
    folder = tmp_path_factory.mktemp("tiny")
    paths = {name: folder / f"{name}.tflite" for name in flatbuffers}
    for name, path in paths.items():
        sealed = seal(
            flatbuffers[name], labels=LABELS, contract=Contract(), abstain_below=None, temperature=None, provenance={},
            float_flatbuffer=flatbuffers["float32"],
        )  # fmt: skip
        path.write_bytes(sealed.content)
    return TinyModels(**paths)


@dataclass
class MadeDevice:
    """Writes a journal as a device would in hours, at once: a clock that is set, frames, and what was known of drift."""

    path: Path
    wall: float = 1_795_500_000.0
    mono: float = 0.0
    known: DriftReport | None = None
    journal: Journal | None = None

    def begin(self, **facts: Any) -> Journal:
        """Begin a run."""
        self.close()
        self.mono, self.known = 0.0, None
        told = {"version": "0.1.0", "models": {"model": "ab" * 32}, "camera": "0", "labels": ["0", "1"], **facts}
        clocks = Clocks(lambda: self.wall, lambda: self.mono)
        self.journal = Journal(self.path, {"camera": "0"}, told, JournalConfig(flush_s=0.02), clocks=clocks)
        self.journal.ask(lambda: self.known or made_drift_report())
        return self.journal

    def minute(self, known: DriftReport | None = None, frames: int = 6, state: FrameState = FrameState.OK) -> None:
        """Frames over a minute, and what is known at its end."""
        assert self.journal is not None
        scores = np.array([0.45, 0.55], np.float32)
        for index in range(frames):
            frame = Frame(index, np.full((8, 8, 3), 100, np.uint8), "cam", state=state)
            seen = FrameResult(frame, Prediction(1, "1", 0.55), 1, 5.0, Prediction(1, "1", 0.9), scores=scores)
            self.journal(seen if state is FrameState.OK else FrameResult(frame, None, None, None), RunSummary())
            if index == 0:  # which has ended the minute before
                self.known = known or made_drift_report()
            self.go(60 / frames)

    def go(self, seconds: float) -> None:
        self.wall, self.mono = self.wall + seconds, self.mono + seconds

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()
            self.journal = None


def made_drift_report(
    status: Any = "ok",
    fault: Any = None,
    recent: float = 0.995,
    moved: tuple[str, ...] = (),
    evidence: dict[str, float] | None = None,
    guess: float | None = 0.95,
    labelled: int = 0,
) -> DriftReport:
    """What a monitor might know; bounds are a hundredth beside."""

    def about(value: float) -> Interval:
        return Interval(value - 0.01, min(1.0, value + 0.01))

    agreement = AgreementVerdict(status, recent, about(recent), 100, 0)
    verdict = Verdict(status, fault, agreement, "ok", tuple(Moved(name, "lower", 0.7) for name in moved), None)
    guessed = None if guess is None else Estimate(guess, about(guess))
    mean = Mean(recent, about(recent))
    return DriftReport(
        verdict, 1000, mean, agreement, {"0": agreement, "1": agreement}, mean, mean,
        tuple(StatisticReport(name, share, 0.5, 9) for name, share in (evidence or {}).items()), guessed, guessed,
        "too unlike" if guess is None else None,
        PairedAccuracy(labelled // 2, 1 if labelled else 0, 0, labelled), Interval(-0.1, 0.1) if labelled else None,
        1.0 if labelled else None,
    )  # fmt: skip


@pytest.fixture
def drift_report() -> Callable[..., DriftReport]:
    """A function of what is to be known to the report that says so."""
    return made_drift_report


@pytest.fixture
def device(tmp_path: Path) -> Iterator[MadeDevice]:
    """A device whose journal is `device.path`."""
    made = MadeDevice(tmp_path / "kitchen.db")
    yield made
    made.close()


@pytest.fixture
def made_report(tmp_path: Path) -> Callable[..., Any]:
    """A function of a number of flips to the report on an export of 120 pictures, with made-up files and figures."""
    from signs_edge.edge.metrics.evaluation import Evaluation
    from signs_edge.export.convert.calibration import Calibration
    from signs_edge.export.convert.coverage import Coverage, TensorCoverage
    from signs_edge.export.gate.comparison import compare
    from signs_edge.export.gate.gate import Gate, GateLimits
    from signs_edge.export.gate.verify import Verification
    from signs_edge.export.report.record import ExportReport
    from signs_edge.train.data.dataset import SignsDataset

    def made(flips: int, names: tuple[str, ...] = ("0", "1"), **parts: Any) -> Any:
        pictures = SignsDataset(draw_blotches(120, seed=1), np.arange(120, dtype=np.int64) % 2, names)
        exact = np.where(np.eye(2)[pictures.labels] > 0, 0.9, 0.1).astype(np.float32)
        spoiled = exact.copy()
        spoiled[:flips] = spoiled[:flips, ::-1]
        gates = {
            "float32": Gate("float32", "Keras", compare(exact, exact, pictures), GateLimits()),
            "int8": Gate("int8", "float32", compare(exact, spoiled, pictures), GateLimits()),
        }
        right = [Evaluation.of(found.argmax(axis=1), pictures.labels, names) for found in (exact, exact, spoiled)]
        return ExportReport(
            **{
                "run": "a run",
                "folder": tmp_path,
                "sizes": {f"{name}.tflite": 1_000_000 for name in ("float32", "int8", "int8.failed")}
                | {"model.keras": 5},
                "verification": Verification(
                    dict(zip(("Keras", "float32", "int8"), right, strict=True)),
                    {form: gate.comparison for form, gate in gates.items()},
                    gates,
                    "120 test photos",
                ),
                "calibration": Calibration(pictures.images[:4], np.arange(4), {"0": 2, "1": 2}, 7, 4),
                "coverage": Coverage(9, 0.01, (TensorCoverage("dense/Relu", (0, 1), (0, 2), 0.02, 60),), 4, 60),
                "io_type": "int8",
                "runtime": "litert 2",
                "data": "/home/someone/hands",
                "seconds": {"float32": 1.5, "int8": 2.5, "checks": 3.0},
                "abstain_below": 0.5,
                "flipped": {index: pictures.images[index] for index in range(flips)},
                **parts,
            }
        )

    return made


def photograph_before_wall(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A (64, 64, 3) uint8 RGB drawn hand before a wall lit from one side, and its (64, 64) uint8 mask."""
    drawn, mask = draw_hand_with_mask(count, rng, 64)
    y, x = np.mgrid[0:64, 0:64] / 64 - 0.5
    slope = rng.uniform(-0.1, 0.1, 2)
    wall = rng.uniform(195, 225) * (1 + slope[0] * x + slope[1] * y)[..., np.newaxis] * np.array([1, 0.98, 0.95])
    # At its edge the drawing is mixed with its own backdrop: take the hand's colours from within.
    core = cv2.erode((mask > 127).astype(np.float32), np.ones((3, 3)))[..., np.newaxis]
    nearby = cv2.GaussianBlur(drawn * core, (0, 0), 2) / np.maximum(
        cv2.GaussianBlur(core, (0, 0), 2)[..., np.newaxis], 1e-3
    )
    alpha = mask[..., np.newaxis] / 255
    photo = wall * (1 - alpha) + np.where(core > 0, drawn, nearby) * alpha + rng.normal(0, 1, (64, 64, 1))
    return np.clip(photo, 0, 255).astype(np.uint8), mask


def draw_blotches(n: int, seed: int) -> np.ndarray:
    """(n, 64, 64, 3) uint8 RGB blotches of random colours."""
    rng = np.random.default_rng(seed)
    tint = rng.uniform(0, 1, (n, 1, 1, 3))
    coarse = (rng.integers(0, 256, (n, 4, 4, 3)) * tint).astype(np.uint8)
    return coarse.repeat(16, axis=1).repeat(16, axis=2)


class CameraServer:
    """An HTTP camera on this machine: streams `frames` as MJPEG at /stream, then closes or, with `stall`, says no more.

    With `login`, such as "me:secret", it wants that first.
    """

    def __init__(self, frames: list[np.ndarray], stall: bool = False, login: str = "") -> None:
        self.parts = [cv2.imencode(".jpg", frame)[1].tobytes() for frame in frames]
        self.stall = stall
        self.over = threading.Event()
        self.paths: list[str] = []  # as asked for
        allowed = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.paths.append(self.path)
                if allowed and self.headers["Authorization"] != allowed:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if not self.path.startswith("/stream"):
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for part in camera.parts:
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(part)}\r\n\r\n"
                    self.wfile.write(head.encode() + part + b"\r\n")
                if camera.stall:
                    camera.over.wait()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def serve_camera() -> Iterator[Callable[..., CameraServer]]:
    """A function that starts a `CameraServer` of its arguments."""
    started: list[CameraServer] = []

    def serve(frames: list[np.ndarray], **options: Any) -> CameraServer:
        started.append(CameraServer(frames, **options))
        return started[-1]

    yield serve
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def grey_frames() -> Callable[[int], list[np.ndarray]]:
    """A function of n to n frames, (48, 64, 3) uint8, each 20 brighter than the one before; JPEG keeps them apart."""
    return lambda n: [np.full((48, 64, 3), 20 * (1 + index % 12), np.uint8) for index in range(n)]
