"""Releasing: what is refused, what is replaced, and what the card says."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import release_models
from pages import document_run, render_card, write_table
from run_facts import RunFacts, training_command
from verdict import Limits, Verdict

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.metrics.intervals import Interval
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.train.data.dataset import SignsDataset, Splits
from signs_edge.train.evaluation.corruptions import CORRUPTIONS, STRENGTHS
from signs_edge.train.evaluation.robustness import Robustness
from signs_edge.train.evaluation.score import Mean, Score
from signs_edge.train.network.resnet import build_resnet
from signs_edge.train.report.report import Report, write_report
from signs_edge.train.runs.config import PRESETS, ModelConfig, Preset, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder

HOUSE = Path(__file__).parents[2]
NAMES = ("0", "1", "2", "3", "4", "5")
TINY = ModelConfig(stages=(1,), width=4)
SOURCE = "/home/someone/signs"
MEAN = Mean(0.625, Interval(0.5, 0.75))


def robustness() -> Robustness:
    """Of a model that bears all but low light."""
    scores = tuple(
        Score(name, strength, 2 if name == "low light" else 6, 8) for name in CORRUPTIONS for strength in STRENGTHS
    )
    return Robustness(Score("as they are", None, 7, 8), scores, (Score("wood", None, 5, 8),), MEAN, MEAN, MEAN, (), 0)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A finished run of a tiny network, with made-up figures."""
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "mine")
    config = TrainConfig(SOURCE, TINY, **PRESETS["slim"].recipe)
    folder.start(config, NAMES)
    evaluation = Evaluation(NAMES, np.diag([19, 20, 20, 20, 20, 20]))
    clean = Evaluation(NAMES, np.diag([6, 20, 20, 20, 20, 20]))
    abstention = Abstention(hands=119, kept=110, right=110, hand_free=40, counted=2)
    write_json(folder.history_file, [{"epoch": 1.0, "loss": 1.0, "accuracy": 0.5, "seconds": 61.0}])
    report = Report.of_run(
        folder, {"train": evaluation, "validation": clean, "test": evaluation}, without_leaked=clean,
        robustness=robustness(), abstention=abstention, threshold=0.4321,
    )  # fmt: skip
    write_report(folder.path, report, photos=False)
    write_json(folder.metrics_file, {
        "test": {**evaluation.to_json(), "without_leaked": {**clean.to_json(), "leaked": [2, 5, 7]}},
        "validation": clean.to_json(),
        "abstention": {"threshold": 0.4321, **abstention.to_json()},
    })  # fmt: skip
    build_resnet(TINY, (64, 64, 3), 6).save(folder.model_file)
    keras.utils.clear_session()
    return folder.path


@pytest.fixture
def exported(tiny_models, tmp_path) -> Path:
    """An export folder of the tiny models, with an export.json of made-up figures."""
    folder = tmp_path / "export"
    folder.mkdir()
    shutil.copy(tiny_models.int8, folder / "int8.tflite")
    shutil.copy(tiny_models.float32, folder / "float32.tflite")
    right = {"n": 120, "correct": 118, "accuracy": 118 / 120, "interval": [0.941, 0.995]}
    agree = {"n": 120, "agreement": 119 / 120, "interval": [0.954, 0.999], "flips": [{"index": 3}]}
    write_json(folder / "export.json", {
        "runtime": "litert 2.3.0",
        "passed": True,
        "gates": {"float32": {"reasons": []}, "int8": {"reasons": []}},
        "calibration": {"n": 60, "seed": 0, "sha256": "c0ffee"},
        "test": {"float32": right, "int8": right, "float32_int8": agree},
    })  # fmt: skip
    (folder / "export.html").write_text("the page")
    return folder


@pytest.fixture
def splits(tiny_models, blotches) -> Splits:
    """Pictures labelled as the int8 model answers; three of the test are among the training's."""
    images = blotches(30, 5)
    labels = predict_all(TFLiteClassifier.open(tiny_models.int8), images).argmax(axis=1)
    whole = SignsDataset(images, labels, NAMES)
    return Splits(whole.take(np.arange(13)), whole.take(np.arange(10, 30)), SOURCE)


