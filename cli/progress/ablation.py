"""What an ablation shows while it runs: a bar over all networks, a line per network."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from signs_edge.train.ablation.config import AblationConfig, Twin
from signs_edge.train.ablation.result import TwinResult


class AblationProgress(Progress):
    """A `signs_edge.train.ablation.ablation.Observer` that draws on stderr; without a terminal, plain lines only.

    The bar counts steps times layers, about what the time goes with.
    """

    def __init__(self) -> None:
        console = Console(stderr=True, highlight=False, markup=False, emoji=False)  # paths are shown as they are
        super().__init__(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
            console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = TaskID(0)
        self._steps, self._epochs, self._depth, self._done = 1, 1, 1, 0

    def started(self, config: AblationConfig, finished: int, steps: int) -> None:
        """Say what is compared."""
        twins = config.twins()
        self._steps, self._epochs = steps, config.epochs
        depths = ", ".join(str(depth) for depth in sorted({twin.depth for twin in twins}))
        self.console.print(
            f"{len(twins)} networks of {depths} layers, {config.epochs} epochs each on {config.data}", soft_wrap=True
        )
        if finished:
            self.console.print(f"{finished} of them are there already")
        work = steps * config.epochs
        self._done = work * sum(twin.depth for twin in twins[:finished])
        self._task = self.add_task("comparing", total=work * sum(twin.depth for twin in twins), completed=self._done)

    def twin_started(self, twin: Twin, parameters: int) -> None:
        """Name the network."""
        self._depth = twin.depth
        self.update(self._task, description=twin.name, completed=self._done)

    def stepped(self, epoch: int, step: int) -> None:
        """Move the bar."""
        self.update(self._task, completed=self._done + self._depth * (epoch * self._steps + step + 1))

    def twin_ended(self, result: TwinResult) -> None:
        """One line with the network's figures."""
        self._done += self._depth * self._steps * self._epochs
        self.update(self._task, completed=self._done)
        test = result.evaluations.get("test")
        norm = "with" if result.twin.batch_norm else "without"
        figures = f"diverged in epoch {result.diverged}" if test is None else f"test {test}"
        self.console.print(
            f"{result.twin.depth:>3} layers {norm} batch norm, {result.twin.kind}: median gradient norm "
            f"{result.median_gradient(0):.1e} at the start; {figures}; {result.seconds:.0f} s",
            soft_wrap=True,
        )
