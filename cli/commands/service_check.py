"""What `signs-edge run` would refuse at its start, found out without a start: for a service, which would start for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from signs_edge.edge.errors import UsageError


def rehearse(options: Sequence[str], variables: Mapping[str, str]) -> None:
    """Let `run` read its options, and all that it makes of them be made; no camera, port or output is opened.

    Args:
        options: of its command line.
        variables: `SIGNS_EDGE_…` that it would find, in place of those of this process.

    Raises:
        SignsEdgeError, TyperException: what `run` would end with at once.
    """
    from signs_edge.cli.commands.run import run
    from signs_edge.cli.options.config_file import SETTINGS, ConfiguredCommand

    alone = typer.Typer(rich_markup_mode=None, add_completion=False)
    alone.command(name="run", cls=ConfiguredCommand, context_settings=SETTINGS)(run)
    with _environment(variables):
        given = typer.main.get_command(alone).make_context("signs-edge run", list(options)).params
        if given["print_config"]:
            raise UsageError("--print-config shows options and runs nothing: leave it out")
        _try(given)


def _try(given: Mapping[str, Any]) -> None:
    """In the order in which `run` does it."""
    from signs_edge.edge.cameras.config import LiveConfig
    from signs_edge.edge.cameras.watchdog import WatchConfig
    from signs_edge.edge.session.models import open_models
    from signs_edge.edge.session.monitoring import check_journal
    from signs_edge.edge.session.outputs import check_outputs
    from signs_edge.edge.session.region import open_region
    from signs_edge.edge.session.settings import run_config, watch_options
    from signs_edge.edge.session.views import asked_page
    from signs_edge.edge.sinks.command import checked_command
    from signs_edge.edge.sinks.kept_frames import check_folder
    from signs_edge.edge.sources.open import open_source

    def some(*names: str) -> dict[str, Any]:
        return {name: given[name] for name in names}

    read = {
        f"--{name.replace('_', '-')}": given[name] for name in ("source", "config", "model", "float_model", "finder")
    }
    check_outputs(**some("journal", "jsonl", "summary"), inputs=read)
    watching = watch_options(
        **some("float_model", "shadow", "float_every", "journal", "journal_days", "journal_mb"),
        **some("drift_floor", "drift_ok_floor"),
    )
    asked_page(given["web"], given["web_token"])
    live = LiveConfig(WatchConfig(frozen_after=given["frozen_after"]), given["give_up"])
    if given["source"] != "auto":  # as of any camera, it need not be there yet
        open_source(given["source"], realtime=given["realtime"], live=live)  # opened on entering it, so not here
    models = open_models(**some("model", "float_model", "threads", "runtime", "trust"))
    check_journal(watching)
    open_region(**some("roi", "finder", "threads", "runtime"))
    run_config(models.classifier, **some("min_confidence", "float_every", "max_frames", "smooth"))
    if given["keep_frames"] is not None:
        check_folder(given["keep_frames"])
    if given["on_count"] is not None:
        checked_command(given["on_count"])


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
