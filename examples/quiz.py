"""A quiz for a classroom: a sum on the screen, and the answer is shown with the fingers of one hand.

    python examples/quiz.py [--questions 5] [--source 0]

The program asks; a pupil holds the answer up until it is read.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator, Sequence

import signs_edge

HELD = 15
"""Frames for which an answer must be held: half a second."""


def held(counts: Iterable[int | None], frames: int = HELD) -> Iterator[int]:
    """Each count that was held for so many frames, once; no hand between two signs lets the same one count again."""
    last, seen = None, 0
    for count in counts:
        seen = seen + 1 if count == last else 1
        last = count
        if count is not None and seen == frames:
            yield count


def questions(number: int, seed: int | None = None) -> Iterator[tuple[str, int]]:
    """Sums and differences with a result of 0 to 5."""
    rng = random.Random(seed)
    for _ in range(number):
        answer, other = rng.randint(0, 5), rng.randint(0, 9)
        if rng.random() < 0.5 and other <= answer:
            yield f"{other} + {answer - other}", answer
        else:
            yield f"{answer + other} - {other}", answer


def play(answers: Iterator[int], asked: Iterable[tuple[str, int]]) -> int:
    """Ask until the answers end; returns how many were right at the first try."""
    right = 0
    for text, wanted in asked:
        print(f"How much is {text}? Show it with your fingers.", flush=True)
        first = True
        for answer in answers:
            if answer == wanted:
                print(f"{answer} is right!")
                right += first
                break
            print(f"I see {answer}. Try again.")
            first = False
        else:
            break
    return right


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description="Sums that are answered with the fingers of one hand.")
    parser.add_argument("--questions", type=int, default=5)
    parser.add_argument("--source", default="0", help="the camera, as `signs-edge run --source` takes it")
    parser.add_argument("--seed", type=int, help="for the same questions again")
    given = parser.parse_args(arguments)
    counts = (result.count for result in signs_edge.load().stream(given.source))
    right = play(held(counts), questions(given.questions, given.seed))
    print(f"{right} of {given.questions} right at the first try")


if __name__ == "__main__":
    main()
