"""MakeHuman's base mesh with its rig and targets (CC0): read from its text files, kept as one file of arrays.

Only data under `makehuman/data` is used, which its LICENSE.md puts under CC0; none of its code is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from signs_edge.edge.errors import DataError
from signs_edge.edge.synthetic.mesh.hand_mesh import Array

BODY, CLOTH, HAIR, EYE = range(4)
PARTS = {"body": BODY, "helper-tights": CLOTH, "helper-hair": HAIR, "helper-l-eye": EYE, "helper-r-eye": EYE}
DECIMETRE = 0.1  # of its unit, in metres

LOOKS, SEXES, AGES = ("african", "asian", "caucasian"), ("male", "female"), ("child", "young", "old")
MUSCLES, WEIGHTS = ("minmuscle", "averagemuscle", "maxmuscle"), ("minweight", "averageweight", "maxweight")
HAND_TARGETS = ("fingers-diameter", "fingers-length", "fingers-distance", "scale")

# Bones that move as one, by how their names begin. What is left belongs to the head.
TRUNK = {"hips": ("root", "pelvis", "spine03", "spine04", "spine05"), "chest": ("spine0", "breast", "clavicle"),
         "neck": ("neck01", "neck02"), "head": ("",)}  # fmt: skip
LIMBS = {
    "shoulder": ("shoulder01",),
    "upperarm": ("upperarm",),
    "elbow": ("lowerarm01",),
    "forearm": ("lowerarm02",),
    "wrist": ("wrist", "metacarpal"),
    **{f"finger{finger}-{bone}": (f"finger{finger}-{bone}",) for finger in range(1, 6) for bone in (1, 2, 3)},
    "leg": ("upperleg", "lowerleg", "foot", "toe"),
}
SIDES = ("R", "L")
GROUPS = (*TRUNK, *(f"{name}.{side}" for side in SIDES for name in LIMBS))
GROUP = {name: number for number, name in enumerate(GROUPS)}

BASE, RIG, RIG_WEIGHTS = "3dobjs/base.obj", "rigs/default.mhskel", "rigs/default_weights.mhw"


@dataclass(frozen=True)
class People:
    """The base mesh and all by which it can be changed; metres, y up, the face to +z, the right hand at -x.

    Attributes:
        vertices: (n, 3) float32.
        faces: (m, 4) int64.
        kind: (m,) int64, `BODY`, `CLOTH`, `HAIR` or `EYE`.
        weights: (n, groups) float32, how much each of `GROUPS` carries a vertex.
        joints: for each bone's end (`wrist.R.head`), the vertices of which the mean is the joint.
        targets: by name, the vertices (k,) that it moves and by how much, (k, 3) float32.
    """

    vertices: Array
    faces: Array
    kind: Array
    weights: Array
    joints: dict[str, Array]
    targets: dict[str, tuple[Array, Array]]


def target_names() -> tuple[str, ...]:
    """The targets that are used, as paths below `targets`, without their ending."""
    looks = [f"macrodetails/{look}-{sex}-{age}" for look in LOOKS for sex in SEXES for age in AGES]
    builds = [
        f"macrodetails/universal-{sex}-{age}-{muscle}-{weight}"
        for sex in SEXES
        for age in AGES
        for muscle in MUSCLES
        for weight in WEIGHTS
    ]
    hands = [f"armslegs/{side}-hand-{name}-{way}" for side in "lr" for name in HAND_TARGETS for way in ("incr", "decr")]
    return (*looks, *builds, *hands)


def files_needed() -> tuple[str, ...]:
    """Paths below `makehuman/data` of all files that `read_people` reads."""
    return (BASE, RIG, RIG_WEIGHTS, *(f"targets/{name}.target" for name in target_names()))


def read_people(folder: Path) -> People:
    """Read MakeHuman's text files.

    Args:
        folder: its `data` folder.

    Raises:
        DataError: a file is missing or is not what it should be.
    """
    try:
        places, parts = _read_mesh(folder / BASE)
        rig = json.loads((folder / RIG).read_text(encoding="utf-8"))
        by_bone = json.loads((folder / RIG_WEIGHTS).read_text(encoding="utf-8"))["weights"]
        targets = {name: _read_target(folder / "targets" / f"{name}.target") for name in target_names()}
        ends = {
            f"{bone}.{end}": rig["joints"][entry[end]]
            for bone, entry in rig["bones"].items()
            for end in ("head", "tail")
        }
        return People(
            vertices=places,
            faces=np.concatenate([parts[name] for name in PARTS]),
            kind=np.concatenate([np.full(len(parts[name]), kind) for name, kind in PARTS.items()]),
            weights=_weights(len(places), by_bone),
            joints={name: np.array(vertices) for name, vertices in ends.items()},
            targets=targets,
        )
    except (OSError, KeyError, ValueError, IndexError) as error:
        raise DataError(
            f"{folder} does not hold MakeHuman's data as it should ({error}). Remove it, so that it is fetched again."
        ) from None


def _read_mesh(path: Path) -> tuple[Array, dict[str, Array]]:
    """Vertices (n, 3) float32 and, by group, faces (m, 4)."""
    places: list[list[str]] = []
    parts: dict[str, list[list[int]]] = {name: [] for name in PARTS}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        if word == "v":
            places.append(rest.split()[:3])
        elif word == "g":
            group = rest.strip()
        elif word == "f" and group in parts:
            parts[group].append([int(corner.partition("/")[0]) - 1 for corner in rest.split()])
    return np.array(places, dtype=np.float32) * np.float32(DECIMETRE), {
        name: np.array(faces) for name, faces in parts.items()
    }


def group_of(bone: str) -> str:
    """The group with which a bone of the rig moves."""
    name, _, side = bone.partition(".")
    if side:
        for group, starts in LIMBS.items():
            if name.startswith(starts):
                return f"{group}.{side}"
    return next(group for group, starts in TRUNK.items() if name.startswith(starts))


def _weights(number: int, by_bone: dict[str, list[list[float]]]) -> Array:
    weights = np.zeros((number, len(GROUPS)), np.float32)
    for bone, entries in by_bone.items():
        rows = np.array([entry[0] for entry in entries], dtype=int)
        np.add.at(weights[:, GROUP[group_of(bone)]], rows, np.array([entry[1] for entry in entries], np.float32))
    weights[weights.sum(axis=1) == 0, GROUP["head"]] = 1
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _read_target(path: Path) -> tuple[Array, Array]:
    lines = path.read_text(encoding="utf-8").splitlines()
    table = np.array([line.split()[:4] for line in lines if line.strip() and not line.startswith("#")], dtype=float)
    table = table.reshape(-1, 4)
    return table[:, 0].astype(np.int64), (table[:, 1:] * DECIMETRE).astype(np.float32)


def save_people(people: People, path: Path) -> None:
    """Write the arrays as one compressed file, which is read in a fraction of a second."""
    names, targets = list(people.joints), list(people.targets)
    joints = [people.joints[name] for name in names]
    moves = [people.targets[name] for name in targets]
    part = path.with_name(path.name + ".part.npz")
    np.savez_compressed(
        part,
        vertices=people.vertices,
        faces=people.faces.astype(np.int32),
        kind=people.kind.astype(np.int8),
        weights=people.weights,
        joint_names=np.array(names),
        joint_sizes=np.array([len(rows) for rows in joints]),
        joint_rows=np.concatenate(joints).astype(np.int32),
        target_names=np.array(targets),
        target_sizes=np.array([len(rows) for rows, _ in moves]),
        target_rows=np.concatenate([rows for rows, _ in moves]).astype(np.int32),
        target_moves=np.concatenate([move for _, move in moves]),
    )
    part.replace(path)


def load_people(path: Path) -> People:
    """Read what `save_people` wrote.

    Raises:
        DataError: the file is damaged.
    """
    try:
        with path.open("rb") as opened, np.load(opened) as stored:
            file = dict(stored)
        joints = np.split(file["joint_rows"].astype(np.int64), np.cumsum(file["joint_sizes"])[:-1])
        cuts = np.cumsum(file["target_sizes"])[:-1]
        rows, moves = np.split(file["target_rows"].astype(np.int64), cuts), np.split(file["target_moves"], cuts)
        return People(
            vertices=file["vertices"],
            faces=file["faces"].astype(np.int64),
            kind=file["kind"].astype(np.int64),
            weights=file["weights"],
            joints=dict(zip(file["joint_names"].tolist(), joints, strict=True)),
            targets=dict(zip(file["target_names"].tolist(), zip(rows, moves, strict=True), strict=True)),
        )
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise DataError(f"{path} is damaged ({error}). Remove it, so that it is made again.") from None
