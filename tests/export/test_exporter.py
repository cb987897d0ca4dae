"""From a run folder to files that a stock runtime opens, checked against the model they came from."""

import hashlib
import json
import shutil

import cv2
import numpy as np
import pytest

from signs_edge.edge.bundle.model_file import ModelFile, Origin
from signs_edge.edge.errors import DataError, ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.inference.self_test import self_test
from signs_edge.export.convert.convert import FORMATS
from signs_edge.export.exporter import export_run
from signs_edge.export.settings import CalibrationSettings, ExportSettings, ReportSettings
from signs_edge.train.data.dataset import load_splits
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.runs.config import ModelConfig, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder
from signs_edge.train.training.fit import fit


def _settings(**values):
    """Settings whose report has no details."""
    return ExportSettings(**{"report": ReportSettings(details=False), **values})


def draw_bars(folder, n):
    """A folder by class that a tiny network learns at once: class k has k bright bars."""
    rng = np.random.default_rng(0)
    for label in (1, 2, 3):
        (folder / str(label)).mkdir(parents=True)
        for i in range(n):
            picture = rng.integers(0, 60, (64, 64, 3), dtype=np.uint8)
            for bar in range(label):
                picture[8:56, 8 + 16 * bar : 14 + 16 * bar] += 180
            cv2.imwrite(str(folder / str(label) / f"{i:03}.png"), picture)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bars")
    draw_bars(folder / "photos", 40)
    run = RunFolder(folder / "run")
    fit(
        TrainConfig(
            str(folder / "photos"), ModelConfig(stages=(1, 1), width=4), epochs=10, learning_rate=0.01, augment="none"
        ),
        run,
    )
    return run, export_run(run.path, _settings(formats=FORMATS, calibration=CalibrationSettings(pictures=30)))


@pytest.fixture(scope="module")
def refused(exported, tmp_path_factory):
    """An export calibrated in the dark, where an earlier one had passed."""
    run, report = exported
    folder = tmp_path_factory.mktemp("refused")
    (folder / "dark").mkdir()
    for i in range(40):
        dark = np.random.default_rng(i).integers(0, 4, (48, 64, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / "dark" / f"frame{i:02}.png"), dark)
    (folder / "out").mkdir()
    for name in ("int8.tflite", "dynamic.tflite"):
        shutil.copy(report.folder / name, folder / "out" / name)
    return export_run(
        run.path,
        _settings(
            calibration=CalibrationSettings(folder / "dark"),
            out=folder / "out",
            report=ReportSettings(photos=False, details=False),
        ),
    )


def test_the_files_and_their_report_are_there(exported):
    _, report = exported
    assert sorted(path.name for path in report.folder.iterdir()) == [
        "dynamic.tflite", "export.html", "export.json", "float16.tflite", "float32.tflite", "int8.tflite",
    ]  # fmt: skip
    assert report.sizes["int8.tflite"] == (report.folder / "int8.tflite").stat().st_size
    whole = ModelFile.read(report.folder / "float32.tflite")
    assert ModelFile.read(report.folder / "int8.tflite").flatbuffer_size < whole.flatbuffer_size
    stored = json.loads((report.folder / "export.json").read_text())
    assert stored == json.loads(json.dumps(report.to_json()))
    assert stored["calibration"]["per_class"] == {"1": 10, "2": 10, "3": 10}
    assert stored["test"]["int8"]["n"] == 12


