"""What travels inside a .tflite file, and what is refused: damage, other origin, other versions."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.describe import describe_bundle
from signs_edge.edge.bundle.model_file import CONTRACT, EXPECTATION, LABELS, ModelFile, Origin
from signs_edge.edge.bundle.seal import SEAL, seal_bytes
from signs_edge.edge.errors import ModelError
from signs_edge.edge.reference.expectation import Expectation

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


def test_the_drift_expectation_travels_along() -> None:
    rng = np.random.default_rng(0)
    answers = rng.dirichlet(np.ones(2), (2, 80)).astype(np.float32)
    pictures = rng.integers(0, 256, (80, 16, 16, 3), dtype=np.uint8)
    expectation = Expectation.of(pictures, rng.integers(0, 2, 80), *answers)

    packed = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract(), expectation=expectation)
    read = ModelFile.parse(packed.content, "model")

    assert read.expectation is not None
    assert read.expectation.to_json() == expectation.to_json()
    assert "drift reference: of 80 pictures" in describe_bundle(read)
    assert ModelFile.parse(ModelFile.pack(FLATBUFFER, ("0",), Contract()).content, "model").expectation is None


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"version": 2, "reference": {}, "int8_bins": {}, "float_bins": {}}'])
def test_an_expectation_that_is_none_is_refused_in_a_line(text: bytes) -> None:
    notes = json.dumps({"format": 2, "contract": Contract().to_json()}).encode()
    content = seal_bytes(FLATBUFFER, [(LABELS, b"0\n"), (CONTRACT, notes), (EXPECTATION, text)])

    with pytest.raises(ModelError, match="export the model again"):
        ModelFile.parse(content, "model")


def test_an_expectation_of_another_version_is_worth_nothing_and_the_model_is() -> None:
    notes = json.dumps({"format": 2, "contract": Contract().to_json()}).encode()
    text = b'{"reference": {}, "int8_bins": {}, "float_bins": {}}'
    model = ModelFile.parse(seal_bytes(FLATBUFFER, [(LABELS, b"0\n"), (CONTRACT, notes), (EXPECTATION, text)]), "model")

    assert model.labels == ("0",)
    assert model.expectation is not None
    assert not model.expectation.known
    assert "drift reference" not in describe_bundle(model)


def test_the_flatbuffer_comes_first_and_whole() -> None:
    assert ModelFile.pack(FLATBUFFER, ("0",), Contract()).content.startswith(FLATBUFFER)


def test_the_same_model_gives_the_same_bytes() -> None:
    first, second = (ModelFile.pack(FLATBUFFER, ("0", "1"), Contract()).content for _ in range(2))

    assert first == second


def test_other_tools_find_the_labels() -> None:
    """The TFLite metadata format's convention: associated files in a ZIP archive at the end."""
    packed = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract())

    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [SEAL, LABELS, CONTRACT]
        assert archive.read(LABELS) == b"0\n1\n"
        assert json.loads(archive.read(CONTRACT)) == {"format": 2, "contract": Contract().to_json()}


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

    read = ModelFile.read(path, trust=True)
    assert read.abstain_below is None
    assert (read.origin, read.labels, read.flatbuffer) == (Origin.UNSEALED, ("0",), FLATBUFFER)
    assert read.digest is None


@pytest.mark.parametrize("below", ["-0.1", "1.1", "NaN", "Infinity", '"0.5"', "true", "[0.5]", "{}"])
def test_a_threshold_that_is_no_probability_is_refused(tmp_path: Path, below: str) -> None:
    path = tmp_path / "model.tflite"
    notes = GOOD.removesuffix("}") + f', "abstain_below": {below}}}'
    path.write_bytes(with_archive(labels__txt="0\n", signs_edge__json=notes))

    with pytest.raises(ModelError, match=r"abstain_below .* is not allowed: a probability from 0 to 1") as caught:
        ModelFile.read(path, trust=True)
    assert "\n" not in str(caught.value)
    with pytest.raises(ModelError, match="is not allowed"):
        ModelFile.pack(FLATBUFFER, ("0",), Contract(), json.loads(below))


GOOD = json.dumps({"contract": Contract().to_json()})
BAD_FILES = {
    "empty": (b"", "no TFL3 mark"),
    "text": (b"This is not a model.", "no TFL3 mark"),
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
    "cut": (ModelFile.pack(FLATBUFFER, ("0",), Contract()).content[:-30], "damaged or was changed"),
    "cut in the archive's first header": (
        ModelFile.pack(FLATBUFFER, ("0",), Contract()).content[: len(FLATBUFFER) + 60],
        "damaged or was changed",
    ),
}


