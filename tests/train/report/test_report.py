"""The report: all its parts, nothing from elsewhere, nothing unescaped."""

import base64
import json
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.train.augment.unseen_backgrounds import Backgrounded
from signs_edge.train.evaluation.reliability import Calibration
from signs_edge.train.evaluation.robustness import judge_robustness
from signs_edge.train.report.report import Report, class_figures, render, source_name, versions, write_report
from signs_edge.train.report.stored import read_report
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder

NAMES = ("0", "1", "2")
NASTY = '<script>alert("&")</script>'


def predict(pictures):
    """Of the brightness; not always right once the pictures are corrupted."""
    sure = np.exp(-np.abs(pictures.mean(axis=(1, 2, 3))[:, np.newaxis] - np.array([60, 120, 180])) / 20)
    return (sure / sure.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def report(blotches):
    labels = np.repeat([0, 1, 2], 4).astype(np.int64)
    images = (blotches(12, 1) // 4 + (30 + 60 * labels).astype(np.uint8)[:, None, None, None]).astype(np.uint8)
    scores = predict(images)
    evaluation = Evaluation.of(scores.argmax(axis=1), labels, NAMES)
    backgrounded = Backgrounded({"lawn <wet>": images[:6]}, np.arange(6))
    return Report(
        title=f"run {NASTY}",
        model=NASTY,
        data=f"here {NASTY}",
        names=NAMES,
        evaluations={"train": evaluation, "test": evaluation},
        without_leaked=Evaluation.of(scores[:10].argmax(axis=1), labels[:10], NAMES),
        settings={**TrainConfig("here").to_json(), "note": NASTY},
        history=tuple(
            {"epoch": float(epoch), "loss": 1 / epoch, "accuracy": 1 - 1 / epoch, "seconds": 1.0} for epoch in (1, 2, 3)
        ),
        calibration=Calibration.measure(scores, labels, scores, labels),
        robustness=judge_robustness(predict, images, labels, NAMES, backgrounded=backgrounded),
        abstention=Abstention(hands=12, kept=9, right=9, hand_free=40, counted=1),
        threshold=0.6,
        seed=11,
        seconds={"training": 12.5},
    )


@pytest.fixture(scope="module")
def folder(report, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    assert write_report(folder, report) == folder / "report.html"
    return folder


class Page(HTMLParser):
    """What a browser would find: elements, addresses, text; complains about elements that are not closed."""

    VOID = ("meta", "img", "link", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.sources, self.text = [], [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        values = dict(attributes)
        self.sources += [values[name] for name in ("src", "href") if name in values]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.text += " "

    def handle_data(self, data):
        self.text += data


def test_the_page_stands_alone(folder):
    page = Page((folder / "report.html").read_text(encoding="utf-8"))

    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert len(page.sources) == page.tags.count("img") == 6
    for source in page.sources:
        kind, _, data = source.partition(",")
        assert kind == "data:image/png;base64"
        assert cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR) is not None
    assert "url(" not in (folder / "report.html").read_text()


def test_the_page_shows_every_part(folder, report):
    text = " ".join(Page((folder / "report.html").read_text(encoding="utf-8")).text.split())

    for heading in (
        "Accuracy",
        "By class",
        "Calibration",
        "Without a hand",
        "Robustness",
        "Unseen backgrounds",
        "Learning curves",
        "How it was made",
    ):
        assert heading in text
    assert "test without leaked pictures" in text
    assert f"{report.calibration.before.error:.1%} {report.calibration.after.error:.1%}" in text
    assert str(report.robustness.mean) in text
    assert "6 of 12 hands could be cut out cleanly" in text
    assert "lawn <wet>" in text  # escaped in the source, or it would be an element
    assert "confidence is below 60.0%" in text
    assert "9 of 12;" in text
    assert "1 of 40;" in text
    assert "model.stages 3, 4, 6, 3" in text
    assert f"numpy {np.__version__}" in text
    assert text.count(NASTY) == 5  # the title twice


def test_the_json_behind_it_has_the_figures(folder, report):
    stored = json.loads((folder / "report.json").read_text())

    assert stored["seed"] == 11
    assert stored["seconds"] == {"training": 12.5}
    assert stored["evaluations"]["test"] == json.loads(json.dumps(report.shown.to_json()))
    assert stored["without_leaked"]["n"] == 10
    assert stored["settings"]["model"]["width"] == 64
    assert len(stored["robustness"]["corrupted"]) == 60
    assert stored["robustness"]["backgrounds"][0]["n"] == 6
    assert stored["calibration"]["temperature"] == report.calibration.temperature
    assert stored["abstention"]["hand_free"]["share"] == 1 / 40
    assert stored["versions"] == versions()
    assert [record["epoch"] for record in stored["history"]] == [1, 2, 3]


def test_no_file_is_left_half_written(folder):
    assert {path.name for path in folder.iterdir()} == {
        "report.html", "report.json",
        *(f"{name}.png" for name in ("confusion", "classes", "curves", "reliability", "robustness", "worst")),
    }  # fmt: skip


def test_what_is_not_known_is_left_out(report, tmp_path):
    bare = Report("bare", "m.tflite", "here", NAMES, {"all": report.shown})

    text = write_report(tmp_path, bare, "bare").read_text()

    Page(text)
    for heading in ("leaked", "Calibration", "Without a hand", "Robustness", "curves"):
        assert heading not in text
    assert json.loads((tmp_path / "bare.json").read_text())["robustness"] is None
    Page(render(replace(bare, evaluations={}), {}))


def test_a_model_without_mistakes_has_a_report_too(report, tmp_path):
    robustness = replace(report.robustness, worst=(), backgrounds=(), background_mean=None)

    text = write_report(tmp_path, replace(report, robustness=robustness)).read_text()

    assert "Robustness" in text
    assert "Unseen backgrounds" not in text


def test_a_run_folder_tells_how_it_was_trained(report, tmp_path):
    folder = RunFolder(tmp_path / "my-run")
    folder.start(TrainConfig("photos", epochs=7, seed=5), NAMES)
    write_json(folder.history_file, list(report.history))

    found = Report.of_run(folder, report.evaluations, abstention=report.abstention)

    assert (found.title, found.data, found.seed, found.names) == ("my-run", "photos", 5, NAMES)
    assert found.settings["epochs"] == 7
    assert "seed" not in found.settings
    assert found.history == report.history
    assert found.seconds == {"training": 3.0}
    assert found.abstention == report.abstention
    assert found.calibration is None


def test_recall_and_precision_by_class():
    figures = class_figures(Evaluation(NAMES, np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])))

    assert [(figure["recall"]["k"], figure["recall"]["n"]) for figure in figures] == [(3, 4), (4, 4), (0, 0)]
    assert [(figure["precision"]["k"], figure["precision"]["n"]) for figure in figures] == [(3, 3), (4, 5), (0, 0)]
    assert (figures[2]["recall"]["share"], figures[2]["recall"]["interval"]) == (None, None)


def test_a_folder_that_is_not_there_is_one_line(report, tmp_path):
    with pytest.raises(ModelError, match="cannot be written"):
        write_report(tmp_path / "absent", report)


def test_a_report_that_is_passed_on_shows_no_photo_and_no_folder(report, tmp_path):
    text = write_report(tmp_path, report, photos=False).read_text()

    page = Page(text)
    assert page.tags.count("img") == 5
    assert not (tmp_path / "worst.png").exists()
    assert "is left out here: it shows photos" in " ".join(page.text.split())
    assert source_name("/home/someone/signs") == "signs"
    assert source_name("synthetic:6000") == "synthetic:6000"


@pytest.fixture
def finished(report, tmp_path):
    """A run folder that has its report, of a folder somewhere."""
    folder = RunFolder(tmp_path / "run")
    folder.start(TrainConfig("/home/someone/signs"), NAMES)
    write_json(folder.path / "report.json", {**report.to_json(), "data": "/home/someone/signs"})
    write_json(folder.metrics_file, {"abstention": {"threshold": 0.6, **report.abstention.to_json()}})
    return folder


def test_a_stored_report_is_the_one_that_was_written_but_for_its_photos(report, finished):
    found = read_report(finished)

    expected = json.loads(json.dumps(report.to_json()))
    expected["robustness"]["worst"] = []
    assert json.loads(json.dumps(found.to_json())) == {**expected, "data": "signs"}
    assert found.abstention == report.abstention
    assert found.calibration.after.bins == report.calibration.after.bins
    assert "/home/someone" not in write_report(finished.path, found, photos=False).read_text()


def test_a_report_that_cannot_be_read_back_is_one_line(finished, tmp_path):
    write_json(finished.path / "report.json", {"title": "of another version"})
    with pytest.raises(ModelError, match="train again") as caught:
        read_report(finished)
    assert "\n" not in str(caught.value)
    (finished.path / "report.json").write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        read_report(finished)
    with pytest.raises(ModelError, match="finished run"):
        read_report(RunFolder(tmp_path / "absent"))
