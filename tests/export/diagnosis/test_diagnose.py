"""A run's export examined and mended, by the function and by the command."""

import json
import shutil
import sys

import cv2
import numpy as np
import pytest

from signs_edge.cli.main import main
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.export.convert.calibration import choose_calibration, recorded_calibration
from signs_edge.export.diagnosis.diagnose import REPAIRED_NAME, AgreementCheck, diagnose_run, repack
from signs_edge.export.gate.gate import GateLimits
from signs_edge.train.data.dataset import SignsDataset, load_splits, split
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder


def write_bars(dataset, folder):
    for index, (picture, label) in enumerate(zip(dataset.images, dataset.labels, strict=True)):
        path = folder / dataset.names[label] / f"{index:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))


@pytest.fixture(scope="module")
def run(planted, bars, tmp_path_factory):
    """A run folder as training and export leave it, of the network with the planted channel."""
    folder = tmp_path_factory.mktemp("planted")
    write_bars(bars, folder / "bars" / "test")
    write_bars(bars.take(np.arange(60)), folder / "bars" / "train")
    run = RunFolder(folder / "run")
    run.start(TrainConfig(str(folder / "bars"), augment="light"), bars.names)
    planted.model.save(run.model_file)
    exported = run.path / "export"
    exported.mkdir()
    for name, content in (("float32", planted.float32), ("int8", planted.int8)):
        packed = ModelFile.pack(content, bars.names, Contract(), 0.4)
        (exported / f"{name}.tflite").write_bytes(packed.content)
    config, _ = run.read_config()
    train = load_splits(config.data, config.seed).train
    learned = train.take(split(train, config.validation, config.seed)[0])
    write_json(exported / "export.json", {"calibration": choose_calibration(learned, 30).to_json()})
    return run.path


@pytest.fixture(scope="module")
def mended(run, tmp_path_factory):
    return diagnose_run(run, out=tmp_path_factory.mktemp("mended") / "new", repaired=True)


def test_the_repaired_file_answers_as_float_does(mended, run, bars):
    assert not mended.passed
    assert mended.int8.agreement.rate < 0.9
    assert mended.float_layers == (
        "stage3_block1_1_conv + stage3_block1_relu1",
        "stage3_block1_2_conv + stage3_block1_relu2",
    )
    assert mended.repaired.agreement.rate >= 0.99
    assert mended.unseen.agreement.n > 0
    classifier = TFLiteClassifier.open(mended.folder / REPAIRED_NAME)
    assert (classifier.labels, classifier.abstain_below, classifier.input_dtype) == (bars.names, 0.4, np.int8)
    twin = TFLiteClassifier.open(run / "export" / "float32.tflite")
    same = predict_all(classifier, bars.images).argmax(axis=1) == predict_all(twin, bars.images).argmax(axis=1)
    assert same.mean() >= 0.99


def test_it_costs_less_than_float(mended):
    sizes = {name: cost.bytes for name, cost in mended.costs.items()}
    assert list(sizes) == ["float32.tflite", "int8.tflite", REPAIRED_NAME]
    repaired = ModelFile.read(mended.folder / REPAIRED_NAME).flatbuffer_size  # the others of this run are not sealed
    assert sizes["int8.tflite"] < repaired < sizes["float32.tflite"]
    assert sizes[REPAIRED_NAME] == (mended.folder / REPAIRED_NAME).stat().st_size
    assert all(cost.milliseconds > 0 for cost in mended.costs.values())


def test_the_report_and_the_picture_are_written(mended):
    assert sorted(path.name for path in mended.folder.iterdir()) == ["diagnosis.json", "diagnosis.png", REPAIRED_NAME]
    stored = json.loads((mended.folder / "diagnosis.json").read_text())
    assert stored == json.loads(json.dumps(mended.to_json(), allow_nan=False))
    assert stored["diagnosis"]["suspects"][0] == "stage3_block1_1_conv + stage3_block1_relu1"
    picture = cv2.imread(str(mended.folder / "diagnosis.png"))
    assert min(picture.shape[:2]) > 400
    colours = np.unique(picture[::4, ::4].reshape(-1, 3), axis=0)
    assert len(colours) > 20  # curves, bars and marks, not an empty frame