@pytest.fixture
def house(exported, splits, monkeypatch, tmp_path) -> Path:
    """A checkout with files of an earlier release; exporting gives the prepared files."""
    house = tmp_path / "house"
    (house / "edge/models").mkdir(parents=True)
    (house / "docs").mkdir()
    for name in ("edge/models/int8.tflite", "edge/models/float32.tflite", "docs/model-card.md"):
        (house / name).write_text("earlier")
    monkeypatch.setitem(PRESETS, "tiny", Preset(TINY, PRESETS["slim"].recipe))
    monkeypatch.setattr(release_models, "load_splits", lambda source, seed: splits)
    monkeypatch.setattr(
        release_models,
        "_export",
        lambda run, data, out, record=None: shutil.copytree(exported, out, dirs_exist_ok=True),
    )
    return house


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_that_pass_are_released_with_card_and_pages(run, house, exported):
    release_models.release(run, house=house, limits=Limits(flips=1))

    card = (house / "docs/model-card.md").read_text()
    for name in ("int8.tflite", "float32.tflite"):
        content = (house / "edge/models" / name).read_bytes()
        assert content == (exported / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() in card
    assert {path for path in contents(house) if path.startswith("docs/runs")} == {
        "docs/runs/README.md", "docs/runs/tiny/export.html", "docs/runs/tiny/figures.json", "docs/runs/tiny/report.html",
    }  # fmt: skip
    assert (house / "docs/runs/tiny/export.html").read_text() == "the page"
    assert not any(b"/home/someone" in content for content in contents(house).values())


def test_files_that_do_not_pass_are_one_line_and_nothing_is_replaced(run, house, capsys, monkeypatch):
    before = contents(house)
    monkeypatch.setattr(release_models, "HOUSE", house)
    monkeypatch.setattr(release_models, "Limits", lambda: Limits(accuracy=1.01))

    assert release_models.main(["--run", str(run)]) == 1

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(r"int8 is right on 17 of 17 .* nothing was replaced", said)
    assert contents(house) == before


def test_what_the_gate_refuses_is_not_released(run, house, exported, capsys, monkeypatch):
    export = json.loads((exported / "export.json").read_text())
    export["gates"]["int8"]["reasons"] = ["it agrees with float32 on 90 of 120 pictures"]
    write_json(exported / "export.json", {**export, "passed": False})
    (exported / "int8.tflite").rename(exported / "int8.failed.tflite")
    before = contents(house)
    monkeypatch.setattr(release_models, "HOUSE", house)

    assert release_models.main(["--run", str(run)]) == 1

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the gate refuses int8: it agrees with float32 on 90 of 120 pictures; nothing was replaced" in said
    assert contents(house) == before


def test_each_limit_has_its_reason(exported, splits):
    verdict = Verdict.of(exported, splits)

    assert (verdict.int8.whole.n, verdict.int8.clean.n, verdict.int8.leaked) == (20, 17, (0, 1, 2))
    assert verdict.flips == verdict.float32.whole.n - verdict.float32.whole.correct  # the labels are int8's answers
    assert verdict.refusals(Limits(flips=1)) == []
    assert len(verdict.refusals(Limits(accuracy=1.01, flips=-1, size=100))) == 3
    assert not verdict.names_folder


def test_a_file_that_names_the_folder_of_the_data_is_refused(exported, splits):
    file = ModelFile.read(exported / "float32.tflite")
    content = file.content[: file.content.index(b"PK")]
    packed = ModelFile.pack(content + b"\0" + SOURCE.encode(), file.labels, file.contract)
    (exported / "float32.tflite").write_bytes(packed.content)

    assert "a file names the folder of the data on this machine" in Verdict.of(exported, splits).refusals(Limits())


def test_the_card_takes_its_figures_from_the_files(run, exported, splits):
    card = render_card(
        RunFacts.read(run), json.loads((exported / "export.json").read_text()), Verdict.of(exported, splits), exported
    )

    parameters = build_resnet(TINY, (64, 64, 3), 6).count_params()
    for text in (
        f"{parameters:,} parameters",
        "signs-edge train --preset slim --stages 1 --width 4\n",
        "| test photos | 100.0% (119 of 119, 96.9% to 100.0%) |",
        "| test photos without the 3 leaked ones | 100.0% (106 of 106",
        "| test photos under 12 corruptions at 5 strengths, mean | 62.5% (50.0% to 75.0%) |",
        "| test photos that get a count | 92.4% (110 of 119",
        "| unseen backgrounds without a hand that get one | 5.0% (2 of 40",
        "| int8, test photos | 98.3% (118 of 120, 94.1% to 99.5%) |",
        "| int8 and float32 agree, test photos | 99.2% (1 of 120 flip, 95.4% to 99.9%) |",
        "| int8, test photos without the leaked ones | 100.0% (17 of 17",
        "| low light | 25.0% |",
        "| wood | 62.5% (5 of 8",
        "from a confidence of 0.4321 on",
        "60 training photos (seed 0",
        "| model.width | 4 |",
        "61 seconds of training",
        "licence is known",
    ):
        assert text in card
    assert "{{" not in card


def test_the_table_has_a_column_a_preset(run, monkeypatch, tmp_path):
    monkeypatch.setitem(PRESETS, "tiny", Preset(TINY, PRESETS["slim"].recipe))
    facts = RunFacts.read(run)
    document_run(facts, None, tmp_path)
    stored = json.loads((tmp_path / "tiny/figures.json").read_text())
    (tmp_path / "other").mkdir()
    write_json(tmp_path / "other/figures.json", {**stored, "command": "signs-edge train --preset other", "figures": []})
    write_table(tmp_path)

    rows = [line.split(" | ") for line in (tmp_path / "README.md").read_text().splitlines() if line.startswith("|")]
    assert rows[0] == ["|", "other", "tiny |"]
    found = {row[0].removeprefix("| "): row[1:] for row in rows if len(row) == 3}
    assert found["command"] == ["`signs-edge train --preset other`", "`signs-edge train --preset tiny` |"]
    assert found["test photos"] == ["not measured", "100.0% (119 of 119, 96.9% to 100.0%) |"]
    assert (tmp_path / "tiny/report.html").stat().st_size < 3_000_000


def test_only_runs_of_presets_and_finished_ones_are_documented(run, tmp_path, capsys):
    with pytest.raises(ModelError, match="no preset's network"):
        document_run(RunFacts.read(run), None, tmp_path)
    assert list(tmp_path.iterdir()) == []

    RunFolder(tmp_path / "begun").start(TrainConfig(SOURCE), NAMES)
    assert release_models.main(["--document", str(tmp_path / "begun")]) == 1
    assert "finished run" in capsys.readouterr().err


def test_without_photos_nothing_is_trained(monkeypatch, capsys):
    monkeypatch.setattr(release_models, "default_source", lambda: "synthetic")

    assert release_models.main([]) == 1
    assert "data fetch" in capsys.readouterr().err


def test_a_run_that_is_there_is_neither_overwritten_nor_taken_for_another(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SIGNS_EDGE_RUNS", str(tmp_path))
    shutil.copytree(run, tmp_path / "release-slim")
    with pytest.raises(ModelError, match="other settings"):
        release_models.train(SOURCE)

    monkeypatch.setitem(PRESETS, "slim", Preset(TINY, PRESETS["slim"].recipe))
    with pytest.raises(ModelError, match="is finished"):
        release_models.train(SOURCE)


def test_the_command_that_trains_again():
    slim = PRESETS["slim"]

    assert training_command(TrainConfig("x", slim.model, **slim.recipe)) == ("slim", "signs-edge train --preset slim")
    other = TrainConfig("x", ModelConfig(skip=False), **{**PRESETS["resnet50"].recipe, "epochs": 3}, seed=4)
    preset, command = training_command(other)
    assert preset is None
    assert command.startswith("signs-edge train --preset slim --stages 3,4,6,3 --width 64 --no-skip --epochs 3")
    assert command.endswith("--seed 4")
    without = TrainConfig("x", replace(PRESETS["slim"].model, zero_init_residual=True), **slim.recipe)
    assert training_command(without) == (None, "signs-edge train --preset slim --zero-init-residual")


def test_the_card_in_the_checkout_is_that_of_the_files_in_the_checkout():
    card = (HOUSE / "docs/model-card.md").read_text()
    files = [HOUSE / "edge/models" / name for name in ("int8.tflite", "float32.tflite")]

    for file in files:
        row = f"| `{file.name}` | {file.stat().st_size:,} | `{hashlib.sha256(file.read_bytes()).hexdigest()}` |"
        assert row in card
    assert sum(file.stat().st_size for file in files) <= Limits().size
