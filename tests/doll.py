"""A doll in the form of MakeHuman's files: a small block for each bone, so that people can be drawn without them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np

from signs_edge.edge.synthetic.mesh.capsule_hand import PLACES
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS
from signs_edge.train.draw.people import BASE, RIG, RIG_WEIGHTS, target_names

# Ends of the trunk's bones and of the right arm's, decimetres: x to the left hand, y up, z to the front.
TRUNK = {
    "root": ((0, 0.5, 0), (0, 1.5, 0)),
    "spine02": ((0, 3.0, 0), (0, 4.3, 0)),
    "spine01": ((0, 4.3, 0), (0, 5.9, 0)),
    "neck01": ((0, 5.9, 0), (0, 6.4, 0)),
    "neck03": ((0, 6.4, 0), (0, 6.9, 0)),
    "head": ((0, 6.9, 0), (0, 8.3, 0)),
}
RIGHT = {
    "shoulder01": ((-1.2, 5.5, 0), (-1.7, 5.3, 0)),
    "upperarm01": ((-1.7, 5.3, 0), (-2.2, 4.2, 0)),
    "lowerarm01": ((-2.9, 3.0, 0), (-3.3, 2.4, 0.4)),
    "lowerarm02": ((-3.3, 2.4, 0.4), (-3.7, 1.8, 0.8)),
    "wrist": ((-3.7, 1.8, 0.8), (-3.8, 1.65, 0.9)),
    "upperleg01": ((-1.0, 0.4, 0), (-1.0, -3.6, 0)),
}
HALF = 0.09  # decimetres of a block
CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * HALF
SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


def bones() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Both ends of every bone."""
    ends = {name: (np.array(a), np.array(b)) for name, (a, b) in TRUNK.items()}
    right = {name: (np.array(a), np.array(b)) for name, (a, b) in RIGHT.items()}
    wrist, down = right["wrist"][0], np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # fingers down, backs to the front
    hand = wrist + PLACES @ down.T * 10
    for finger, chain in enumerate(CHAINS, start=1):
        bones_ = chain if finger == 1 else chain[1:]
        if finger > 1:
            right[f"metacarpal{finger - 1}"] = (hand[chain[0]], hand[chain[1]])
        for number, (a, b) in enumerate(itertools.pairwise(bones_), start=1):
            right[f"finger{finger}-{number}"] = (hand[a], hand[b])
    for name, (a, b) in right.items():
        ends[f"{name}.R"] = (a, b)
        ends[f"{name}.L"] = (a * (-1, 1, 1), b * (-1, 1, 1))
    return ends


def write_doll(folder: Path) -> Path:
    """Write a `data` folder; its targets move nothing but one vertex a little."""
    vertices: list[np.ndarray] = []
    faces: list[tuple[int, ...]] = []
    weights: dict[str, list[list[float]]] = {}
    rig: dict[str, dict[str, dict[str, object]]] = {"bones": {}, "joints": {}}
    for name, (head, tail) in bones().items():
        start = len(vertices)
        vertices += [*list((head + tail) / 2 + CORNERS), head, tail]
        weights[name] = [[start + corner, 1.0] for corner in range(8)]
        faces += [tuple(start + corner for corner in side) for side in SIDES]
        rig["bones"][name] = {"head": f"{name}____head", "tail": f"{name}____tail"}
        rig["joints"] |= {f"{name}____head": [start + 8], f"{name}____tail": [start + 9]}
    for path in (folder / BASE, folder / RIG):
        path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in vertices]
    groups = {
        "body": faces,
        **dict.fromkeys(("helper-tights", "helper-hair", "helper-l-eye", "helper-r-eye"), faces[:1]),
    }
    for group, members in groups.items():
        lines += [f"g {group}", *("f " + " ".join(f"{corner + 1}/1" for corner in face) for face in members)]
    (folder / BASE).write_text("\n".join(lines), encoding="utf-8")
    (folder / RIG).write_text(json.dumps(rig), encoding="utf-8")
    (folder / RIG_WEIGHTS).write_text(json.dumps({"weights": weights}), encoding="utf-8")
    for name in target_names():
        path = folder / "targets" / f"{name}.target"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# a target\n0 0.01 0 -0.01\n", encoding="utf-8")
    return folder
