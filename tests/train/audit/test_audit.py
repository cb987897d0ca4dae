"""What the audit finds, and what it writes."""

import json
import re

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.train.audit import audit as room
from signs_edge.train.audit.audit import audit
from signs_edge.train.audit.findings import Place
from signs_edge.train.audit.report import sections, write_report
from signs_edge.train.data import duplicates
from signs_edge.train.data.dataset import SignsDataset, Splits, default_source, load_splits

NAMES = ("0", "1", "2", "3", "4", "<b>5</b>")


@pytest.fixture(scope="module")
def planted(drawn_hands, tampered):
    """Drawn hands with an equal pair, a leaked copy, a copy labelled otherwise, a blurred and a dark picture."""
    images, labels = drawn_hands[0].copy(), drawn_hands[1].copy()
    images[8], labels[8] = images[2], labels[2]
    images[50], labels[50] = tampered["mirrored"](images[4]), labels[4]
    images[11], labels[11] = tampered["jpeg"](images[5]), (labels[5] + 1) % 6
    images[20] = 130
    images[21] = images[21] // 8
    whole = SignsDataset(images, labels, NAMES)
    return Splits(whole.take(np.arange(45)), whole.take(np.arange(45, 60)), "drawn & planted")


@pytest.fixture(scope="module")
def found(planted):
    return audit(planted)


def test_what_was_planted_is_found(planted, found):
    assert sum(found.balance["train"].values()) == 45
    assert found.balance["test"] == dict(zip(NAMES, np.bincount(planted.test.labels, minlength=6), strict=True))
    assert [[place.index for place in group.places] for group in found.exact] == [[2, 8]]
    assert [{str(place).split(" (")[0] for place in group.places} for group in found.near] == [
        {"train 4", "test 5"},
        {"train 5", "train 11"},
    ]
    assert [group.conflicting for group in found.near] == [False, True]
    assert found.leaked == (5,)
    assert [(leak.test.index, leak.train.index, leak.kind) for leak in found.leaks] == [(5, 4, "near")]
    assert found.blurred[0].place.index == 20
    assert 21 in [each.place.index for each in found.dark]


def test_copies_labelled_otherwise_are_the_most_suspicious(planted, found):
    first, second = found.suspicious[:2]
    assert {first.place.index, second.place.index} == {5, 11}
    assert (first.reason, first.score) == ("copies", 1.0)
    assert first.answer == second.place.label
    assert first.nearest == (second.place,)


def test_the_summary_is_readable(found):
    text = str(found)
    assert "leaks  1 test pictures are copies of training pictures (0 of them byte for byte): 5\n" in text
    assert "equal  1 groups, 2 pictures, the largest of 2\n" in text
    assert "labels differ in 1" in text
    assert "train 5 (" in text


def test_the_report_holds_all(planted, found, tmp_path):
    paths = write_report(found, planted, tmp_path / "new" / "folder")
    names = {path.name for path in paths}
    assert {"audit.json", "audit.html", "leaks.png", "exact.png", "near.png", "suspicious.png", "blurred.png"} <= names
    assert "bursts.png" not in names
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == names
    stored = json.loads((tmp_path / "new" / "folder" / "audit.json").read_text())
    assert stored["leaked"] == [5]
    assert stored["exact"][0]["places"][0] == {"part": "train", "index": 2, "label": NAMES[planted.train.labels[2]]}
    page = (tmp_path / "new" / "folder" / "audit.html").read_text()
    assert "drawn &amp; planted" in page
    assert "<b>5</b>" not in page
    assert set(re.findall(r'(?:src|href)="([^:]*:)', page)) == {"data:"}
    assert len(re.findall("<img ", page)) == sum(len(places) for s in sections(found) for _, places in s.rows)
    drawn = cv2.imread(str(tmp_path / "new" / "folder" / "exact.png"))
    side = cv2.resize(planted.train.images[2][..., ::-1], (112, 112), interpolation=cv2.INTER_NEAREST)
    assert (drawn[14 : 14 + 112, :112] == side).all()
    assert (drawn[14 : 14 + 112, 116:228] == side).all()


def test_sheets_of_an_earlier_audit_go(planted, found, tmp_path):
    (tmp_path / "bursts.png").write_bytes(b"old")
    write_report(found, planted, tmp_path)
    assert not (tmp_path / "bursts.png").exists()
    with pytest.raises(DataError, match="cannot be made"):
        write_report(found, planted, tmp_path / "audit.json" / "below")


def test_long_rows_are_wrapped(planted, tmp_path):
    from signs_edge.train.audit.sheet import sheet

    many = tuple(Place("train", index, "0") for index in range(25))
    short = sheet([("one", many[:1])], planted)
    long = sheet([("all", many), ("again", many[:2])], planted)
    assert long.shape[1] <= 1290
    assert long.shape[0] > 3 * short.shape[0] - 30


def test_too_many_pictures_are_said(planted, monkeypatch):
    monkeypatch.setattr(duplicates, "NEAR_LIMIT", 50)
    monkeypatch.setattr(room, "NEAR_LIMIT", 50)
    found = audit(planted)
    assert not found.near_searched
    assert len(found.exact) == 1
    assert (found.near, found.suspicious, found.neighbour_accuracy) == ((), (), None)
    assert "not looked for: too many pictures" in str(found)
    assert "Too many" in next(section.said for section in sections(found) if section.name == "suspicious")


@pytest.mark.signs
def test_wrong_labels_planted_in_the_real_photos_are_found():
    splits = load_splits(default_source())
    rng = np.random.default_rng(5)
    flipped = rng.choice(len(splits.train), 5, replace=False)
    labels = splits.train.labels.copy()
    labels[flipped] = (labels[flipped] + rng.integers(1, 6, 5)) % 6
    wrong = Splits(SignsDataset(splits.train.images, labels, splits.train.names), splits.test, "flipped")

    found = audit(wrong)

    named = [each.place.index for each in found.suspicious[:20] if each.place.part == "train"]
    assert len(set(named) & set(flipped.tolist())) >= 4
    assert found.trusted
    assert len(found.leaked) == 14
    assert sum(len(group.places) - 1 for group in found.exact if group.places[-1].part == "train") == 43
    assert 37 in [each.place.index for each in found.blurred]  # a wall without a hand
