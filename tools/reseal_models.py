"""Seal the packaged models again, the models inside byte-equal: `python tools/reseal_models.py [--data PHOTOS [--expect]]`.

For files of an older form, or when golden vectors are to be made again. Provenance that a file carries stays; a file
without gets what docs/runs says of its run and, with --data, the digests of the photos it was trained on. With --expect,
what frames and answers should be like is taken again from the test photos in --data, as an export takes it. The model
card's table of files is brought up to date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pages import FIGURES_NAME, write_text
from verdict import Limits, digest

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import FLOAT32_NAME, INT8_NAME
from signs_edge.edge.errors import ModelError, SignsEdgeError, UsageError
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.export.bundle.expectation import expectation_of
from signs_edge.export.bundle.provenance import data_digest
from signs_edge.export.bundle.seal import seal
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.gate.pictures import gate_pictures
from signs_edge.train.data.dataset import load_splits
from signs_edge.train.report.stored import read_json

HOUSE = Path(__file__).parent.parent
PRESET = "slim"


def main() -> int:
    """Exit code 0 when sealed, 1 when refused; then nothing was replaced."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="the photos that the run was trained on, where the files do not say")
    parser.add_argument("--expect", action="store_true", help="make the expectation again, from the photos in --data")
    given = parser.parse_args()
    try:
        for path, size in reseal(HOUSE, given.data, given.expect).items():
            print(f"{path.name}: {size:,} bytes, sha256 {digest(path)}")
    except SignsEdgeError as error:
        print(f"reseal-models: {error}", file=sys.stderr)
        return 1
    return 0


def reseal(house: Path, data: str | None = None, renew: bool = False) -> dict[Path, int]:
    """Seal both files in a checkout and correct their card; with `renew` their expectation is of `data`. Sizes in bytes."""
    paths = [house / "edge/models" / name for name in (INT8_NAME, FLOAT32_NAME)]
    found = {path: ModelFile.read(path, trust=True) for path in paths}
    for path, file in found.items():
        if not file.labels:
            raise ModelError(f"{path} lacks labels and contract: release it again with `make release-models`")
    exact = found[paths[1]].flatbuffer
    documented = _documented(house / "docs/runs" / PRESET / FIGURES_NAME, data)
    expectations = {path: file.expectation for path, file in found.items()}
    if renew:
        expectations[paths[0]] = _expected(found[paths[0]], found[paths[1]], data)
    if any(expected is not None and not expected.known for expected in expectations.values()):
        raise ModelError("the expectation is of another version: make it again with --data PHOTOS --expect")
    sealed = {
        path: seal(
            file.flatbuffer, labels=file.labels, contract=file.contract, abstain_below=file.abstain_below,
            temperature=file.temperature, provenance=file.provenance or documented, float_flatbuffer=exact,
            expectation=expectations[path],
        )
        for path, file in found.items()
    }  # fmt: skip
    sizes = {path: len(file.content) for path, file in sealed.items()}
    if sum(sizes.values()) > Limits().size:
        raise ModelError(f"the files take {sum(sizes.values()):,} bytes, at most {Limits().size:,} are allowed")
    for path, file in sealed.items():
        with atomic_write(path) as temporary:
            temporary.write_bytes(file.content)
    _correct_card(house / "docs/model-card.md", sizes)
    return sizes


def _expected(int8: ModelFile, float32: ModelFile, data: str | None) -> Expectation | None:
    """As `signs_edge.export.exporter` takes it of a run that was trained for other rooms."""
    if data is None:
        raise UsageError("--expect takes the test photos: give --data")
    test = load_splits(data, 0).test
    classifiers = {INT8: TFLiteClassifier(int8), FLOAT32: TFLiteClassifier(float32)}
    return expectation_of(classifiers, gate_pictures(test, other_rooms=int8.abstain_below is not None))


def _documented(figures: Path, data: str | None) -> Mapping[str, Any]:
    """What is known of a run that left no provenance in its files."""
    run = read_json(figures)
    splits = load_splits(data, 0) if data else None
    parts = {"train": splits.train, "test": splits.test} if splits else {}
    return {
        "data": {name: {"n": len(part), "sha256": data_digest(part)} for name, part in parts.items()},
        "run": {"command": run["command"], "epochs": run["epochs"], "documented": f"docs/runs/{PRESET}"},
        "versions": run["versions"],
        "gate": None,
        "figures": {figure["name"]: figure["counts"] or round(figure["share"], 4) for figure in run["figures"]},
    }


def _correct_card(card: Path, sizes: Mapping[Path, int]) -> None:
    """The rows of the files."""
    text = card.read_text(encoding="utf-8")
    for path, size in sizes.items():
        row = f"| `{path.name}` | {size:,} | `{digest(path)}` |"
        text, n = re.subn(rf"^\| `{re.escape(path.name)}` \|.*$", row, text, flags=re.MULTILINE)
        if n != 1:
            raise ModelError(f"{card} has {n} rows of {path.name}, not one: write it with `make release-models`")
    write_text(card, text)


if __name__ == "__main__":
    sys.exit(main())