def started(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["signs-edge", "diagnose", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code, *capsys.readouterr()


def test_the_command_prints_layers_branches_and_what_to_do(run, tmp_path, monkeypatch, capsys):
    code, out, _ = started(monkeypatch, capsys, run, "--out", tmp_path)

    assert code == 0
    assert "most suspect: stage3_block1_1_conv + stage3_block1_relu1" in out
    assert "shortcut stage2_block1_shortcut_conv" in out
    assert "fails" in out
    assert "signs-edge diagnose --repair" in out
    assert not (tmp_path / REPAIRED_NAME).exists()


def test_the_command_says_what_a_repair_keeps_and_costs(run, tmp_path, monkeypatch, capsys):
    code, out, _ = started(monkeypatch, capsys, run, "--out", tmp_path, "--repair")

    assert code == 0
    assert "repaired: 2 of " in out
    assert "ops in float (stage3_block1_1_conv + stage3_block1_relu1; stage3_block1_2_conv" in out
    assert "on held-out pictures" in out
    assert out.count(" ms a picture") == 3
    assert (tmp_path / REPAIRED_NAME).is_file()


def test_a_file_spoiled_after_calibration_is_quantized_afresh(run, tmp_path, planted, healthy, bars):
    """Nothing but the file is at fault: no op needs to stay in float."""
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    for name, content in (("float32", healthy.float32), ("int8", planted.int8)):
        packed = ModelFile.pack(content, bars.names, Contract())
        (copy / "export" / f"{name}.tflite").write_bytes(packed.content)
    found = diagnose_run(copy, repaired=True)
    assert not found.passed
    assert found.repair.content is not None
    assert found.float_layers == ()


def test_where_nothing_passes_it_says_what_can_and_exits_3(run, tmp_path, monkeypatch, capsys):
    (tmp_path / REPAIRED_NAME).write_bytes(b"of an earlier repair")

    code, out, err = started(monkeypatch, capsys, run, "--out", tmp_path, "--repair", "--limit", "1", "--json")

    assert code == 3
    assert json.loads(out)["repair"]["passed"] is False
    said = err.splitlines()[-1]
    assert said.startswith("signs-edge: post-training quantization does not pass with up to 1 of")
    assert "calibrate with more" in said
    assert "quantization-aware training" in said
    assert not (tmp_path / REPAIRED_NAME).exists()


def test_a_significant_loss_fails_even_where_most_answers_agree(planted, bars):
    file = ModelFile.pack(planted.float32, bars.names, Contract())
    lenient = AgreementCheck(file, bars, GateLimits(min_agreement=0.0))
    assert not lenient(planted.int8)
    assert lenient(planted.float32)


def test_calibration_pictures_are_those_of_the_export(bars, tmp_path):
    chosen = choose_calibration(bars, 9, seed=3)
    report = tmp_path / "export.json"
    write_json(report, {"calibration": chosen.to_json()})
    assert np.array_equal(recorded_calibration(report, bars), chosen.images)
    others = SignsDataset(255 - bars.images, bars.labels, bars.names)
    with pytest.raises(ModelError, match="have changed"):
        recorded_calibration(report, others)
    for text in ("{", '{"calibration": null}', '{"calibration": {"indices": [1000], "sha256": ""}}'):
        report.write_text(text)
        with pytest.raises(ModelError, match="names no calibration pictures"):
            recorded_calibration(report, bars)


def test_packing_again_changes_nothing(planted, bars):
    file = ModelFile.pack(planted.int8, bars.names, Contract(), 0.4)
    assert repack(file.content, file).content == file.content
