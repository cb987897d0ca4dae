"""The files of one training run, each written to a temporary name and then renamed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.edge.util.folders import make_folder
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.finder_config import FinderConfig


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps what: config.json, history.json, metrics.json, model.keras, pictures, and checkpoints."""

    path: Path

    @property
    def config_file(self) -> Path:
        """The TrainConfig and the names of the classes."""
        return self.path / "config.json"

    @property
    def history_file(self) -> Path:
        """A record per finished epoch."""
        return self.path / "history.json"

    @property
    def metrics_file(self) -> Path:
        """The finished model on training, validation and test pictures."""
        return self.path / "metrics.json"

    @property
    def model_file(self) -> Path:
        """The finished model."""
        return self.path / "model.keras"

    @property
    def checkpoints(self) -> Path:
        """Folder of the last finished epoch's weights and optimizer state."""
        return self.path / "checkpoint"

    def start(self, config: TrainConfig | FinderConfig, names: tuple[str, ...]) -> None:
        """Make the folder and write the configuration; ModelError where a run is already there."""
        if self.config_file.exists():
            raise ModelError(f"{self.path} already holds a run: continue it with --resume, or give another --out")
        make_folder(self.path, "run folder")
        make_folder(self.checkpoints, "run folder")
        write_json(
            self.config_file, {"task": config.task, "config": config.to_json(), "names": list(names)}, error=ModelError
        )

    def task(self) -> str:
        """What the run learns: "count", or "find"; ModelError where this is no run folder."""
        stored = self._read(self.config_file)
        return str(stored.get("task", TrainConfig.task)) if isinstance(stored, dict) else TrainConfig.task

    def read_config(self) -> tuple[TrainConfig, tuple[str, ...]]:
        """The configuration and the names of the classes; ModelError where this is no run folder."""
        stored = self._stored(TrainConfig.task)
        try:
            return TrainConfig.from_json(stored["config"]), tuple(stored["names"])
        except KeyError as error:
            raise ModelError(
                f"{self.config_file} lacks {error}: it is not a signs-edge run; give another folder"
            ) from None

    def read_finder_config(self) -> FinderConfig:
        """The configuration of a finder's run; ModelError where it is another one, or none."""
        return FinderConfig.from_json(self._stored(FinderConfig.task)["config"])

    def finished_model(self) -> Path:
        """The file of the finished model; ModelError if the run has not finished."""
        if not self.model_file.is_file():
            raise ModelError(
                f"{self.path} has no finished model: continue it with `signs-edge train --out {self.path} --resume`"
            )
        return self.model_file

    def abstain_below(self) -> float | None:
        """The least confidence, 0..1, that is an answer, from metrics.json; None where training chose none.

        Raises:
            ModelError: metrics.json is damaged, or what stands there is no probability.
        """
        if not self.metrics_file.exists():
            return None
        stored = self._read(self.metrics_file)
        chosen = stored.get("abstention") if isinstance(stored, dict) else None
        threshold = chosen.get("threshold") if isinstance(chosen, dict) else chosen
        if threshold is None:
            return None
        number = isinstance(threshold, float | int) and not isinstance(threshold, bool)
        if not number or not 0.0 <= threshold <= 1.0:
            raise ModelError(
                f"{self.metrics_file} has the abstention threshold {threshold!r}: allowed is a probability from 0 to 1; train again"
            )
        return float(threshold)

    def history(self) -> list[dict[str, float]]:
        """Records of the epochs that have a checkpoint or came before it; empty at the start."""
        if not self.history_file.exists():
            return []
        records: list[dict[str, float]] = self._read(self.history_file)
        return records

    def checkpoint(self) -> tuple[int, Path] | None:
        """Number of finished epochs and the weights after them; None where no epoch was finished."""
        found = sorted(self.checkpoints.glob("epoch-*.weights.h5"))
        return (int(found[-1].name[6:10]), found[-1]) if found else None

    def checkpoint_file(self, finished: int) -> Path:
        """The name for the weights after so many finished epochs."""
        return self.checkpoints / f"epoch-{finished:04d}.weights.h5"

    def drop_checkpoints(self, keep: Path | None = None) -> None:
        """Delete all checkpoints but one, and what an interrupted write left."""
        for path in self.checkpoints.glob("*"):
            if path != keep:
                path.unlink()

    def close(self) -> None:
        """A finished run needs no checkpoints, and they are large."""
        self.drop_checkpoints()
        self.checkpoints.rmdir()

    def _stored(self, task: str) -> Any:
        """config.json of a run of that task."""
        if self.task() != task:
            raise ModelError(f"{self.path} is a run of the task {self.task()!r}: here one of {task!r} is needed")
        return self._read(self.config_file)

    def _read(self, path: Path) -> Any:
        try:
            return json.loads(path.read_text())
        except OSError:
            raise ModelError(
                f"{self.path} is not a run folder ({path.name} is missing): give the folder that `signs-edge train` made"
            ) from None
        except ValueError as error:
            raise ModelError(f"{path} is damaged ({error}): train again") from None
