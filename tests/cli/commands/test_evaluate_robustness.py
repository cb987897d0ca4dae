"""`signs-edge evaluate --robustness`: table, JSON, files, refusals."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import pytest

from signs_edge.cli import main as room
from signs_edge.train.evaluation.corruptions import CORRUPTIONS


@pytest.fixture
def evaluate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tiny_models, blotches, tmp_path: Path):
    """A function that evaluates the tiny int8 model on pictures of blotches: exit code, stdout, stderr."""
    (tmp_path / "work").mkdir()
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for number, picture in enumerate(blotches(12, 4)):
        assert cv2.imwrite(str(tmp_path / "data" / f"{number % 6}_{number}.png"), picture)

    def evaluate(*options: str) -> tuple[object, str, str]:
        arguments = ["signs-edge", "evaluate", str(tiny_models.int8), "--data", str(tmp_path / "data"), *options]
        monkeypatch.setattr(sys, "argv", arguments)
        with pytest.raises(SystemExit) as caught:
            room.main()
        return caught.value.code, *capfd.readouterr()

    return evaluate


def test_the_table_and_the_files(evaluate, tmp_path: Path) -> None:
    code, out, err = evaluate("--robustness", "--out", "deep/report")

    assert (code, err) == (0, "")
    assert "confusion (row: truth" in out
    for name in CORRUPTIONS:
        (line,) = [line for line in out.splitlines() if line.startswith(name)]
        assert line.count("%") == 6
    assert "mean over all corruptions and strengths" in out
    folder = tmp_path / "work/deep/report"
    assert {path.name for path in folder.iterdir()} >= {
        "robustness.html", "robustness.json", "robustness.png", "worst.png",
    }  # fmt: skip
    assert out.splitlines()[-1] == "report: deep/report/robustness.html"


def test_json_is_one_object_that_keeps_its_other_keys(evaluate, tmp_path: Path) -> None:
    code, out, _ = evaluate("--robustness", "--json")

    found = json.loads(out)
    assert code == 0
    assert len(found["robustness"]["corrupted"]) == 60
    assert found["robustness"]["clean"]["accuracy"] == found["accuracy"]
    assert not list((tmp_path / "work").iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "somewhere"], "--out somewhere is for the robustness report: add --robustness"),
        (["--robustness", "--out", "/dev/null/report"], "report folder /dev/null/report cannot be made"),
    ],
)
def test_a_mistake_is_answered_in_one_line(evaluate, options: list[str], message: str) -> None:
    code, out, err = evaluate(*options)

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err


def test_pictures_need_more_than_the_device_install(evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "signs_edge.train.report.report", raising=False)

    code, _, err = evaluate("--robustness", "--out", "report")

    assert code == 1
    assert "pip install 'signs-edge[train]'" in err


def test_without_rich_it_judges_all_the_same(evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    monkeypatch.delitem(sys.modules, "signs_edge.cli.progress.training", raising=False)

    code, out, _ = evaluate("--robustness")

    assert code == 0
    assert "jpeg" in out


def test_without_scikit_image_the_corruptions_are_judged_all_the_same(
    evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "skimage", None)

    code, out, err = evaluate("--robustness")

    assert code == 0
    assert "jpeg" in out
    assert err.startswith("notice: unseen backgrounds are left out: scikit-image")
    assert err.count("\n") == 1
