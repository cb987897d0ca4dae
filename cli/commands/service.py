"""`signs-edge service`: `signs-edge run` as a systemd user service."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Keep `signs-edge run` going as a systemd user service.")


@app.command(short_help="Write the unit and start it, now and at each login.")
def install(
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="-- RUN OPTIONS", help="Of `signs-edge run`; relative paths start here.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the unit, and change nothing.")] = False,
) -> None:
    """Write the unit, start it now and at each login; again, to change its options.

    Variables, such as SIGNS_EDGE_SOURCE with a password in it, go into ~/.config/signs-edge/env (chmod 600).
    """
    from signs_edge.cli.commands.service_check import check_options
    from signs_edge.edge.errors import UsageError
    from signs_edge.edge.service import systemd as service
    from signs_edge.edge.service import unit as service_unit

    environment = service.environment_file()
    unit = service_unit.ServiceUnit(
        service.program(), service_unit.checked_options(options or []), Path.cwd(), environment,
        service_unit.may_have_namespaces(),
    )  # fmt: skip
    # Now, for a service that refuses them would be started again for ever.
    check_options(["--headless", *unit.options], service_unit.read_environment(environment))
    if "SIGNS_EDGE_SOURCE" in os.environ and not environment.exists():
        print(f"notice: the service does not see $SIGNS_EDGE_SOURCE of this shell: write it into {environment}",
              file=sys.stderr)  # fmt: skip
    if dry_run:
        print(unit, end="")
        return
    if service_unit.shared_with_others(environment):
        raise UsageError(f"{environment} can be read by others, and passwords belong there: chmod 600 {environment}")
    service.install(unit)
    print(f"{service.unit_file()} is installed and started; what it says: journalctl --user -u signs-edge")
    if service.stops_at_logout():
        print("it ends when you log out; to keep it, and start it at boot: sudo loginctl enable-linger $USER")


@app.command(short_help="Say whether it runs, and its last lines.")
def status() -> None:
    """Whether it runs, and its last lines; exit code 3 where it does not."""
    from signs_edge.edge.service import systemd as service

    code, said = service.status()
    print(said, end="")
    raise typer.Exit(code)


@app.command()
def remove(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and change nothing.")] = False,
) -> None:
    """Stop it and remove its unit."""
    from signs_edge.edge.service import systemd as service

    if dry_run:
        there = "would be stopped and removed" if service.unit_file().is_file() else "is not there: nothing to remove"
        print(f"{service.unit_file()} {there}")
        return
    service.remove()
    print(f"{service.unit_file()} is stopped and removed")
