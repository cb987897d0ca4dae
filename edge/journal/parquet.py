"""The table of journals as a Parquet file, by pyarrow, which is an extra."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import IO, Any

from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.edge.journal.table import COLUMNS, TableRow, rows

_ROWS = 10_000  # of a group, which is what is held in memory


def write_parquet(paths: Iterable[Path], out: Path | IO[bytes]) -> None:
    """A row a minute. `wall` is a time in UTC, to the millisecond; what is nested are maps, and `drift_moved` a list.

    Raises:
        RuntimeMissingError: pyarrow is not installed.
        DataError: a journal is none, or is damaged.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise RuntimeMissingError(
            "--parquet needs pyarrow, which is not installed: pip install pyarrow, or take --csv"
        ) from None
    pair = pa.struct([("same", pa.int64()), ("looks", pa.int64())])
    moved = pa.struct([("statistic", pa.string()), ("direction", pa.string()), ("distance", pa.float64())])
    types = {
        "int": pa.int64(), "float": pa.float64(), "text": pa.string(), "time": pa.timestamp("ms", tz="UTC"),
        "counts": pa.map_(pa.string(), pa.int64()), "shares": pa.map_(pa.string(), pa.float64()),
        "classes": pa.map_(pa.string(), pair), "moved": pa.list_(moved),
    }  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    every = rows(paths)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := [_row(row) for row in islice(every, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(group, schema))


def _row(row: TableRow) -> dict[str, Any]:
    """As pyarrow takes it: maps as lists of pairs."""
    return {name: _cell(COLUMNS[name], value) for name, value in row.cells().items()}


def _cell(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "time":
        return round(1000 * value)
    if kind == "classes":
        return [(name, {"same": same, "looks": looks}) for name, (same, looks) in value.items()]
    if kind in ("counts", "shares"):
        return list(value.items())
    if kind == "moved":
        return [{"statistic": name, "direction": way, "distance": distance} for name, way, distance in value]
    return value