def test_the_files_say_where_they_come_from_and_what_they_must_answer(exported):
    run, report = exported
    for name in ("float32.tflite", "int8.tflite"):
        file = ModelFile.read(report.folder / name)
        assert file.origin is Origin.SEALED
        assert file.temperature == json.loads(run.metrics_file.read_text())["calibration"]["temperature"]
        calibrated = report.calibration.digest if name == "int8.tflite" else None
        assert file.provenance["data"]["calibration_sha256"] == calibrated
        assert file.provenance["run"]["model_sha256"] == hashlib.sha256(run.model_file.read_bytes()).hexdigest()
        assert (file.provenance["data"]["train"]["n"], file.provenance["data"]["test"]["n"]) == (108, 12)
        assert {"signs-edge", "tensorflow", "keras"} == file.provenance["versions"].keys()
        assert str(run.path.parent) not in file.content.decode("latin-1")
        replayed = self_test(TFLiteClassifier(file))
        assert (replayed.ok, replayed.n) == (True, 8)
    float32, int8 = (ModelFile.read(report.folder / name).golden for name in ("float32.tflite", "int8.tflite"))
    assert (float32.scores == float32.float_scores).all()
    assert (int8.scores != int8.float_scores).any()
    exact = TFLiteClassifier.open(report.folder / "float32.tflite")
    assert (predict_all(exact, int8.pictures) == int8.float_scores).all()


def test_keras_and_float32_answer_the_same(exported):
    _, report = exported
    found, comparison = report.verification.evaluations, report.verification.comparisons["float32"]
    assert comparison.flips == ()
    assert comparison.distance < 1e-5
    assert found["Keras"].accuracy == found["float32"].accuracy
    assert found["Keras"].accuracy > 0.9  # or agreement would say nothing


def test_int8_is_close_to_float32(exported):
    _, report = exported
    found = report.verification.comparisons["int8"]
    assert len(found.flips) <= 1
    assert 0 < found.distance < 0.05


def test_the_report_is_what_the_files_give(exported):
    run, report = exported
    config, names = run.read_config()
    test = load_splits(config.data, config.seed).test
    int8 = TFLiteClassifier.open(report.folder / "int8.tflite")
    right = (predict_all(int8, test.images).argmax(axis=1) == test.labels).sum()
    assert right == report.verification.evaluations["int8"].correct
    assert int8.labels == names == ("1", "2", "3")
    keras_model = KerasClassifier.open(run.model_file)
    twin = TFLiteClassifier.open(report.folder / "float32.tflite")
    assert np.allclose(keras_model.predict_all(test.images), predict_all(twin, test.images), atol=1e-5)


def test_int8_is_full_integer_with_weights_per_channel(exported):
    _, report = exported
    content = (report.folder / "int8.tflite").read_bytes()
    interpreter = find_runtime().interpreter(model_content=content)
    interpreter.allocate_tensors()
    assert interpreter.get_input_details()[0]["dtype"] == np.int8
    assert interpreter.get_output_details()[0]["dtype"] == np.int8
    tensors = interpreter.get_tensor_details()
    # Nothing is float: weights int8, biases int32.
    assert {np.dtype(tensor["dtype"]).name for tensor in tensors if tensor["name"]} <= {"int8", "int32"}
    kernels = [t for t in tensors if len(t["shape"]) == 4 and len(t["quantization_parameters"]["scales"]) > 1]
    assert kernels
    assert all(len(t["quantization_parameters"]["scales"]) == t["shape"][0] for t in kernels)


def test_calibration_takes_only_pictures_that_the_model_learned_from(exported):
    run, report = exported
    config, _ = run.read_config()
    test = load_splits(config.data, config.seed).test
    chosen = {picture.tobytes() for picture in report.calibration.images}
    assert len(chosen) == 30
    assert not chosen & {picture.tobytes() for picture in test.images}


def test_the_threshold_that_training_chose_travels_along(exported, tmp_path):
    run, report = exported
    assert report.abstain_below is None
    assert ModelFile.read(report.folder / "int8.tflite").abstain_below is None
    chosen = tmp_path / "run"
    shutil.copytree(run.path, chosen, ignore=shutil.ignore_patterns("export"))
    metrics = json.loads((chosen / "metrics.json").read_text())
    (chosen / "metrics.json").write_text(json.dumps(metrics | {"abstention": {"threshold": 0.625, "hands_kept": 0.9}}))
    again = export_run(chosen, _settings(formats=("float32",)))
    assert ModelFile.read(again.folder / "float32.tflite").abstain_below == 0.625
    assert TFLiteClassifier.open(again.folder / "float32.tflite").abstain_below == 0.625
    assert json.loads((again.folder / "export.json").read_text())["abstain_below"] == 0.625
    assert KerasClassifier.open(chosen / "model.keras").abstain_below == 0.625
    (chosen / "metrics.json").write_text(json.dumps(metrics | {"abstention": {"threshold": 62}}))
    with pytest.raises(ModelError, match="has the abstention threshold 62: allowed is a probability"):
        export_run(chosen)


