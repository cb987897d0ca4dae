"""Check the options of a service before it is installed: one that refuses them would be started again for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer

from signs_edge.edge.errors import UsageError


def check_options(options: Sequence[str], variables: Mapping[str, str]) -> None:
    """Read options as `run` does, and do its preflight; no camera, port or output is opened.

    Args:
        options: of its command line.
        variables: `SIGNS_EDGE_…` that it would find, in place of those of this process.

    Raises:
        SignsEdgeError, TyperException: what `run` would end with at once.
    """
    from signs_edge.cli.commands.run import run
    from signs_edge.cli.options.config_file import SETTINGS, ConfiguredCommand
    from signs_edge.edge.session.preflight import prepare
    from signs_edge.edge.session.settings import RunSettings

    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    alone.command(name="run", cls=ConfiguredCommand, context_settings=SETTINGS)(run)
    with _environment(variables):
        given = typer.main.get_command(alone).make_context("signs-edge run", list(options)).params
        if given["print_config"]:
            raise UsageError("--print-config shows options and runs nothing: leave it out")
        prepare(RunSettings(**{name: value for name, value in given.items() if name != "print_config"}))


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process's, with these in place of its own `SIGNS_EDGE_…`."""
    from signs_edge.cli.options.config_file import PREFIX

    saved = dict(os.environ)
    try:
        for name in [name for name in saved if name.startswith(f"{PREFIX}_")]:
            del os.environ[name]
        os.environ.update(variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
