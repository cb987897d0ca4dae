"""A .tflite file with everything that its use on a device needs inside, and a digest over all of it.

Labels, preprocessing contract, thresholds, provenance and golden vectors travel as associated files: a ZIP archive
behind the flatbuffer, which is the TFLite metadata format's own convention
(https://ai.google.dev/edge/litert/models/metadata). Stock runtimes ignore it.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeGuard

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.golden import Golden
from signs_edge.edge.bundle.seal import claims_seal, open_sealed, seal_bytes, stored_digest
from signs_edge.edge.errors import ModelError
from signs_edge.edge.reference.expectation import Expectation

LABELS = "labels.txt"
CONTRACT = "signs_edge.json"
EXPECTATION = "expectation.json"  # seldom; readers of before take no notice
FORMAT = 2  # files of the first form have no digest, and do not say their form
_MAKE = "give a .tflite file from `signs-edge export`"


class Origin(Enum):
    """Where a file comes from, as far as can be told."""

    SEALED = "sealed by signs-edge"
    UNSEALED = "a file with labels and contract, but without a digest"
    PLAIN = "a plain TFLite model of other origin"


@dataclass(frozen=True)
class ModelFile:
    """What stands in a .tflite file.

    Attributes:
        content: all bytes, the ZIP archive included; an interpreter takes them as they are.
        labels: one name per output, in order; empty in a plain file, and then they are numbered from 0.
        contract: what a picture must be.
        abstain_below: the least confidence, 0..1, that is an answer, as chosen in training; None where none was
            chosen, as in files of older versions: the model always answers.
        temperature: that its probabilities were brought to, above 0, already folded into the last layer; None where
            it is not known.
        provenance: where it comes from: data, training run, versions, gate result; plain JSON values.
        golden: what it must answer; None in a file without.
        expectation: what its frames and answers should be like; None in a file without.
        origin: whether its digest was checked.
        flatbuffer_size: bytes before the archive.

    >>> from signs_edge.edge.bundle.store import packaged_model
    >>> model = ModelFile.read(packaged_model())
    >>> model.labels
    ('0', '1', '2', '3', '4', '5')
    """

    content: bytes = field(repr=False)
    labels: tuple[str, ...]
    contract: Contract
    abstain_below: float | None = None
    temperature: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    golden: Golden | None = field(default=None, compare=False, repr=False)  # its bytes are in `content`
    origin: Origin = Origin.SEALED
    flatbuffer_size: int = 0
    expectation: Expectation | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a threshold that is no probability and a temperature that is none."""
        _check_numbers(self.abstain_below, self.temperature)

    @property
    def flatbuffer(self) -> bytes:
        """The model without its archive."""
        return self.content[: self.flatbuffer_size]

    @property
    def refused(self) -> tuple[str, ...]:
        """Why the gate of its export refused it; empty where it passed, or none was asked."""
        gate = self.provenance.get("gate")
        if not isinstance(gate, Mapping) or gate.get("passed") is not False:
            return ()
        return tuple(map(str, gate.get("reasons", ()))) or ("no reason given",)

    @property
    def digest(self) -> str | None:
        """The SHA-256 in a sealed file, in hexadecimal; None in another."""
        return stored_digest(self.content) if self.origin is Origin.SEALED else None

    @classmethod
    def pack(
        cls,
        flatbuffer: bytes,
        labels: tuple[str, ...],
        contract: Contract,
        abstain_below: float | None = None,
        *,
        temperature: float | None = None,
        provenance: Mapping[str, Any] | None = None,
        golden: Golden | None = None,
        expectation: Expectation | None = None,
    ) -> ModelFile:
        """A plain .tflite model with all that is given appended, and sealed; the same input gives the same bytes.

        Golden vectors come from the export, which has the float32 twin at hand.

        Raises:
            ModelError: a value that is not allowed, such as provenance that is not plain JSON.
        """
        _check_numbers(abstain_below, temperature)
        text = "".join(f"{label}\n" for label in labels)
        if tuple(text.splitlines()) != labels:
            raise ModelError(f"labels {labels} are not allowed: each is one line of text; rename the class")
        notes = {
            "format": FORMAT,
            "contract": contract.to_json(),
            "abstain_below": abstain_below,
            "temperature": temperature,
            "provenance": dict(provenance or {}),
        }
        try:
            described = json.dumps(
                {key: value for key, value in notes.items() if value not in (None, {})}, indent=2, allow_nan=False
            )
        except (TypeError, ValueError) as error:
            raise ModelError(f"provenance is not plain JSON ({error}): give texts, numbers, lists, mappings") from None
        members = [
            (LABELS, text.encode()),
            (CONTRACT, described.encode()),
            *(golden.to_members() if golden else ()),
            *([(EXPECTATION, json.dumps(expectation.to_json(), allow_nan=False).encode())] if expectation else ()),
        ]
        content = seal_bytes(flatbuffer, members)
        return cls(
            content, labels, contract, abstain_below, temperature, json.loads(described).get("provenance", {}), golden,
            flatbuffer_size=len(flatbuffer), expectation=expectation,
        )  # fmt: skip

    @classmethod
    def read(cls, path: Path, trust: bool = False) -> ModelFile:
        """Read a file and check it.

        Args:
            path: the file.
            trust: also take a file of other origin: with labels but no digest, or plain. A damaged one never.

        Raises:
            ModelError: it is missing, no model, damaged, or of other origin and not trusted.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"model {path} cannot be read ({error.strerror}): {_MAKE}") from None
        return cls.parse(content, str(path), trust)

    @classmethod
    def parse(cls, content: bytes, name: str, trust: bool = False) -> ModelFile:
        """The same of a file's bytes; `name` is for messages."""
        if content[4:8] != b"TFL3":
            raise ModelError(f"{name} is not a TFLite model (no TFL3 mark): {_MAKE}")
        if claims_seal(content):
            return _sealed(content, name)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                named = {LABELS, CONTRACT} & set(archive.namelist())
        except (zipfile.BadZipFile, RuntimeError, ValueError):
            named = set()
        if not trust:
            what = "labels but no digest, as files from before signs-edge sealed them" if named else "no digest of ours"
            raise ModelError(
                f"{name} has {what}: nothing vouches for it; export it again, or run it all the same with --trust"
            )
        if named:
            return _unsealed(content, name)
        return cls(content, (), Contract(), origin=Origin.PLAIN, flatbuffer_size=len(content))


