"""Settings of an export: formats, pictures, limits and report, frozen and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from signs_edge.export.convert.calibration import DEFAULT_PICTURES
from signs_edge.export.convert.convert import FLOAT32, INT8, checked_formats, checked_io
from signs_edge.export.gate.gate import GateLimits

DEFAULT_FORMATS = (FLOAT32, INT8)


@dataclass(frozen=True)
class CalibrationSettings:
    """Which pictures set the int8 ranges.

    Attributes:
        folder: of the user's own frames; None: training pictures.
        pictures: how many; fewer if there are fewer.
        seed: of the choice.
    """

    folder: Path | None = None
    pictures: int = DEFAULT_PICTURES
    seed: int = 0


@dataclass(frozen=True)
class ReportSettings:
    """What export.html shows.

    Attributes:
        photos: whether it shows pictures of the data; False for a page that is passed on.
        details: whether it shows operators, layers, times and the answers of other runtimes, which takes longer than
            the conversion.
        bench_seconds: how long each file is timed; 0 leaves the times out.
        record: what `benchmarks/everywhere.py` wrote of these files on other machines; None without.
    """

    photos: bool = True
    details: bool = True
    bench_seconds: float = 2.0
    record: Path | None = None


@dataclass(frozen=True)
class ExportSettings:
    """What to export, from which pictures, and what a file must pass.

    Attributes:
        formats: any of "float32", "float16", "dynamic" and "int8"; float32 is always added, as the others are compared
            with it.
        io_type: type of the int8 file's input and output: "int8", "uint8" or "float32".
        data: pictures to calibrate and test with; None: those that the run was trained on.
        out: folder of the files; None: `export` in the run folder.
        calibration: the representative dataset.
        limits: of the gate.
        report: of the report.

    Raises:
        UsageError: a format or type that is not known.

    >>> from signs_edge.export import ExportSettings
    >>> ExportSettings(formats=("int8",)).formats
    ('float32', 'int8')
    """

    formats: tuple[str, ...] = DEFAULT_FORMATS
    io_type: str = "int8"
    data: str | None = None
    out: Path | None = None
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)
    limits: GateLimits = field(default_factory=GateLimits)
    report: ReportSettings = field(default_factory=ReportSettings)

    def __post_init__(self) -> None:
        """Refuse formats and types that are not known; put the formats in their order."""
        object.__setattr__(self, "formats", checked_formats(self.formats))
        checked_io(self.io_type)
