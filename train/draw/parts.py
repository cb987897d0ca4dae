"""The meshes that drawings are made of: fetched once from their public addresses, checked by hash, kept in the cache."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path, PurePosixPath

from signs_edge.edge.errors import DataError
from signs_edge.edge.synthetic.mesh.capsule_hand import capsule_hand
from signs_edge.edge.synthetic.mesh.hand_mesh import HandMesh
from signs_edge.train.data.cache import cache_folder
from signs_edge.train.download.fetch import Progress, fetch
from signs_edge.train.download.identity import Identity
from signs_edge.train.draw.config import DrawConfig
from signs_edge.train.draw.glb import read_hand
from signs_edge.train.draw.people import People, load_people, read_people, save_people

HAND_URL = "https://cdn.jsdelivr.net/npm/@webxr-input-profiles/assets@1.0.20/dist/profiles/generic-hand/"
"""The npm package's files, one by one (MIT, repository immersive-web/webxr-input-profiles)."""
HAND = {"right.glb": (Identity(94_004, "291790c14f7f88a7f9bd35330c47392ed8e8d395ae6728f4bb7089f1bc1f2b96"),)}
PEOPLE_URL = (
    "https://raw.githubusercontent.com/makehumancommunity/makehuman/a8bc2d54ff0ac92e78ff71431b1023eda42bf482/"
    "makehuman/data/"
)
"""MakeHuman's base mesh, rig and targets (CC0)."""
PEOPLE_LIST, PEOPLE_STORED = "people.sha256", "makehuman-a8bc2d54.npz"
PLACE = "SIGNS_EDGE_MESHES"
"""A folder with `right.glb` and, below `makehuman/data`, MakeHuman's files; used in place of the cache."""


def fetch_meshes(config: DrawConfig, progress: Progress | None = None) -> None:
    """Bring the meshes that a drawing needs into the cache, if they are not there.

    Raises:
        DataError: a file did not arrive or is not the right one.
    """
    if config.what == "people":
        get_people(progress)
    else:
        get_hand(config.hand, progress)


def mesh_folder() -> Path:
    """The folder of the meshes: `$SIGNS_EDGE_MESHES`, else `meshes` in the cache. It may not exist yet.

    Raises:
        RuntimeMissingError: neither is known, see `cache_folder`.
    """
    chosen = os.environ.get(PLACE)
    return Path(chosen).expanduser() if chosen else cache_folder() / "meshes"


def get_hand(kind: str, progress: Progress | None = None, url: str = HAND_URL) -> HandMesh:
    """A hand's mesh.

    Args:
        kind: `mesh` for the rigged hand, fetched if it is not there; `capsules` for our own, which needs no file.
        progress: called with every piece that arrives.
        url: the folder from which it is fetched.

    Raises:
        DataError: the file did not arrive or is not the right one.
    """
    if kind == "capsules":
        return capsule_hand()
    (path,) = fetch(mesh_folder(), url, identities=HAND, progress=progress)
    return read_hand(path)


def get_people(progress: Progress | None = None, url: str = PEOPLE_URL) -> People:
    """The base mesh of people, fetched if it is not there (some 20 MB of text) and kept as one file of arrays.

    Raises:
        DataError: a file did not arrive or is not the right one.
    """
    stored = cache_folder() / "meshes" / PEOPLE_STORED
    if stored.exists():
        return load_people(stored)
    data = mesh_folder() / "makehuman" / "data"
    for part, identities in _people_files().items():
        fetch(data / part, f"{url}{part}/", identities=identities, progress=progress)
    people = read_people(data)
    try:
        stored.parent.mkdir(parents=True, exist_ok=True)
        save_people(people, stored)
    except OSError as error:
        raise DataError(
            f"{stored} cannot be written ({error.strerror}): name another cache in $SIGNS_EDGE_CACHE"
        ) from None
    return people


def _people_files() -> dict[str, dict[str, tuple[Identity, ...]]]:
    """MakeHuman's files by folder, and what each must be, from a list as `sha256sum` writes it."""
    folders: dict[str, dict[str, tuple[Identity, ...]]] = {}
    listed = resources.files("signs_edge.train.draw").joinpath(PEOPLE_LIST).read_text(encoding="utf-8")
    for line in listed.splitlines():
        digest, _, name = line.partition("  ")
        path = PurePosixPath(name)
        folders.setdefault(str(path.parent), {})[path.name] = (Identity(sha256=digest),)
    return folders