def _check_numbers(below: object, temperature: object) -> None:
    if below is not None and not (_is_number(below) and 0.0 <= below <= 1.0):
        raise ModelError(f"abstain_below {below!r} is not allowed: a probability from 0 to 1, or none; export again")
    if temperature is not None and not (_is_number(temperature) and 0.0 < temperature < float("inf")):
        raise ModelError(f"temperature {temperature!r} is not allowed: a positive number, or none; export again")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, float | int) and not isinstance(value, bool)


def _sealed(content: bytes, name: str) -> ModelFile:
    """A file that says it is sealed: its digest is checked before anything in it is looked at."""
    try:
        start, parts = open_sealed(content)
    except ValueError as error:
        raise _damaged(name, error) from None
    labels, contract, notes = _notes(parts, name)
    if notes.get("format") != FORMAT:
        raise ModelError(f"{name} is of form {notes.get('format')!r}, this version reads {FORMAT}: update signs-edge")
    golden = Golden.from_members(parts, contract, len(labels))
    expectation = Expectation.from_text(parts[EXPECTATION]) if EXPECTATION in parts else None
    return ModelFile(
        content, labels, contract, notes.get("abstain_below"), notes.get("temperature"), notes.get("provenance", {}),
        golden, flatbuffer_size=start, expectation=expectation,
    )  # fmt: skip


def _unsealed(content: bytes, name: str) -> ModelFile:
    """A file of the older form, trusted: whatever archive Python can read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            items = archive.infolist()
            if any(item.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for item in items):
                raise ValueError("another compression than deflate")
            start = min(item.header_offset for item in items)
            parts = {key: archive.read(key) for key in (LABELS, CONTRACT)}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, KeyError, ValueError) as error:
        raise _unreadable(name, error) from None
    labels, contract, notes = _notes(parts, name)
    if "format" in notes:
        raise _damaged(name, "its digest is gone")
    return ModelFile(
        content, labels, contract, notes.get("abstain_below"), origin=Origin.UNSEALED, flatbuffer_size=start
    )


def _notes(parts: Mapping[str, bytes], name: str) -> tuple[tuple[str, ...], Contract, dict[str, Any]]:
    """Labels, contract and the other notes."""
    try:
        labels = tuple(parts[LABELS].decode().splitlines())
        notes: dict[str, Any] = json.loads(parts[CONTRACT])
        return labels, Contract.from_json(notes["contract"]), notes
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _unreadable(name, error) from None


def _damaged(name: str, why: object) -> ModelError:
    return ModelError(f"{name} is damaged or was changed ({why}): copy it again from its maker, or export it again")


def _unreadable(name: str, error: Exception) -> ModelError:
    return ModelError(
        f"{name} carries no readable labels and contract ({error}): only files written by `signs-edge export` can be used"
    )
