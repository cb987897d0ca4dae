"""A .tflite file with its labels, preprocessing contract and least confidence inside.

They travel as associated files: a ZIP archive behind the flatbuffer, which is the TFLite metadata format's own
convention (https://ai.google.dev/edge/litert/models/metadata). Stock runtimes ignore it.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import ModelError

LABELS = "labels.txt"
CONTRACT = "signs_edge.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time, so that the same model gives the same bytes


@dataclass(frozen=True)
class ModelFile:
    """What stands in a signs-edge .tflite file.

    Attributes:
        content: all bytes, the ZIP archive included; an interpreter takes them as they are.
        labels: one name per output, in order.
        contract: what a picture must be.
        abstain_below: the least confidence, 0..1, that is an answer, as chosen in training; None where none was
            chosen, as in files of older versions: the model always answers.
    """

    content: bytes
    labels: tuple[str, ...]
    contract: Contract
    abstain_below: float | None = None

    def __post_init__(self) -> None:
        """Refuse a threshold that is no probability."""
        below: object = self.abstain_below
        number = isinstance(below, float | int) and not isinstance(below, bool) and 0.0 <= below <= 1.0
        if below is not None and not number:
            raise ModelError(
                f"abstain_below {below!r} is not allowed: a probability from 0 to 1, or none; export again"
            )

    @classmethod
    def pack(
        cls, flatbuffer: bytes, labels: tuple[str, ...], contract: Contract, abstain_below: float | None = None
    ) -> ModelFile:
        """A plain .tflite model with labels, contract and, where there is one, threshold appended."""
        text = "".join(f"{label}\n" for label in labels)
        if tuple(text.splitlines()) != labels:
            raise ModelError(f"labels {labels} are not allowed: each is one line of text; rename the class")
        notes: dict[str, Any] = {"contract": contract.to_json()}
        if abstain_below is not None:
            notes["abstain_below"] = abstain_below
        packed = io.BytesIO(flatbuffer)
        with zipfile.ZipFile(packed, "a") as archive:
            archive.writestr(zipfile.ZipInfo(LABELS, _EPOCH), text)
            archive.writestr(zipfile.ZipInfo(CONTRACT, _EPOCH), json.dumps(notes, indent=2))
        return cls(packed.getvalue(), labels, contract, abstain_below)

    @classmethod
    def read(cls, path: Path) -> ModelFile:
        """Read and check a file; ModelError where it is missing, no model, or carries no labels."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"model {path} cannot be read ({error.strerror}): give a .tflite file from `signs-edge export`"
            ) from None
        if content[4:8] != b"TFL3":
            raise ModelError(
                f"{path} is not a TFLite model (no TFL3 mark): give a .tflite file from `signs-edge export`"
            )
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                labels = tuple(archive.read(LABELS).decode().splitlines())
                notes = json.loads(archive.read(CONTRACT))
                contract = Contract.from_json(notes["contract"])
                below = notes.get("abstain_below")
        except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{path} carries no readable labels and contract ({error}): only files written by `signs-edge export` can be used"
            ) from None
        return cls(content, labels, contract, below)
