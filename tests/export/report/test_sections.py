"""The parts of the report that look at the files: filled from real ones, and shown on the page."""

import json

import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.gate.pictures import GatePictures
from signs_edge.export.report import sections
from signs_edge.export.report.sections import make_sections, recorded_section, refusals, runtimes_section
from signs_edge.export.settings import ReportSettings
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder


@pytest.fixture(scope="module")
def made(healthy, bars, tmp_path_factory):
    """The further sections of a small network, and its flatbuffers."""
    folder = tmp_path_factory.mktemp("sections")
    run = RunFolder(folder / "run")
    run.start(TrainConfig("bars"), bars.names)
    healthy.model.save(run.model_file)
    flatbuffers = {FLOAT32: healthy.float32, INT8: healthy.int8}
    names = tuple(f"bars {index}" for index in range(len(bars)))
    return make_sections(
        run, flatbuffers, GatePictures(bars, names, len(bars)), ReportSettings(bench_seconds=0.2)
    ), flatbuffers


def test_operators_layers_times_and_runtimes_are_there(made):
    extra, _ = made
    values = json.loads(json.dumps(extra.to_json(), allow_nan=False))

    assert values["inspection"][INT8]["kind"] == "full integer"
    assert values["inspection"][FLOAT32]["kind"] == "float32"
    rows = values["inspection"][INT8]["operators by depth"]
    assert any(row["operator"] == "CONV_2D" and row["weights"] == "per channel" for row in rows)
    assert values["diagnosis"]["picture"].startswith("data:image/png;base64,")
    assert {"layer", "dB", "own dB", "clipped"} == set(values["diagnosis"]["layers"][0])
    assert [row["file"] for row in values["bench"]["files"]] == ["float32.tflite", "int8.tflite"]
    assert all(row["p99 ms"] >= row["p50 ms"] > 0 for row in values["bench"]["files"])
    here = values["everywhere"]["on this machine"]
    assert {(row["file"], row["runtime"].split()[0]) for row in here} >= {(FLOAT32, "tensorflow"), (INT8, "tensorflow")}
    assert all(row["other answers"] == 0 for row in here)


def test_only_the_format_that_promises_integers_is_held_to_it(made):
    _, flatbuffers = made

    assert refusals(INT8, flatbuffers[INT8]) == refusals(FLOAT32, flatbuffers[FLOAT32]) == ()
    assert "not full-integer int8: " in refusals(INT8, flatbuffers[FLOAT32])[0]


def test_a_record_counts_for_its_own_flatbuffers_only(made, tmp_path):
    extra, flatbuffers = made
    record = tmp_path / "everywhere.json"
    other = {"picture": 3, "first": 1, "second": 2, "margin": 0.01, "confidence": 0.4}
    against = {"Pi": {"pictures": 40, "other_answers": [other], "equal_scores": 39, "largest_difference": 0.02}}
    digest = extra.inspection[INT8]["sha256 of the model part"]
    models = [
        {"file": "int8.tflite", "flatbuffer_sha256": digest, "against_first": against},
        {"file": "other.tflite", "flatbuffer_sha256": "0" * 64, "against_first": against},
    ]
    write_json(record, {"places": {"Pi": {"runtime": "ai-edge-litert 2"}}, "models": models})

    (row,) = recorded_section(record, flatbuffers)

    assert (row["file"], row["place"], row["other answers"], row["their confidences"]) == (INT8, "Pi", 1, "0.40")
    assert recorded_section(tmp_path / "absent.json", flatbuffers) == []


def test_a_runtime_that_answers_otherwise_is_seen(made, bars, monkeypatch):
    _, flatbuffers = made
    right = sections.predict_all
    monkeypatch.setattr(
        sections, "predict_all",
        lambda classifier, pictures: right(classifier, pictures)[:, :: -1 if "tensorflow" in classifier.runtime else 1],
    )  # fmt: skip

    (row,) = runtimes_section({INT8: ModelFile.pack(flatbuffers[INT8], bars.names, Contract())}, bars.images[:12])

    assert row["other answers"] > 0
    assert row["largest difference"] > 0.3
