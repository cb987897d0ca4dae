"""What others found out about an export, told in its report where it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ExtraSections:
    """Sections of the report that other parts of the program fill; each a JSON object, or None to leave it out.

    A value that is a PNG as a data URI ("data:image/png;base64,…") is shown as a picture, a list of objects with the
    same keys as a table, an object as lines, anything else as text.

    Attributes:
        inspection: what is in the file: op list, types, scales, multiply-adds, memory arena.
        diagnosis: layer by layer, int8 against float.
        bench: how fast it runs.
        everywhere: which runtimes and processors give the same answers.
    """

    inspection: Mapping[str, Any] | None = None
    diagnosis: Mapping[str, Any] | None = None
    bench: Mapping[str, Any] | None = None
    everywhere: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Those that are there."""
        return {name: value for name, value in asdict(self).items() if value is not None}
