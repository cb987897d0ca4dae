"""Sealing the packaged models again: the models inside stay, the card follows."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
import reseal_models

from signs_edge.edge.bundle.model_file import ModelFile, Origin
from signs_edge.edge.errors import ModelError

HOUSE = Path(__file__).parents[2]


@pytest.fixture
def house(tiny_models, tmp_path: Path) -> Path:
    """A checkout with the tiny models, one of them not sealed, and the card of this one."""
    (tmp_path / "edge/models").mkdir(parents=True)
    shutil.copy(tiny_models.int8, tmp_path / "edge/models/int8.tflite")
    plain = ModelFile.read(tiny_models.float32).flatbuffer
    (tmp_path / "edge/models/float32.tflite").write_bytes(plain)
    for name in ("docs/model-card.md", "docs/runs/slim/figures.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOUSE / name, tmp_path / name)
    return tmp_path


def test_the_models_inside_stay_and_the_card_follows(house: Path, tiny_models) -> None:
    with pytest.raises(ModelError, match="lacks labels"):
        reseal_models.reseal(house)
    shutil.copy(tiny_models.float32, house / "edge/models/float32.tflite")

    sizes = reseal_models.reseal(house)

    card = (house / "docs/model-card.md").read_text()
    for path, size in sizes.items():
        file = ModelFile.read(path)
        assert file.origin is Origin.SEALED
        assert file.flatbuffer == ModelFile.read(getattr(tiny_models, path.stem)).flatbuffer
        assert file.provenance["run"]["documented"] == "docs/runs/slim"
        assert f"| `{path.name}` | {size:,} | `{hashlib.sha256(path.read_bytes()).hexdigest()}` |" in card


def test_nothing_is_replaced_where_one_is_damaged(house: Path, tiny_models) -> None:
    damaged = bytearray(tiny_models.float32.read_bytes())
    damaged[3000] ^= 1
    (house / "edge/models/float32.tflite").write_bytes(damaged)
    before = {path: path.read_bytes() for path in house.rglob("*") if path.is_file()}

    with pytest.raises(ModelError, match="was changed"):
        reseal_models.reseal(house)

    assert {path: path.read_bytes() for path in house.rglob("*") if path.is_file()} == before
