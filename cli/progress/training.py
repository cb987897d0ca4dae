"""What long work shows while it runs: training a bar and a line per epoch, judging a bar."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from signs_edge.train.training.recorder import Plan


class TrainingProgress(Progress):
    """A `signs_edge.train.training.recorder.Observer` that draws on stderr; without a terminal, plain lines only."""

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)  # paths are shown as they are
        super().__init__(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
            console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = TaskID(0)
        self._work: dict[str, TaskID] = {}
        self._steps, self._epochs = 1, 1
        self._asked_to_stop = False
        self._before: Any = None

    def __enter__(self) -> Self:
        """From now on Ctrl-C is remembered: raised while a library runs a finalizer, Python would only print it."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._stop_training)
        return super().__enter__()

    def __exit__(self, *exception: Any) -> None:
        """Ctrl-C means again what it meant."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        super().__exit__(*exception)

    def _stop_training(self, number: int, frame: Any) -> None:
        self._asked_to_stop = True
        raise KeyboardInterrupt

    def started(self, config: Plan, parameters: int, pictures: dict[str, int], finished: int, steps: int) -> None:
        """Say what is trained on what."""
        self._steps, self._epochs = steps, config.epochs
        sizes = ", ".join(f"{n} {part}" for part, n in pictures.items())
        self.console.print(f"{parameters:,} parameters; pictures from {config.data}: {sizes}", soft_wrap=True)
        if finished:
            self.console.print(f"resuming after epoch {finished} of {config.epochs}")
        self._task = self.add_task("training", total=config.epochs * steps, completed=finished * steps)

    def worked(self, work: str, done: int, total: int) -> None:
        """Show a bar for this work until it is done; without a terminal, one line when it begins."""
        self._raise_a_lost_interrupt()
        if work not in self._work:
            self._work[work] = self.add_task(work, total=total)
            if self.disable:
                self.console.print(f"{work} ({total})")
        self.update(self._work[work], completed=done, total=total, visible=done < total)

    def stepped(self, epoch: int, step: int) -> None:
        """Move the bar; KeyboardInterrupt if an earlier one was lost on its way."""
        self._raise_a_lost_interrupt()
        self.update(
            self._task, completed=epoch * self._steps + step + 1, description=f"epoch {epoch + 1}/{self._epochs}"
        )

    def _raise_a_lost_interrupt(self) -> None:
        if self._asked_to_stop:
            raise KeyboardInterrupt

    def epoch_ended(self, record: dict[str, float]) -> None:
        """Print one line with the epoch's figures."""
        figures = "".join(
            f"  {title}{name} {record[prefix + name]:{form}}"
            for title, prefix in (("", ""), ("validation ", "val_"))
            for name, form in (("loss", ".3f"), ("accuracy", ".1%"))
            if prefix + name in record
        )
        self.console.print(
            f"epoch {int(record['epoch']):>3}/{self._epochs}{figures}  {record['seconds']:.1f} s", soft_wrap=True
        )


class ConditionProgress(Progress):
    """A bar of hands cut out, then one of conditions judged, on stderr; without a terminal, nothing."""

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        super().__init__(
            TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"),
            console=console, disable=not console.is_terminal, transient=True,
        )  # fmt: skip
        self._task = self.add_task("")

    def judged(self, condition: str, done: int, total: int) -> None:
        """Move the bar: a `signs_edge.train.runs.work.Progress`."""
        self.update(self._task, completed=done, total=total, description=condition)
