"""The optional parts of the installation, which pip calls extras: which are here, and what adds each.

Like `signs_edge.edge.doctor.checks`, it needs neither numpy nor OpenCV; nothing is imported to find out.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass

from signs_edge.edge.doctor.checks import Check, Level


@dataclass(frozen=True)
class Extra:
    """An optional part, as pyproject.toml has it.

    Attributes:
        name: what pip calls it.
        packages: what it brings, as pip calls them, each with the module that is imported.
        purpose: what it is for.
    """

    name: str
    packages: Mapping[str, str]
    purpose: str


EXTRAS = (
    Extra("web", {"starlette": "starlette", "uvicorn": "uvicorn"}, "the page of run --web"),
    Extra("parquet", {"pyarrow": "pyarrow"}, "drift export --parquet"),
    Extra(
        "train",
        {"tensorflow": "tensorflow", "keras": "keras", "filelock": "filelock", "h5py": "h5py", "jinja2": "jinja2",
         "matplotlib": "matplotlib", "platformdirs": "platformdirs", "rich": "rich", "scikit-image": "skimage"},
        "making models; no device needs it",
    ),
)  # fmt: skip


def found_versions(extra: Extra) -> dict[str, str | None]:
    """The version of each package of it, empty where it does not say; None where it is not here."""
    return {package: _version(package, module) for package, module in extra.packages.items()}


def judge_extra(extra: Extra, versions: Mapping[str, str | None]) -> Check:
    """Whether it is here, of `found_versions`. What is missing is worth a note, and no complaint."""
    missing = [package for package, version in versions.items() if version is None]
    if missing:
        found = f"{', '.join(missing)} not installed, for {extra.purpose}"
        return Check(extra.name, Level.NOTE, found, f"pip install 'signs-edge[{extra.name}]'")
    here = ", ".join(f"{package} {version}".strip() for package, version in versions.items())
    return Check(extra.name, Level.OK, f"{here}, for {extra.purpose}")


def _version(package: str, module: str) -> str | None:
    try:
        if importlib.util.find_spec(module) is None:
            return None
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # a build under another name, such as tensorflow-cpu
        return ""
    except (ImportError, ValueError):  # a broken one
        return None
