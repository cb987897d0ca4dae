"""What a long journal costs: its size a minute, and time, memory and bytes of its report and its exports.

    python benchmarks/journal.py --minutes 130000      # 90 days

The minutes are made up: frames of a drawn random walk, all three hardest frames, a verdict or fact now and then. They are
written as a run writes them, through `journal_file.write`, 1,000 at once instead of one.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from signs_edge.edge.journal import database as journal_file
from signs_edge.edge.reference.statistics import STATISTICS

_MEASURED = """
import resource, sys, time
from signs_edge.cli.main import app
started = time.process_time()
app(sys.argv[1:], standalone_mode=False)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{time.process_time() - started:.1f} s of a core, {peak:.0f} MiB at most", file=sys.stderr)
"""


def minutes(n: int, seed: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of n minutes in four runs."""
    rng = np.random.default_rng(seed)
    facts = {"camera": "0", "labels": list("012345"), "drift": {"floor": 0.99, "ok_floor": 0.98}}
    seq, run, agreement = 0, 0, 0.995
    for number in range(n):
        place = number % -(-n // 4)
        if place == 0:
            seq, run = seq + 1, seq + 1
            yield "runs", {"seq": run, "wall": 1.7e9 + 60 * number, "same": "camera=0", "facts": facts}
        seq += 1
        agreement = float(np.clip(agreement + rng.normal(0, 1e-4), 0.9, 1.0))
        looks = rng.integers(0, 30, 6).tolist()
        yield "minutes", {
            "seq": seq, "run": run, "number": place, "wall": 1.7e9 + 60 * number, "mono": 60.0 * place, "seconds": 59.9,
            "frames": 600, "undecodable": 0, "dropped": int(rng.integers(9)), "unseen": {}, "looks": sum(looks),
            "counts": {str(name): one for name, one in enumerate(rng.integers(0, 200, 6).tolist())}, "same": sum(looks),
            "classes": {str(name): [one, one] for name, one in enumerate(looks)}, "confidence": float(rng.uniform(0.8, 1)),
            "latency_p50_ms": float(rng.uniform(2, 3)), "latency_p99_ms": float(rng.uniform(4, 9)),
            "brightness": float(rng.uniform(90, 130)),
        }  # fmt: skip
        for hard in range(3):
            scores = np.round(rng.dirichlet(np.ones(6)), 4).tolist()
            yield (
                "hardest",
                {"seq": seq, "place": hard, "frame": hard, "margin": float(rng.uniform()), "scores": scores},
            )
        moved = number % 5000 < 100
        yield "drift", {
            "seq": seq, "run": run, "status": "drift" if moved else "ok", "fault": "input" if moved else None,
            "input": "ok", "frames": 600 * number, "looks": 90 * number, "evidence":
            {name: round(float(rng.uniform()), 3) for name in STATISTICS[:3]}, "moved":
            [["brightness", "lower", 0.7]] if moved else [], "labelled": 0, "both_right": 0, "int8_alone_right": 0,
            "float_alone_right": 0,
            **dict.fromkeys(("agreement", "recent"), agreement),
            **{f"{name}_low": agreement - 0.01 for name in ("agreement", "recent", "int8", "float")},
            **{f"{name}_high": agreement for name in ("agreement", "recent", "int8", "float")},
            **{f"{name}_accuracy": agreement for name in ("int8", "float")},
        }  # fmt: skip
        if number % 50 == 0:
            seq += 1
            event = {"seq": seq, "run": run, "wall": 1.7e9 + 60 * number, "mono": 60.0 * place, "kind": "verdict"}
            yield "events", {**event, "text": "drift: made up", "value": {"status": "drift" if moved else "ok"}}


def main() -> None:
    """Write the journal and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=130_000)
    n = parser.parse_args().minutes
    with TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.db"
        started, rows = time.process_time(), list[tuple[str, Mapping[str, Any]]]()
        with closing(journal_file.connect(journal)) as connection:
            for row in minutes(n):
                rows.append(row)
                if len(rows) >= 1000:
                    journal_file.write(connection, rows)
                    rows.clear()
            journal_file.write(connection, rows)
        size = journal.stat().st_size
        print(f"{n} minutes, {n / 1440:.0f} days: {size / 1e6:.1f} MB, {size / n:.0f} bytes a minute")
        print(f"written in {time.process_time() - started:.1f} s of a core")
        for command, name in (("report", "html"), ("report", "json"), ("export", "csv"), ("export", "parquet")):
            out = journal.with_name(f"out.{name}")
            arguments = ["drift", command, str(journal), f"--{name}", str(out)]
            child = subprocess.run(
                [sys.executable, "-c", _MEASURED, *arguments],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            if child.returncode:
                print(f"{name}: {child.stderr.splitlines()[-1]}")
                continue
            print(f"{command} --{name}: {out.stat().st_size / 1e6:.2f} MB, {child.stderr.strip()}")


if __name__ == "__main__":
    main()
