"""Fold the packaged finder as its export does now, and choose its least score anew: `python tools/refold_finder.py --data PHOTOS`.

For a finder of before, whose run is not at hand. The scenes are those of its export, made again from the photos: the file
as it was must get the very figures on them that it carries, or nothing is replaced.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from signs_edge.edge.errors import ModelError, SignsEdgeError
from signs_edge.edge.model_file import ModelFile
from signs_edge.edge.model_store import FINDER_NAME
from signs_edge.export.finder import MAX_LOSS, finder_scenes, score_flatbuffer
from signs_edge.export.folding import fold_dilated
from signs_edge.train.finder_config import FinderConfig
from signs_edge.train.finder_score import FinderScore
from signs_edge.train.run_folder import replacing

PACKAGED = Path(__file__).parent.parent / "edge/models" / FINDER_NAME


def main() -> int:
    """Exit code 0 when replaced, 1 when refused; then nothing was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the photos that it was trained on")
    try:
        before, after = refold(PACKAGED, parser.parse_args().data)
    except SignsEdgeError as error:
        print(f"refold-finder: {error}", file=sys.stderr)
        return 1
    for name, score in (("before", before), ("after", after)):
        print(
            f"{name:<6} {score.placed} of {score.hands} hands in their place, {score.kept} surer than {score.threshold:.4f}"
        )
    return 0


def refold(path: Path, data: str) -> tuple[FinderScore, FinderScore]:
    """Replace a finder's file; its scores before and after.

    Raises:
        ModelError: nothing in it is to be folded, the scenes are others than those of its export, or it finds fewer hands.
    """
    file = ModelFile.read(path)
    folded = fold_dilated(file.flatbuffer)
    if folded == file.flatbuffer:
        raise ModelError(f"{path} holds nothing to fold: it is as its export makes it")
    _calibration, judged = finder_scenes(FinderConfig(data, seed=file.provenance["seed"]), data)
    before, after = score_flatbuffer(file.flatbuffer, judged), score_flatbuffer(folded, judged)
    if before.to_json() != file.provenance["held_out"]:
        raise ModelError(
            f"{path} gets {before} here and {file.provenance['held_out']} at its export: give its own photos"
        )
    if after.placed < before.placed - MAX_LOSS * before.hands:
        raise ModelError(f"folded it puts {after.placed} hands in their place, not {before.placed}: not replaced")
    provenance = {**file.provenance, "held_out": after.to_json()}
    made = ModelFile.pack(folded, file.labels, file.contract, after.threshold, provenance=provenance)
    with replacing(path) as temporary:
        temporary.write_bytes(made.content)
    return before, after


if __name__ == "__main__":
    sys.exit(main())
