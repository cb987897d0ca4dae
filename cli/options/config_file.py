"""`--config`, `SIGNS_EDGE_…` and `--print-config`: where the options of `signs-edge run` come from.

What can be set, and of which type, is read off the command's own parameters: a new option is covered by itself.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer
from typer.core import TyperCommand

from signs_edge.edge.errors import UsageError
from signs_edge.edge.util.address import is_url, without_password

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "SIGNS_EDGE"  # of the variables: SIGNS_EDGE_MIN_CONFIDENCE is --min-confidence
SETTINGS = {"auto_envvar_prefix": PREFIX}

_ABOUT_THE_FILE = ("config", "print_config")  # options that a file cannot set
_SECRET = ("web_token",)  # options whose value is never shown
_MOST_BYTES = 1_000_000  # more is no configuration, but a file or device named by mistake
_TYPES = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string in quotes",
    Path: "a string in quotes",
}
_NAMES = {
    bool: "a truth value",
    int: "a whole number",
    float: "a number with a point",
    str: "a string",
    list: "an array",
    dict: "a table",
}


class ConfiguredCommand(TyperCommand):
    """A command with `--config` and `--print-config`, whose mistakes name the variable that they came from."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As the base; a value that cannot be converted is blamed on the environment where it was set there.

        Raises:
            UsageError: the value of a variable is not of the option's type.
        """
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            name = getattr(error.param, "name", None)
            if name is None or _origin(ctx, name) != "ENVIRONMENT":
                raise
            raise UsageError(f"{variable(name)}: {error.message}") from None

    def invoke(self, ctx: Any) -> Any:
        """As the base; with `--print-config` nothing is run, for only now are all options known."""
        if not ctx.params.get("print_config"):
            return super().invoke(ctx)
        print(effective_config(ctx), end="")
        return None


def variable(name: str) -> str:
    """The environment variable of an option."""
    return f"{PREFIX}_{name.upper()}"


def option_types(ctx: typer.Context) -> dict[str, type]:
    """The keys that a file may have, in the command's order, each with bool, int, float, str or Path."""
    hints = get_type_hints(inspect.unwrap(ctx.command.callback)) if ctx.command.callback else {}
    types = {}
    for parameter in ctx.command.params:
        if parameter.name in hints and parameter.name not in _ABOUT_THE_FILE:
            hint = hints[parameter.name]
            types[parameter.name] = next((each for each in get_args(hint) if each is not type(None)), hint)
    return types


def read_config(path: Path, types: Mapping[str, type]) -> dict[str, Any]:
    """Read a TOML file of options.

    Args:
        path: the file, or a pipe.
        types: what is allowed: the keys, each with its type.

    Returns:
        The keys that it sets, with their values.

    Raises:
        UsageError: the file cannot be read, is not TOML, has an unknown key, or a value of a wrong type.
    """
    import tomllib

    shown = _one_line(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"--config {shown} cannot be read ({reason}): give a TOML file") from None
    if len(content) > _MOST_BYTES:
        raise UsageError(f"--config {shown} is over {_MOST_BYTES} bytes: give a TOML file of options")
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"--config {shown} is not UTF-8: save it as UTF-8 text") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--config {shown} is not TOML: {_one_line(str(error))}") from None
    for key, value in values.items():
        if key not in types:
            raise UsageError(f"--config {shown}: unknown key {_one_line(key)}: {_suggestion(key, list(types))}")
        fault = _fault(value, types[key])
        if fault:
            raise UsageError(f"--config {shown}: {key} is {fault}: give {_TYPES[types[key]]}")
    return values


def effective_config(ctx: typer.Context) -> str:
    """The options in force as TOML that `--config` reads back; comments say where each value came from.

    What is not set is a comment alone, for TOML has no null. Passwords in addresses are masked, and a comment says so.

    Raises:
        UsageError: a file name is not Unicode, and so cannot be written in TOML.
    """
    return (
        "\n".join(["# The options of `signs-edge run` in force; `--config FILE` reads them back.", *_lines(ctx)]) + "\n"
    )


def _lines(ctx: typer.Context) -> Iterator[str]:
    for name in option_types(ctx):
        value = ctx.params[name]
        if value is None:
            yield f"# {name} is not set"
            continue
        if name in _SECRET:
            yield f"# {name} is set and not shown: put it back before you use this as a file."
            continue
        if isinstance(value, str | Path):
            text, value = str(value), _masked(str(value))
            if text != value:
                yield f"# {name} is shown without its password: put it back before you use this as a file."
        yield f"{name} = {_toml(name, value)}  # {_origin_in_words(ctx, name)}"


def _origin(ctx: Any, name: str) -> str:
    """COMMANDLINE, ENVIRONMENT, DEFAULT_MAP (the file) or DEFAULT."""
    source = ctx.get_parameter_source(name)
    return source.name if source is not None else "DEFAULT"


def _origin_in_words(ctx: typer.Context, name: str) -> str:
    return {
        "COMMANDLINE": "from the command line",
        "ENVIRONMENT": f"from {variable(name)}",
        "DEFAULT_MAP": f"from {_one_line(str(ctx.params.get('config')))}",
    }.get(_origin(ctx, name), "default")


def _masked(text: str) -> str:
    """Without what may be secret; a file name or a pattern, with `?` or `@` in it, stays as it is."""
    return without_password(text) if is_url(text) or re.search(r":.*@", text, re.DOTALL) else text


def _toml(name: str, value: Any) -> str:
    """A value as TOML; JSON's strings are TOML's, but for DEL, and what is not Unicode neither can write."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name} is not Unicode: a TOML file cannot hold it, rename the file") from None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _fault(value: Any, wanted: type) -> str | None:
    """What is wrong with a value of a file; None where nothing is. It is not quoted: it may hold a password."""
    allowed = {float: (int, float), Path: (str,)}.get(wanted, (wanted,))
    if type(value) not in allowed:  # not isinstance: a bool is an int to Python
        return _NAMES.get(type(value), "a date or time")
    if type(value) is int and not -(2**63) <= value < 2**63:
        return "beyond 64 bits"
    if type(value) is str and "\0" in value:
        return "a string with a NUL in it"
    return None


def _suggestion(key: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key.lower().strip("-").replace("-", "_"), known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _one_line(text: str) -> str:
    """Text as it may stand in a message or comment: control characters escaped."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def _load(ctx: typer.Context, path: Path | None) -> Path | None:
    """Eager, so before all other options: what the file says becomes their default."""
    if path is not None and not ctx.resilient_parsing:
        ctx.default_map = read_config(Path(path), option_types(ctx))
    return path


ConfigFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", is_eager=True, callback=_load,
        help="Options from a TOML file, as in docs/guide/configuration.md; variables and the command line come before it.",
    ),
]  # fmt: skip
PrintConfig = Annotated[
    bool,
    typer.Option(
        "--print-config", allow_from_autoenv=False,
        help="Print the options in force as TOML, and where each came from; run nothing.",
    ),
]  # fmt: skip
