"""Pictures kept for training: which, where, how many, and what becomes of them."""

from __future__ import annotations

import stat
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.prediction import NO_HAND_FOUND, Prediction
from signs_edge.edge.region.square import Square, picture_of
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sinks.kept_frames import UNSURE, KeepConfig, KeptFrames
from signs_edge.edge.sources.pictures import read_picture

LABELS = ("0", "1", "2", "3", "4", "5")
SURE, UNSURE_3 = Prediction(3, "3", 0.99), Prediction(3, "3", 0.4, abstained=True)
IMAGE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)


def result(
    index: int = 0, label: str | None = None, prediction: Prediction | None = SURE, twin: Prediction | None = None,
    squares: tuple[Square, ...] = (), source: str = "camera", state: FrameState = FrameState.OK,
) -> FrameResult:  # fmt: skip
    return FrameResult(Frame(index, IMAGE, source, label, state=state), prediction, 3, 1.0, twin, squares=squares)


def keep(folder: Path, *results: FrameResult, config: KeepConfig | None = None) -> list[str]:
    """What lies in the folder after a run, relative to it, as class folders; and no notice was given."""
    notices: list[str] = []
    sink = KeptFrames(folder, LABELS, notices.append, config)
    for each in results:
        sink.frame(each, RunSummary())
    assert notices == []
    return sorted(path.parent.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("kept", "seen"),
    [
        (["3"], result(label="3")),
        (["none"], result(label="none", prediction=NO_HAND_FOUND)),
        (["5"], result(label="5", prediction=UNSURE_3)),
        ([UNSURE], result(prediction=UNSURE_3)),
        ([UNSURE], result(twin=Prediction(2, "2", 0.9))),
        ([], result(twin=SURE)),
        ([], result()),
        ([], result(prediction=NO_HAND_FOUND)),
        ([], result(label="../7")),
        ([], result(label=UNSURE)),
        ([], result(label="3", prediction=None)),
        ([], result(label="3", state=FrameState.BLACK)),
    ],
)
def test_labelled_and_doubtful_frames_are_kept_and_no_others(
    tmp_path: Path, kept: list[str], seen: FrameResult
) -> None:
    assert keep(tmp_path / "kept", seen) == kept


def test_neighbours_are_passed_over_but_not_pictures_of_a_folder(tmp_path: Path) -> None:
    assert len(keep(tmp_path / "a", *(result(index, "3") for index in range(31)))) == 3
    assert len(keep(tmp_path / "b", *(result(index, "3", source=f"{index}.png") for index in range(5)))) == 5


def test_never_more_than_the_most_also_over_several_runs(tmp_path: Path) -> None:
    config = KeepConfig(most=4, pause=1)
    first = [result(index, label) for index in range(3) for label in ("1", "2")]
    second = [result(index, label) for index in range(10, 20) for label in ("1", "2")]

    assert keep(tmp_path, *first, config=config) == ["1"] * 3 + ["2"] * 3
    assert keep(tmp_path, *second, config=config) == ["1"] * 4 + ["2"] * 4


@pytest.mark.parametrize("square", [Square(20, 10, 70), Square(-15, 40, 80)])
def test_a_kept_picture_is_the_networks_input_again(tmp_path: Path, square: Square) -> None:
    keep(tmp_path, result(label="3", squares=(square,)))

    (file,) = (tmp_path / "3").iterdir()
    stored = read_picture(file)
    assert stored is not None
    assert stored.shape == (square.side, square.side, 3)
    np.testing.assert_array_equal(frame_to_picture(stored, Contract()), picture_of(IMAGE, square, Contract()))


def test_nobody_else_may_look(tmp_path: Path) -> None:
    keep(tmp_path / "kept", result(label="3"))

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "kept", *(tmp_path / "kept").rglob("*"))]
    assert len(modes) == 3
    assert not any(mode & 0o077 for mode in modes)


def test_training_and_calibration_read_it(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="training is not installed")
    from signs_edge.export.convert.calibration import read_calibration
    from signs_edge.train.data.picture_folder import read_folder

    labels = ("0", "3", "5", "none", None)
    keep(tmp_path, *(result(index, label, UNSURE_3) for index, label in enumerate(labels)))

    images, numbers, names = read_folder(tmp_path)
    assert (len(images), names, numbers.tolist()) == (4, ("0", "3", "5", "none"), [0, 1, 2, 3])
    assert len(read_calibration(tmp_path, LABELS).images) == 4


def test_a_full_disk_ends_the_keeping_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notices: list[str] = []
    sink = KeptFrames(tmp_path, LABELS, notices.append)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    for index in (0, 20, 40):
        sink.frame(result(index, "3"), RunSummary())

    assert notices == [f"--keep-frames {tmp_path} cannot be written (No space left on device): no more is kept"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match=r"--keep-frames .*file cannot be written"):
        KeptFrames(tmp_path / "file", LABELS, print)


@pytest.mark.parametrize(("most", "pause"), [(0, 1), (1, 0)])
def test_limits_that_mean_nothing_are_refused(most: int, pause: int) -> None:
    with pytest.raises(UsageError, match="give at least 1"):
        KeepConfig(most, pause)


def test_cv2_writes_what_it_reads_back(tmp_path: Path) -> None:
    """PNG is lossless at the compression that is chosen for speed."""
    keep(tmp_path, result(label="3", squares=(Square(0, 0, 90),)))

    (file,) = (tmp_path / "3").iterdir()
    np.testing.assert_array_equal(cv2.imread(str(file)), IMAGE[:, :90])
