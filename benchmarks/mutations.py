"""Are changed model files refused? `python benchmarks/mutations.py [--mutants 2000] [FILE …]`.

Seeded mutants of the packaged models (or of the given files): cut, with bits flipped, spliced, with members of the
archive swapped, with another model's archive, with bytes appended or put before. Each is read as `signs-edge run` reads
it, without and with --trust; refused means ModelError, in one line. Anything that passes would reach an interpreter.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from signs_edge.edge.bundle.archive import read_archive, write_archive
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError

MODELS = Path(__file__).parent.parent / "edge" / "models"


def cut(whole: bytes, _: bytes, rng: random.Random) -> bytes:
    """Truncated anywhere, often near the archive."""
    start = read_archive(whole)[0]
    return whole[: rng.choice([rng.randrange(len(whole)), rng.randrange(start, len(whole)), len(whole) - 1])]


def flip(whole: bytes, _: bytes, rng: random.Random) -> bytes:
    """One to 64 bits flipped: anywhere, in the archive, or among its last bytes."""
    changed = bytearray(whole)
    first = rng.choice([0, read_archive(whole)[0], len(whole) - 200])
    for place in {rng.randrange(first, len(whole)) for _ in range(rng.choice([1, 1, 4, 64]))}:
        changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)


def splice(whole: bytes, other: bytes, rng: random.Random) -> bytes:
    """A piece cut out, doubled, moved, overwritten with zeros, or replaced by one of another file."""
    length = rng.randrange(1, min(4096, len(whole)))
    a, b = rng.randrange(len(whole) - length), rng.randrange(len(whole))
    piece = rng.choice([b"", whole[b : b + length] * 2, bytes(length), other[a : a + length], whole[b : b + length]])
    return whole[:a] + piece + whole[a + length :]


def swap(whole: bytes, _: bytes, rng: random.Random) -> bytes:
    """An archive in perfect order, but with two members, their names, or one of them changed."""
    start, members = read_archive(whole)
    i, j = rng.sample(range(len(members)), 2)
    (name_i, data_i), (name_j, data_j) = members[i], members[j]
    kind = rng.randrange(5)
    if kind == 0:  # the order
        members[i], members[j] = members[j], members[i]
    elif kind == 1:  # the contents
        members[i], members[j] = (name_i, data_j), (name_j, data_i)
    elif kind == 2:  # one left out
        del members[i]
    elif kind == 3:  # one twice
        members.append((name_i, data_j))
    else:  # one byte more
        members[i] = (name_i, data_i + bytes([rng.randrange(256)]))
    return whole[:start] + write_archive(members, start)


def graft(whole: bytes, other: bytes, rng: random.Random) -> bytes:
    """This model with the archive of another, its offsets put right or not, or some of its members."""
    start, own = read_archive(whole)
    there, strange = read_archive(other)
    if rng.random() < 0.3:
        return whole[:start] + other[there:]
    if rng.random() < 0.5:
        return whole[:start] + write_archive(strange, start)
    named = dict(strange)
    taken = [(name, named.get(name, data) if rng.random() < 0.5 else data) for name, data in own]
    return whole[:start] + write_archive(taken, start)


def append(whole: bytes, other: bytes, rng: random.Random) -> bytes:
    """Bytes behind, before, or between model and archive; an archive behind the archive."""
    start, members = read_archive(whole)
    more = rng.choice([b"\0", rng.randbytes(rng.randrange(1, 100)), other[read_archive(other)[0] :]])
    behind = write_archive(members, len(whole))
    return rng.choice([whole + more, more + whole, whole[:start] + more + whole[start:], whole + behind])


Mutation = Callable[[bytes, bytes, random.Random], bytes]
KINDS: dict[str, Mutation] = {
    "cut": cut,
    "bits flipped": flip,
    "spliced": splice,
    "members swapped": swap,
    "another archive": graft,
    "bytes added": append,
}


@dataclass
class Tally:
    """What became of the mutants, by kind."""

    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    passed: list[tuple[str, int, bool]] = field(default_factory=list)  # kind, seed, trust
    slowest: float = 0.0
    seconds: float = 0.0


def mutant(whole: bytes, other: bytes, seed: int) -> tuple[str, bytes]:
    """Its kind and its bytes, which are always others than the file's."""
    kind = list(KINDS)[seed % len(KINDS)]
    rng = random.Random(seed)
    while True:
        changed = KINDS[kind](whole, other, rng)
        if changed not in (whole, other):  # a small file can be spliced into the whole of another, which is no damage
            return kind, changed


def judge(whole: bytes, other: bytes, mutants: int, trusts: tuple[bool, ...] = (False,)) -> Tally:
    """Read so many mutants of a file; whatever is raised but ModelError goes through, as a crash.

    Trusted, a file cut before its archive, or one whose mark of it is gone, passes for one of other origin: that is
    what --trust asks for.
    """
    tally = Tally()
    begun = time.perf_counter()
    for seed in range(mutants):
        kind, changed = mutant(whole, other, seed)
        tally.made[kind] += 1
        started = time.perf_counter()
        for trust in trusts:
            try:
                ModelFile.parse(changed, "mutant", trust)
            except ModelError as error:
                tally.refused[kind] += "\n" not in str(error)
            else:
                tally.passed.append((kind, seed, trust))
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
    tally.seconds = time.perf_counter() - begun
    return tally


def main() -> int:
    """Exit code 1 where a mutant passes without --trust."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("files", nargs="*", type=Path, default=[MODELS / "int8.tflite", MODELS / "float32.tflite"])
    given = parser.parse_args()
    contents = [ModelFile.read(path).content for path in given.files]
    bad = 0
    for number, (path, whole) in enumerate(zip(given.files, contents, strict=True)):
        tally = judge(whole, contents[(number + 1) % len(contents)], given.mutants)
        bad += len(tally.passed)
        print(
            f"{path.name}: {sum(tally.refused.values())} of {given.mutants} refused in {tally.seconds:.1f} s, "
            f"the slowest in {1000 * tally.slowest:.0f} ms"
        )
        for kind, made in tally.made.items():
            print(f"  {kind:<16} {tally.refused[kind]:>5} of {made}")
        for kind, seed, _ in tally.passed:
            print(f"  PASSED: {kind}, seed {seed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
