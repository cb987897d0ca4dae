"""What several tests of drawing use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from doll import write_doll

from signs_edge.edge.synthetic.mesh.capsule_hand import capsule_hand
from signs_edge.train.draw.people import People, read_people
from signs_edge.train.draw.shape import PersonModel


@pytest.fixture(scope="session")
def doll_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `data` folder like MakeHuman's."""
    return write_doll(tmp_path_factory.mktemp("makehuman") / "data")


@pytest.fixture(scope="session")
def doll(doll_folder: Path) -> People:
    return read_people(doll_folder)


@pytest.fixture(scope="session")
def person_model(doll: People) -> PersonModel:
    return PersonModel(doll, capsule_hand().bind)


@pytest.fixture(scope="session")
def meshes() -> Path:
    """The folder with the rigged hand: `$SIGNS_EDGE_MESHES`, or `shared/hand3d` beside the repository."""
    beside = Path(__file__).parents[4] / "shared" / "hand3d"
    folder = Path(os.environ.get("SIGNS_EDGE_MESHES") or beside)
    if not (folder / "right.glb").exists():
        pytest.skip(f"no right.glb in {folder}")
    return folder