def test_float32_alone_and_what_an_earlier_export_left_is_gone(exported, tmp_path):
    run, _ = exported
    out = tmp_path / "float"
    out.mkdir()
    (out / "int8.tflite").write_text("of an earlier export, of which this one's report says nothing")
    report = export_run(run.path, _settings(formats=("float32",), out=out))
    assert (report.calibration, report.coverage, report.io_type) == (None, None, None)
    assert report.to_json()["test"]["int8"] is None
    assert sorted(path.name for path in out.iterdir()) == ["export.html", "export.json", "float32.tflite"]


def test_a_folder_that_cannot_be_made(exported, tmp_path):
    run, _ = exported
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelError, match="file cannot be made"):
        export_run(run.path, _settings(out=tmp_path / "file"))


def test_the_gate_of_a_sound_export(exported):
    _, report = exported
    assert report.passed
    assert report.files == {form: f"{form}.tflite" for form in FORMATS}
    stored = json.loads((report.folder / "export.json").read_text())
    assert set(stored["gates"]) == set(FORMATS)
    assert stored["judged_on"] == "12 test photos"
    assert stored["gates"]["int8"]["detectable_loss"] > 0.3  # so little do twelve pictures say
    assert stored["calibration"]["distinct"] == 3  # of one class all are bursts: bars on noise
    assert "Every file passed the gate" in (report.folder / "export.html").read_text()


def test_a_file_that_fails_is_not_to_be_deployed_and_an_earlier_one_stays(exported, refused):
    _, sound = exported
    assert not refused.passed
    gates = refused.verification.gates
    assert (gates["float32"].passed, gates["int8"].passed) == (True, False)
    assert sorted(path.name for path in refused.folder.iterdir()) == [
        "export.html", "export.json", "float32.tflite", "int8.failed.tflite", "int8.tflite",
    ]  # fmt: skip
    assert (refused.folder / "int8.tflite").read_bytes() == (sound.folder / "int8.tflite").read_bytes()
    stored = json.loads((refused.folder / "export.json").read_text())
    assert stored["passed"] is False
    assert stored["files"]["int8"] == "int8.failed.tflite"
    assert stored["kept"] == ["int8.tflite"]
    assert "agrees with float32 on" in stored["gates"]["int8"]["reasons"][0]
    assert stored["calibration"]["files"][0] == "frame00.png"
    assert "does not cover the test pictures" in stored["warnings"][-1]
    page = (refused.folder / "export.html").read_text()
    assert "int8.failed.tflite" in page
    assert "data:image" not in page  # photos=False


def test_same_run_same_bytes_and_a_failed_file_goes_when_one_passes(exported, refused):
    run, report = exported
    again = export_run(
        run.path,
        _settings(formats=FORMATS, out=refused.folder, calibration=CalibrationSettings(pictures=30)),
    )
    for form in FORMATS:
        assert (again.folder / f"{form}.tflite").read_bytes() == (report.folder / f"{form}.tflite").read_bytes()
    assert again.kept == ()
    assert not (again.folder / "int8.failed.tflite").exists()


def test_what_cannot_be_exported_is_said(exported, tmp_path):
    run, _ = exported
    with pytest.raises(ModelError, match="is not a run folder"):
        export_run(tmp_path)
    unfinished = RunFolder(tmp_path / "unfinished")
    unfinished.start(run.read_config()[0], ("1", "2", "3"))
    with pytest.raises(ModelError, match="has no finished model: continue it"):
        export_run(unfinished.path)
    draw_bars(tmp_path / "other", 5)
    (tmp_path / "other" / "3").rename(tmp_path / "other" / "7")
    with pytest.raises(DataError, match="class '7'"):
        export_run(run.path, _settings(data=str(tmp_path / "other"), out=tmp_path / "none"))
    assert not (tmp_path / "none").exists()
