"""examples/quiz.py: what counts as an answer, and a round of it on a clip of drawn hands."""

from __future__ import annotations

from pathlib import Path

import pytest
import quiz


def test_an_answer_is_held_and_counts_once() -> None:
    counts = [None, 3, 3, 4, 3, 3, 3, 3, None, 3, 3, 3]

    assert list(quiz.held(counts, frames=3)) == [3, 3]


def test_questions_have_answers_of_one_hand_and_the_same_seed_asks_the_same() -> None:
    asked = list(quiz.questions(100, seed=1))

    assert {answer for _, answer in asked} == {0, 1, 2, 3, 4, 5}
    assert all(eval(text) == answer for text, answer in asked)
    assert asked == list(quiz.questions(100, seed=1))


def test_a_wrong_answer_may_be_mended_but_counts_not_as_right(capsys: pytest.CaptureFixture[str]) -> None:
    right = quiz.play(iter([2, 3, 5]), [("1 + 2", 3), ("7 - 2", 5), ("1 + 1", 2)])

    assert right == 1  # the answers ended at the third question
    assert "I see 2. Try again." in capsys.readouterr().out


def test_a_round_on_a_clip(clip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(quiz, "questions", lambda *_: iter([("2 + 3", 5), ("4 - 4", 0), ("1 + 1", 2)]))

    quiz.main(["--source", str(clip), "--questions", "3"])

    assert "3 of 3 right at the first try" in capsys.readouterr().out
