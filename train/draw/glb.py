"""The rigged hand of `@webxr-input-profiles/assets` (MIT), read from its binary glTF file."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.errors import DataError
from signs_edge.edge.synthetic.mesh.hand_mesh import JOINTS, Array, HandMesh

KINDS = {5126: "<f4", 5123: "<u2", 5121: "u1", 5125: "<u4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def read_hand(path: Path) -> HandMesh:
    """Read a right hand.

    Args:
        path: a binary glTF file with one mesh bound to one skin of 25 joints in WebXR's order.

    Raises:
        DataError: the file is not there or holds something else.
    """
    try:
        return _parse(path.read_bytes())
    except (OSError, KeyError, IndexError, ValueError, struct.error, np.linalg.LinAlgError) as error:
        raise DataError(
            f"{path} is not the rigged hand that is asked for ({error}). Remove it, so that it is fetched again."
        ) from None


def _parse(data: bytes) -> HandMesh:
    length = struct.unpack_from("<I", data, 12)[0]
    scene, blob = json.loads(data[20 : 20 + length]), data[28 + length :]
    shape, skin = scene["meshes"][0]["primitives"][0], scene["skins"][0]
    part = {name: _values(scene, blob, index) for name, index in shape["attributes"].items()}
    # the file gives the inverse of each joint's frame at rest, column after column
    bind = np.linalg.inv(
        _values(scene, blob, skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2).astype(float)
    )
    if len(bind) != JOINTS:
        raise ValueError(f"{len(bind)} joints, not {JOINTS}")
    home = np.linalg.inv(bind[0])
    rows = np.arange(len(part["JOINTS_0"]))
    weights = np.zeros((len(rows), JOINTS), np.float32)
    for joints, amounts in zip(part["JOINTS_0"].T, part["WEIGHTS_0"].T, strict=True):
        np.add.at(weights, (rows, joints.astype(int)), amounts)
    return HandMesh(
        vertices=(part["POSITION"] @ home[:3, :3].T + home[:3, 3]).astype(np.float32),
        normals=(part["NORMAL"] @ home[:3, :3].T).astype(np.float32),
        faces=_values(scene, blob, shape["indices"]).reshape(-1, 3).astype(np.int64),
        weights=weights / weights.sum(axis=1, keepdims=True),
        bind=(home @ bind).astype(np.float32),
    )


def _values(scene: dict[str, Any], blob: bytes, index: int) -> Array:
    """The numbers of an accessor, (count, width)."""
    entry = scene["accessors"][index]
    view = scene["bufferViews"][entry["bufferView"]]
    start = view.get("byteOffset", 0) + entry.get("byteOffset", 0)
    width = WIDTHS[entry["type"]]
    kind = KINDS[entry["componentType"]]
    return np.frombuffer(blob, kind, entry["count"] * width, start).reshape(entry["count"], width)
