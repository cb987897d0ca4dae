"""The model card, and the pages of the full runs in docs/runs, from templates: prose there, every figure from files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from run_facts import Figure, RunFacts, exported_figures
from verdict import Verdict, digest

from signs_edge.edge.bundle.store import FLOAT32_NAME, INT8_NAME
from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.train.report.report import percent_text, write_report
from signs_edge.train.report.stored import read_json

FIGURES_NAME = "figures.json"
LARGEST_PAGE = 3_000_000  # bytes
_TEMPLATES = Path(__file__).parent
_WORST_ROWS = 4  # corruptions that the card names


def render_card(facts: RunFacts, export: Mapping[str, Any], verdict: Verdict, files: Path) -> str:
    """The model card of two files, as Markdown.

    Args:
        facts: of the run that they were made from.
        export: what export.json holds.
        verdict: on the files.
        files: folder of int8.tflite and float32.tflite.
    """
    clean, robustness = verdict.int8.clean, facts.report.robustness
    figures = [
        *exported_figures(export),
        Figure("int8, test photos without the leaked ones", clean.accuracy, clean.interval, f"{clean.correct} of {clean.n}"),
    ]  # fmt: skip
    rows = {name: robustness.row_mean(name) for name in robustness.table()} if robustness else {}
    paths = [files / INT8_NAME, files / FLOAT32_NAME]
    return _render(
        "model-card.md.jinja",
        facts=facts,
        export=export,
        exported=figures,
        worst=sorted(rows.items(), key=lambda row: row[1])[:_WORST_ROWS],
        backgrounds=robustness.backgrounds if robustness else (),
        photos={part: evaluation.n for part, evaluation in facts.report.evaluations.items()},
        files=[(path.name, path.stat().st_size, digest(path)) for path in paths],
    )


def document_run(facts: RunFacts, export: Mapping[str, Any] | None, docs: Path) -> Path:
    """Write docs/runs/PRESET/report.html and figures.json, without photos, and the table over all presets.

    Args:
        facts: of a run of a preset.
        export: what export.json holds; None where the run was not exported.
        docs: the folder `runs` in docs.

    Returns:
        The path of the report.

    Raises:
        ModelError: no preset's network, or a page that is too large.
    """
    if facts.preset is None:
        raise ModelError(f"run {facts.report.title} has no preset's network: docs/runs holds full runs of presets")
    folder = docs / facts.preset
    figures = [*facts.figures, *(exported_figures(export) if export else ())]
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as drawn:
        page = write_report(Path(drawn), facts.report, photos=False)
        if page.stat().st_size > LARGEST_PAGE:
            raise ModelError(f"the report takes {page.stat().st_size:,} bytes: at most {LARGEST_PAGE:,} go into docs")
        with atomic_write(folder / page.name) as temporary:
            shutil.copyfile(page, temporary)
    values = {
        "command": facts.command,
        "parameters": facts.parameters,
        "epochs": facts.report.settings["epochs"],
        "seconds": facts.seconds,
        "versions": dict(facts.report.versions),
        "figures": [asdict(figure) for figure in figures],
    }
    write_json(folder / FIGURES_NAME, values)
    write_table(docs)
    return folder / page.name


def write_table(docs: Path) -> None:
    """Write docs/runs/README.md from the figures.json of every preset."""
    runs = {path.parent.name: read_json(path) for path in sorted(docs.glob(f"*/{FIGURES_NAME}"))}
    shown = {
        preset: {values["name"]: str(Figure.from_json(values)) for values in run["figures"]}
        for preset, run in runs.items()
    }
    names = list(dict.fromkeys(name for figures in shown.values() for name in figures))
    write_text(docs / "README.md", _render("runs.md.jinja", runs=runs, shown=shown, names=names))


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _render(template: str, **values: Any) -> str:
    environment = Environment(  # Markdown, not HTML: nothing is escaped, and all values are ours
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["percent"] = percent_text
    return environment.get_template(template).render(**values)
