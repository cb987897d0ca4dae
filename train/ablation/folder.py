"""The files of one ablation: its settings, a result per network, and at the end the whole with its pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.edge.util.folders import make_folder
from signs_edge.train.ablation import plots
from signs_edge.train.ablation.config import AblationConfig, Twin
from signs_edge.train.ablation.result import Ablation, TwinResult


@dataclass(frozen=True)
class AblationFolder:
    """Where an ablation keeps what: config.json, twins/NAME.json, then ablation.json, ablation.md and pictures."""

    path: Path

    @property
    def summary_file(self) -> Path:
        """The picture that says most."""
        return self.path / "skip-connections.png"

    def start(self, config: AblationConfig) -> None:
        """Make the folder, or take it where it holds the same ablation; ModelError where it holds another."""
        file = self.path / "config.json"
        if not file.exists():
            make_folder(self.path / "twins", "folder")
            write_json(file, config.to_json(), error=ModelError)
            return
        stored = _read(file)
        for name, value in config.to_json().items():
            there = stored.get(name) if isinstance(stored, dict) else None
            if there != value:
                raise ModelError(
                    f"{self.path} holds another run, with {name} {there}, not {value}: give its settings, or another --out"
                )

    def result(self, twin: Twin) -> TwinResult | None:
        """A network's finished result; None where there is none yet."""
        file = self._file(twin)
        return TwinResult.from_json(_read(file), str(file)) if file.exists() else None

    def keep(self, result: TwinResult) -> None:
        """Write a network's result as a whole."""
        write_json(self._file(result.twin), result.to_json(), error=ModelError)

    def finish(self, ablation: Ablation) -> None:
        """Write what all networks are needed for."""
        write_json(self.path / "ablation.json", ablation.to_json(), error=ModelError)
        with atomic_write(self.path / "ablation.md", error=ModelError) as temporary:
            temporary.write_text(ablation.table(), encoding="utf-8")
        plots.draw_gradients(ablation, self.path / "gradients.png")
        plots.draw_learning(ablation, self.path / "learning.png")
        plots.draw_accuracy(ablation, self.path / "accuracy.png")
        plots.draw_summary(ablation, self.summary_file)

    def _file(self, twin: Twin) -> Path:
        return self.path / "twins" / f"{twin.name}.json"


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} is damaged ({error}): delete it, and it is made again") from None
