"""What `signs-edge run` says at its end, for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from signs_edge.edge.util.atomic_file import atomic_write

if TYPE_CHECKING:
    from signs_edge.edge.drift.verdict import Verdict
    from signs_edge.edge.run.summary import RunSummary

_DASH = "-"  # in place of a file: the standard output


def print_summary(seen: RunSummary, out: TextIO) -> None:
    """The summary in lines."""
    rate = f", {seen.rate:.1f} a second" if seen.rate else ""
    print(f"{seen.frames} frames{rate}", file=out)
    if seen.undecodable:
        print(f"{seen.undecodable} frames could not be decoded", file=out)
    if seen.without_count:
        print(f"{seen.without_count} frames without a count", file=out)
    if seen.not_a_number:
        print(f"on {seen.not_a_number} frames the model gave NaN, no probabilities: export it again", file=out)
    if seen.latency(50) is not None:
        print(
            f"latency  p50 {seen.latency(50):.2f} ms, p99 {seen.latency(99):.2f} ms (crop, resize and inference)",
            file=out,
        )
    for line in seen.watch.lines():
        print(line, file=out)
    if seen.agreement.interval:
        print(
            f"in this run int8 and float agree on {seen.agreement.rate:.2%} of {seen.agreement.n} frames "
            f"(95 % interval {seen.agreement.interval.percent()}, if frames were independent)",
            file=out,
        )
    if seen.labelled:
        print(f"accuracy {seen.accuracy:.1%} of {seen.labelled} labelled frames", file=out)
    if seen.labelled and (seen.min_confidence > 0 or seen.judged.hand_free):
        print(seen.judged, file=out)
    if seen.paired.interval and seen.paired.first is not None and seen.paired.second is not None:
        print(
            f"drift    int8 {seen.paired.first:.1%}, float {seen.paired.second:.1%}: difference "
            f"{100 * (seen.paired.difference or 0):+.1f} points on {seen.paired.n} frames (95 % interval "
            f"{100 * seen.paired.interval.low:+.1f} to {100 * seen.paired.interval.high:+.1f})",
            file=out,
        )


def write_summary(path: Path, seen: RunSummary, verdict: Verdict | None = None) -> None:
    """The summary as JSON, with the drift watch's verdict where there is one; whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    values = {**seen.to_json(), "verdict": None if verdict is None else verdict.to_json()}
    text = json.dumps(values, indent=2) + "\n"
    if str(path) == _DASH:
        print(text, end="")
        return
    with atomic_write(path, "--summary") as file:
        file.write_text(text, encoding="utf-8")
