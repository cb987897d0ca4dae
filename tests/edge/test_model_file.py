"""Labels and contract inside a .tflite file."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import pytest

from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.model_file import CONTRACT, LABELS, ModelFile

FLATBUFFER = b"\x1c\x00\x00\x00TFL3" + bytes(range(256))  # as much of one as this room looks at


def with_archive(**files: str | bytes) -> bytes:
    """The flatbuffer with an archive of other files behind it."""
    content = io.BytesIO(FLATBUFFER)
    with zipfile.ZipFile(content, "a") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return content.getvalue()


@pytest.mark.parametrize(
    "labels", [("0", "1", "2"), ("none", "zwei Finger", "Čtyři", ""), tuple(map(str, range(1000)))]
)
def test_what_is_packed_is_read(tmp_path: Path, labels: tuple[str, ...]) -> None:
    path = tmp_path / "model.tflite"
    packed = ModelFile.pack(FLATBUFFER, labels, Contract(height=32, width=48))
    path.write_bytes(packed.content)

    assert ModelFile.read(path) == packed
    assert packed.labels == labels
    assert packed.contract == Contract(height=32, width=48)


def test_the_flatbuffer_comes_first_and_whole() -> None:
    assert ModelFile.pack(FLATBUFFER, ("0",), Contract()).content.startswith(FLATBUFFER)


def test_the_same_model_gives_the_same_bytes() -> None:
    first, second = (ModelFile.pack(FLATBUFFER, ("0", "1"), Contract()).content for _ in range(2))

    assert first == second


def test_other_tools_find_the_labels() -> None:
    """The TFLite metadata format's convention: associated files in a ZIP archive at the end."""
    packed = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract())

    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.namelist() == [LABELS, CONTRACT]
        assert archive.read(LABELS) == b"0\n1\n"
        assert json.loads(archive.read(CONTRACT)) == {"contract": Contract().to_json()}


@pytest.mark.parametrize("label", ["a\nb", "a\r", "a\u2028b"])
def test_a_label_of_two_lines_is_refused_when_it_is_packed(label: str) -> None:
    with pytest.raises(ModelError, match="each is one line of text"):
        ModelFile.pack(FLATBUFFER, ("0", label), Contract())


@pytest.mark.parametrize("below", [None, 0, 0.0, 0.62, 1.0])
def test_the_threshold_travels_along(tmp_path: Path, below: float | None) -> None:
    path = tmp_path / "model.tflite"
    packed = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract(), below)
    path.write_bytes(packed.content)

    assert ModelFile.read(path).abstain_below == packed.abstain_below == below


def test_a_file_of_an_older_version_has_no_threshold(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(with_archive(labels__txt="0\n", signs_edge__json=GOOD))

    assert ModelFile.read(path).abstain_below is None


@pytest.mark.parametrize("below", ["-0.1", "1.1", "NaN", "Infinity", '"0.5"', "true", "[0.5]", "{}"])
def test_a_threshold_that_is_no_probability_is_refused(tmp_path: Path, below: str) -> None:
    path = tmp_path / "model.tflite"
    notes = GOOD.removesuffix("}") + f', "abstain_below": {below}}}'
    path.write_bytes(with_archive(labels__txt="0\n", signs_edge__json=notes))

    with pytest.raises(ModelError, match=r"abstain_below .* is not allowed: a probability from 0 to 1") as caught:
        ModelFile.read(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match="is not allowed"):
        ModelFile.pack(FLATBUFFER, ("0",), Contract(), json.loads(below))


GOOD = json.dumps({"contract": Contract().to_json()})
BAD_FILES = {
    "empty": (b"", "no TFL3 mark"),
    "text": (b"This is not a model.", "no TFL3 mark"),
    "plain": (FLATBUFFER, "carries no readable labels and contract"),
    "no labels": (with_archive(signs_edge__json=GOOD), "labels.txt"),
    "no contract": (with_archive(labels__txt="0\n"), "signs_edge.json"),
    "labels not UTF-8": (with_archive(labels__txt=b"\xff\xfe", signs_edge__json=GOOD), "carries no readable"),
    "contract not JSON": (with_archive(labels__txt="0\n", signs_edge__json="{"), "carries no readable"),
    "contract a list": (with_archive(labels__txt="0\n", signs_edge__json="[1]"), "carries no readable"),
    "contract empty": (with_archive(labels__txt="0\n", signs_edge__json="{}"), "carries no readable"),
    "contract of later": (
        with_archive(labels__txt="0\n", signs_edge__json='{"contract": {"gamma": 2}}'),
        "update signs-edge",
    ),
    "contract unknown": (
        with_archive(labels__txt="0\n", signs_edge__json='{"contract": {"colour": "BGR"}}'),
        "colour 'BGR' is not known",
    ),
    "cut": (ModelFile.pack(FLATBUFFER, ("0",), Contract()).content[:-30], "carries no readable"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_model_of_ours_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]
    path = tmp_path / "model.tflite"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=message) as caught:
        ModelFile.read(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.tflite cannot be read \(No such file"):
        ModelFile.read(tmp_path / "absent.tflite")
    with pytest.raises(ModelError, match=r"cannot be read \(Is a directory\)"):
        ModelFile.read(tmp_path)


def test_no_damage_ends_in_anything_but_an_answer_or_a_model_error(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    whole = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract()).content
    refusals = []
    for seed in range(500):
        rng = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(rng.choice([1, 4, 16])):
            damaged[rng.randrange(len(FLATBUFFER), len(whole))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            ModelFile.read(path)
        except ModelError as error:
            refusals.append(str(error))
    assert 100 < len(refusals) < 500
    assert not any("\n" in refusal for refusal in refusals)
