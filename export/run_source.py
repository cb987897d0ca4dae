"""A finished run and its pictures, as an export and a diagnosis read them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signs_edge.train.data.dataset import SignsDataset, Splits, load_splits, split
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.run_folder import RunFolder


@dataclass(frozen=True)
class RunSource:
    """A run of `signs-edge train`, and the pictures that belong to it.

    Attributes:
        folder: the run folder.
        config: what was trained.
        names: of the classes, in the order of the model's outputs.
        splits: training and test pictures as loaded.
        learned: training pictures that the model learned from.
        held_out: training pictures that it was validated on.
        test: test pictures.
    """

    folder: RunFolder
    config: TrainConfig
    names: tuple[str, ...]
    splits: Splits
    learned: SignsDataset
    held_out: SignsDataset
    test: SignsDataset

    @classmethod
    def read(cls, run: Path, data: str | None = None) -> RunSource:
        """Read a run folder and load its pictures.

        Args:
            run: the folder.
            data: where the pictures are; None: what the run was trained on.

        Raises:
            ModelError: the folder holds no run of the task "count".
            DataError: the pictures cannot be read, or have classes that the model does not know.
        """
        folder = RunFolder(run)
        config, names = folder.read_config()
        splits = load_splits(data or config.data, config.seed)
        train, test = (part.with_names(names, splits.source) for part in (splits.train, splits.test))
        learned, held_out = (train.take(part) for part in split(train, config.validation, config.seed))
        return cls(folder, config, names, splits, learned, held_out, test)

    def has_other_rooms(self, abstain_below: float | None) -> bool:
        """Whether test hands before other backgrounds say something of the model.

        They do if it was trained on other backgrounds and abstains below a chosen confidence.
        """
        return self.config.augment == "strong" and abstain_below is not None
