"""What `signs-edge run` and `signs-edge drift replay` do alike: refuse what cannot be, end on a signal, tell."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.run.loop import RunConfig

_DASH = "-"  # in place of a file: the standard output


@contextmanager
def stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP end the loop after the frame in hand; a second one ends the program at once."""
    signals = [signal.SIGINT, signal.SIGTERM]
    # The terminal or the connection has gone; under nohup that was to be no reason.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)

    def handle(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    previous = {number: signal.signal(number, handle) for number in signals}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def check_twins(path: Path, classifier: TFLiteClassifier, float_path: Path, twin: TFLiteClassifier) -> None:
    """Refuse to call drift what is not int8 against the float32 model of the same export."""
    if (twin.labels, twin.contract) != (classifier.labels, classifier.contract):
        raise ModelError(
            f"float model {float_path} and {path} differ in labels or preprocessing: give the twin of the same export"
        )
    for name, model, right in ((path, classifier, "int8"), (float_path, twin, "float32")):
        if str(model.input_dtype) != right:
            raise ModelError(f"{name} is {model.input_dtype}: drift is int8 --model against float32 --float-model")


def check_target(option: str, path: Path | None) -> None:
    """Refuse a path that no file can be written to, while there is nothing to lose yet."""
    try:
        if path is None or (not path.is_dir() and path.parent.is_dir()):
            return
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise UsageError(f"{option} {path} cannot be written ({error.strerror}): give another path") from None
    raise UsageError(f"{option} {path} cannot be written: give a file in a folder that exists")


def check_apart(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Refuse to write over what is read, or twice into one file: each mapping is of options and what they name.

    Raises:
        UsageError: two options name the same file, by whatever path or link.
    """
    named = [(option, path) for option, path in (*outputs.items(), *inputs.items()) if path is not None]
    for place, (option, output) in enumerate(named[: sum(path is not None for path in outputs.values())]):
        for other, path in named[place + 1 :]:
            if _same_file(output, path):
                raise UsageError(f"{option} {output} is what {other} names too: give another path, or it would be lost")


def check_outputs(
    journal: Path | None, jsonl: str | None, summary: Path | None, inputs: Mapping[str, str | Path | None]
) -> None:
    """Refuse outputs that cannot be written, or not beside each other or over what is read.

    Args:
        journal, jsonl, summary: of the options of these names.
        inputs: by their options, such as "--source", what is read.

    Raises:
        UsageError: so it is.
    """
    if jsonl == _DASH == str(summary):
        raise UsageError("--jsonl - and --summary - both want the standard output: give one of them a file")
    lines = Path(jsonl) if jsonl not in (None, _DASH) else None
    page = summary if str(summary) != _DASH else None
    check_target("--summary", page)
    check_target("--jsonl", lines)
    check_apart(
        {"--journal": journal, "--jsonl": lines, "--summary": page},
        {option: Path(path) if path is not None else None for option, path in inputs.items()},
    )


def _same_file(one: Path, other: Path) -> bool:
    try:
        if one.is_file() and other.is_file():
            return one.samefile(other)
        return one.resolve() == other.resolve() and not one.exists()
    except (OSError, ValueError):
        return False


def notice(text: str) -> None:
    """Tell something on the standard error."""
    print(f"notice: {text}", file=sys.stderr, flush=True)


def run_config(
    classifier: TFLiteClassifier,
    min_confidence: float | None,
    float_every: int | None,
    max_frames: int | None,
    smooth: float,
) -> RunConfig:
    """How frames are counted, of the options of these names; UsageError where a value is not allowed."""
    from signs_edge.edge.run.loop import RunConfig
    from signs_edge.edge.run.smoothing import SmoothingConfig
    from signs_edge.edge.session.monitoring import EVERY

    return RunConfig(
        classifier.contract, *least_confidences(min_confidence, classifier.abstain_below),
        float_every=EVERY if float_every is None else float_every, max_frames=max_frames, smoothing=SmoothingConfig(smooth),
    )  # fmt: skip


def least_confidences(given: float | None, from_model: float) -> tuple[float, float | None]:
    """Of a count, 0..1: at a chosen place, and where the finder saw the hand (None: no other), unless one was given for all."""
    from signs_edge.edge.metrics.abstention import choose_threshold
    from signs_edge.edge.region.region import BEHIND_FINDER

    return choose_threshold(given, from_model), from_model * BEHIND_FINDER if given is None else None
