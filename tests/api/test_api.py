"""The public names: lazy, documented, and their examples run."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from running import Seen

import signs_edge
from signs_edge.edge.errors import UsageError


def examples(name: str) -> list[doctest.DocTest]:
    """The examples of a public name, and of its methods."""
    value = getattr(signs_edge, name)
    found = doctest.DocTestFinder(exclude_empty=True).find(value, name, module=inspect.getmodule(value))
    return [test for test in found if test.examples]


@pytest.mark.parametrize("name", signs_edge.__all__)
def test_every_public_name_is_documented_and_its_examples_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert inspect.getdoc(getattr(signs_edge, name))
    tests = examples(name)
    assert tests, f"{name} has no example"

    for test in tests:
        runner = doctest.DocTestRunner(verbose=False)
        report: list[str] = []
        runner.run(test, out=report.append)
        assert runner.failures == 0, "".join(report)


def test_the_example_of_the_package_runs() -> None:
    assert doctest.testmod(signs_edge).failed == 0


def child(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_importing_the_package_loads_neither_numpy_nor_opencv() -> None:
    code = "import sys, signs_edge; dir(signs_edge); print(sorted({'numpy', 'cv2', 'typer'} & set(sys.modules)))"

    assert child(code) == "[]"


def test_counting_from_python_loads_no_training_library_and_no_command_line() -> None:
    code = (
        "import sys, signs_edge; signs_edge.run('synthetic', signs_edge.load(), max_frames=1); "
        "print(sorted({'tensorflow', 'keras', 'typer', 'starlette', 'h5py'} & set(sys.modules)))"
    )

    assert child(code) == "[]"


def test_training_and_export_are_there_without_an_import_of_their_own() -> None:
    assert signs_edge.train.__name__ == "signs_edge.train"
    assert signs_edge.export.__name__ == "signs_edge.export"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = signs_edge.nothing
    assert {"load", "train", "export"} <= set(dir(signs_edge))


@pytest.fixture(scope="module")
def counter() -> signs_edge.Counter:
    return signs_edge.load("packaged", float_model="packaged")


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        ([[1, 2]], "frame is list"),
        (np.zeros((4, 4), np.uint8), "frame is uint8"),
        (np.zeros((4, 4, 3), np.float32), "frame is float32"),
        (np.zeros((4, 4, 4), np.uint8), "frame is uint8"),
        (np.zeros((0, 4, 3), np.uint8), "holds no pixels"),
    ],
)
def test_what_is_no_picture_is_refused(counter: signs_edge.Counter, frame: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        counter.count(frame)


def test_each_picture_is_counted_by_itself_and_by_both_models(counter: signs_edge.Counter) -> None:
    with signs_edge.open_source("synthetic") as frames:
        hand = next(frames).image
    assert hand is not None

    first, empty, again = (counter.count(frame) for frame in (hand, np.zeros((480, 640, 3), np.uint8), hand))

    assert empty.count is None
    assert (first.count, first.squares) == (again.count, again.squares)
    assert first.twin is not None
    assert counter.verdict is not None
    assert counter.verdict.agreement.looks == 2


def test_a_run_hands_results_to_its_sinks_and_closes_them(counter: signs_edge.Counter) -> None:
    seen = Seen()

    summary = signs_edge.run("synthetic", counter, [seen], max_frames=5)

    assert (summary.frames, len(seen.results), seen.closed) == (5, 5, 1)
    assert summary.agreement.n > 0


def test_a_stream_that_is_left_closes_its_source(counter: signs_edge.Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Source:
        def __enter__(self) -> Any:
            return iter([signs_edge.Frame(i, np.zeros((64, 64, 3), np.uint8), "fake") for i in range(9)])

        def __exit__(self, *_: object) -> None:
            closed.append("closed")

    monkeypatch.setattr("signs_edge.edge.session.counter.open_source", lambda *_, **__: Source())
    results = counter.stream("fake")
    next(results)
    assert not closed
    results.close()  # type: ignore[attr-defined]

    assert closed == ["closed"]
