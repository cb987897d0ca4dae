"""The meshes: read, fetched, kept."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.edge.synthetic.mesh.capsule_hand import capsule_hand
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS
from signs_edge.train.download.identity import Identity
from signs_edge.train.draw import parts
from signs_edge.train.draw.glb import read_hand
from signs_edge.train.draw.people import (
    BODY,
    GROUP,
    People,
    files_needed,
    group_of,
    load_people,
    read_people,
    save_people,
)


def test_the_rigged_hand_lies_as_all_hands_do(meshes: Path) -> None:
    mesh = read_hand(meshes / "right.glb")
    assert mesh.vertices.shape == (1360, 3)
    assert mesh.faces.shape == (2314, 3)
    assert mesh.weights.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert mesh.bind[0] == pytest.approx(np.eye(4), abs=1e-5)
    tips = mesh.bind[[chain[-1] for chain in CHAINS], :3, 3]
    assert (tips[:, 2] < -0.08).all()  # fingers to -z
    assert tips[0, 0] < tips[1, 0] < tips[4, 0]  # thumb to -x
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((across * mesh.normals[mesh.faces].mean(axis=1)).sum(axis=1) > 0).mean() > 0.99


def test_our_own_hand_has_the_rigged_ones_proportions(meshes: Path) -> None:
    theirs, ours = read_hand(meshes / "right.glb").bind, capsule_hand().bind
    for chain in CHAINS:
        for a, b in pairwise(chain[1:]):
            lengths = [float(np.linalg.norm(bind[b, :3, 3] - bind[a, :3, 3])) for bind in (theirs, ours)]
            assert lengths[1] / lengths[0] == pytest.approx(1, abs=0.85 if b == chain[-1] else 0.35)


@pytest.mark.parametrize("content", [b"", b"glTF" + b"\0" * 40])
def test_another_file_is_no_hand(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "right.glb"
    path.write_bytes(content)
    with pytest.raises(DataError, match="not the rigged hand"):
        read_hand(path)


def test_the_hand_is_fetched_once_and_checked(meshes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, place = tmp_path / "source", tmp_path / "place"
    source.mkdir()
    shutil.copy(meshes / "right.glb", source / "right.glb")
    monkeypatch.setenv(parts.PLACE, str(place))
    first = parts.get_hand("mesh", url=source.as_uri() + "/")
    (source / "right.glb").unlink()
    again = parts.get_hand("mesh", url=source.as_uri() + "/")
    assert np.array_equal(first.vertices, again.vertices)
    (place / "right.glb").unlink()
    (source / "right.glb").write_bytes(b"something else")
    with pytest.raises(DataError, match=r"right\.glb"):
        parts.get_hand("mesh", url=source.as_uri() + "/")


def test_capsules_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(parts.PLACE, str(tmp_path / "nowhere"))
    assert parts.get_hand("capsules") is capsule_hand()
    assert not (tmp_path / "nowhere").exists()


def test_the_list_names_the_files_that_are_read() -> None:
    listed = {f"{folder}/{name}" for folder, files in parts._people_files().items() for name in files}
    assert listed == set(files_needed())


def test_people_are_fetched_read_and_kept(
    doll_folder: Path, doll: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, dict[str, tuple[Identity, ...]]] = {}
    for name in files_needed():
        digest = hashlib.sha256((doll_folder / name).read_bytes()).hexdigest()
        files.setdefault(str(Path(name).parent), {})[Path(name).name] = (Identity(sha256=digest),)
    monkeypatch.setattr(parts, "_people_files", lambda: files)
    monkeypatch.setenv(parts.PLACE, str(tmp_path / "place"))
    monkeypatch.setenv("SIGNS_EDGE_CACHE", str(tmp_path / "cache"))
    got = parts.get_people(url=doll_folder.as_uri() + "/")
    shutil.rmtree(tmp_path / "place")
    kept = parts.get_people(url=doll_folder.as_uri() + "/")
    for people in (got, kept):
        assert np.array_equal(people.vertices, doll.vertices)
        assert np.array_equal(people.faces, doll.faces)


def test_what_is_kept_is_what_was_read(doll: People, tmp_path: Path) -> None:
    path = tmp_path / "people.npz"
    save_people(doll, path)
    kept = load_people(path)
    for field in dataclasses.fields(People):
        before, after = getattr(doll, field.name), getattr(kept, field.name)
        if isinstance(before, np.ndarray):
            assert np.array_equal(before, after), field.name
        elif field.name == "joints":
            assert list(before) == list(after)
            assert all(np.array_equal(before[name], after[name]) for name in before)
        else:
            assert list(before) == list(after)
            pairs = [(before[name][part], after[name][part]) for name in before for part in (0, 1)]
            assert all(np.array_equal(*pair) for pair in pairs)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="is damaged"):
        load_people(path)


def test_a_folder_without_the_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not hold MakeHuman's data"):
        read_people(tmp_path)


def test_the_doll_has_all_parts_and_its_blocks_follow_their_bones(doll: People) -> None:
    assert doll.vertices.max() < 1  # decimetres became metres
    assert set(np.unique(doll.kind).tolist()) == {0, 1, 2, 3}
    assert doll.weights.sum(axis=1) == pytest.approx(1)
    assert (doll.kind == BODY).sum() > 200


@pytest.mark.parametrize(
    ("bone", "group"),
    [
        ("spine01", "chest"), ("spine04", "hips"), ("root", "hips"), ("jaw", "head"), ("eye.L", "head"),
        ("clavicle.R", "chest"), ("finger3-2.L", "finger3-2.L"), ("metacarpal2.R", "wrist.R"), ("lowerarm02.L", "forearm.L"),
        ("toe1-1.R", "leg.R"), ("breast.L", "chest"), ("pelvis.R", "hips"), ("neck02", "neck"), ("upperarm02.R", "upperarm.R"),
    ],
)  # fmt: skip
def test_bones_move_with_their_groups(bone: str, group: str) -> None:
    assert group_of(bone) == group
    assert group in GROUP
