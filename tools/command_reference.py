"""The command reference, docs/reference/cli.md, from the commands themselves: `make reference`.

    python tools/command_reference.py [--out docs/reference/cli.md]

The page holds what `--help` prints, and nothing else; tests/docs/test_command_reference.py compares the two.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from signs_edge.cli.main import app

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"

_HEAD = """\
# Command reference

This page is written by `make reference` from the commands themselves, so it says what `signs-edge COMMAND --help`
says. Every command also takes `--help`.

Exit codes of all commands: 0 done, 1 an error that one line on stderr explains, 130 ended by Ctrl-C. `run`, which is
meant to be ended by Ctrl-C, then exits with 0. `export` and `diagnose` exit with 3 where a file is not to be
deployed. `drift watch` has [its own codes](#signs-edge-drift-watch).
"""


def render() -> str:
    """The whole page, as Markdown."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("signs-edge", [], resilient_parsing=True)
    sections = [_HEAD, *(_section(command, there) for command, there in _commands(root, context))]
    return "\n".join(sections)


def _commands(command: Any, context: Any) -> Iterator[tuple[Any, Any]]:
    """A command and those below it, each with its context, in the order of `--help`."""
    yield command, context
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, type(context)(below, info_name=name, parent=context))


def _section(command: Any, context: Any) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"## {context.command_path}", "", "```text", usage, "```", "", _prose(command.help or ""), ""]
    below = getattr(command, "commands", {})
    if below:
        lines += ["| command | purpose |", "|---|---|"]
        lines += [f"| [`{name}`](#{_anchor(context.command_path, name)}) | {_cell(one.get_short_help_str(200))} |"
                  for name, one in below.items()]  # fmt: skip
        lines.append("")
    for kind, title in (("argument", "argument"), ("option", "option")):
        records = [one.get_help_record(context) for one in command.params if one.param_type_name == kind]
        shown = [record for record in records if record is not None]
        if shown:
            lines += [f"| {title} | meaning |", "|---|---|"]
            lines += [f"| `{_escaped(names)}` | {_cell(meaning)} |" for names, meaning in shown]
            lines.append("")
    return "\n".join(lines)


def _anchor(*names: str) -> str:
    """The anchor that GitHub and MyST give to a heading of these words."""
    return " ".join(names).replace(" ", "-")


def _prose(text: str) -> str:
    """A docstring's paragraphs, each on one line."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(_markdown(" ".join(paragraph.split())) for paragraph in paragraphs)


def _cell(text: str) -> str:
    return _escaped(_markdown(" ".join(text.split())))


def _escaped(text: str) -> str:
    """Bars would end a table's cell, in code too."""
    return text.replace("|", "\\|")


def _markdown(text: str) -> str:
    """Plain text in which `code` stays code, and signs that Markdown would read stand as they are."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([*<])", r"\\\1", part) for part in parts)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    page = parser.parse_args().out
    page.write_text(render(), encoding="utf-8")
    print(f"wrote {page}")


if __name__ == "__main__":
    main()