OLDER = {"no labels", "no contract", "contract of later", "contract unknown"}  # of files without a digest


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_model_of_ours_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]
    path = tmp_path / "model.tflite"
    path.write_bytes(content)

    for trust in (False, True) if "carries" not in message and name not in OLDER else (True,):
        with pytest.raises(ModelError, match=message) as caught:
            ModelFile.read(path, trust)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["plain", "older"])
def test_a_file_of_other_origin_needs_trust(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.tflite"
    older = with_archive(labels__txt="0\n1\n", signs_edge__json=GOOD)
    path.write_bytes(FLATBUFFER if name == "plain" else older)

    with pytest.raises(ModelError, match=r"model\.tflite has .* no digest.*--trust$|no digest of ours") as caught:
        ModelFile.read(path)
    assert "\n" not in str(caught.value)

    read = ModelFile.read(path, trust=True)
    assert read.content == path.read_bytes()
    assert (read.origin, read.labels) == ((Origin.PLAIN, ()) if name == "plain" else (Origin.UNSEALED, ("0", "1")))
    assert (read.contract, read.golden) == (Contract(), None)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.tflite cannot be read \(No such file"):
        ModelFile.read(tmp_path / "absent.tflite")
    with pytest.raises(ModelError, match=r"cannot be read \(Is a directory\)"):
        ModelFile.read(tmp_path)


def test_a_damaged_file_without_digest_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    whole = with_archive(labels__txt="0\n1\n", signs_edge__json=GOOD)
    refusals = []
    for seed in range(500):
        rng = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(rng.choice([1, 4, 16])):
            damaged[rng.randrange(len(FLATBUFFER), len(whole))] = rng.randrange(256)
        try:
            ModelFile.parse(bytes(damaged), "it", trust=True)
        except ModelError as error:
            refusals.append(str(error))
    assert 100 < len(refusals) < 500
    assert not any("\n" in refusal for refusal in refusals)


def test_not_one_byte_of_a_sealed_file_can_change() -> None:
    """Every byte, one after the other: none is slack."""
    whole = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract(), provenance={"run": "mine"}).content
    assert ModelFile.parse(whole, "it").content == whole
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        with pytest.raises(ModelError):
            ModelFile.parse(bytes(changed), "it")


@pytest.mark.parametrize("trust", [False, True])
def test_nothing_before_or_behind_a_sealed_file(trust: bool) -> None:
    whole = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract()).content
    for changed in (
        whole + b"\0",
        whole[:-1],
        b"\0" + whole,
        whole[: len(FLATBUFFER)] + b"\0" + whole[len(FLATBUFFER) :],
    ):
        with pytest.raises(ModelError):
            ModelFile.parse(changed, "it", trust)


def test_an_archive_that_says_the_same_in_other_bytes_is_refused() -> None:
    """Made by another tool, with the right digest: the digest alone would let its slack through."""
    whole = ModelFile.pack(FLATBUFFER, ("0", "1"), Contract()).content
    other = io.BytesIO(FLATBUFFER)
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(other, "a") as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name))

    with pytest.raises(ModelError, match="its archive is damaged"):
        ModelFile.parse(other.getvalue(), "it")


def test_provenance_and_temperature_travel_along() -> None:
    values = {"run": {"seed": 3}, "versions": {"keras": "3"}, "gate": None, "figures": [1, 2.5, "x", True]}
    packed = ModelFile.pack(FLATBUFFER, ("0",), Contract(), temperature=1.25, provenance=values)

    read = ModelFile.parse(packed.content, "it")
    assert (read.provenance, read.temperature) == (values, 1.25)
    assert read.flatbuffer == FLATBUFFER
    assert read.origin is Origin.SEALED
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.read(SEAL).decode() == f"{read.digest}\n"


@pytest.mark.parametrize("values", [{"path": Path("x")}, {"x": float("nan")}, {"x": {1, 2}}])
def test_provenance_is_plain_json(values: dict) -> None:
    with pytest.raises(ModelError, match="provenance is not plain JSON"):
        ModelFile.pack(FLATBUFFER, ("0",), Contract(), provenance=values)


@pytest.mark.parametrize("temperature", [0, -1, float("inf"), float("nan"), True, "1"])
def test_a_temperature_that_is_none_is_refused(temperature: object) -> None:
    with pytest.raises(ModelError, match=r"temperature .* is not allowed|not plain JSON"):
        ModelFile.pack(FLATBUFFER, ("0",), Contract(), temperature=temperature)  # type: ignore[arg-type]
