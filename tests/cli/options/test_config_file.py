"""Where the options of `signs-edge run` come from: command line, environment, file, default."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
import typer

from signs_edge.cli.main import app, main
from signs_edge.cli.options import config_file as room
from signs_edge.edge.errors import UsageError

HOUSE = Path(__file__).parents[3]
TYPES = {"source": str, "model": Path, "threads": int, "smooth": float, "headless": bool, "min_confidence": float}
RUN = next(command for name, command in typer.main.get_command(app).commands.items() if name == "run")  # type: ignore[attr-defined]
APART = {"config", "print_config", "help"}
SECRET = "web_token"  # not shown, so what is shown does not tell it
KEYS = [parameter.name for parameter in RUN.params if parameter.name not in APART]
# Other values than the defaults: by option where not every value will do, else by type.
OTHER: dict[type, Any] = {bool: True, int: 7, float: 0.25, str: 'a "b" #\\ü', Path: "some/où.tflite"}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """A function that runs `signs-edge run` with arguments and variables: exit code, stdout, stderr."""
    for name in [name for name in os.environ if name.startswith("SIGNS_EDGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path, **variables: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["signs-edge", "run", *map(str, arguments)])
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as caught:
                main()
        return (int(caught.value.code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def shown(call) -> Callable[..., dict[str, Any]]:
    """A function that gives the effective configuration as `--print-config` prints it, read back."""

    def shown(*arguments: str | Path, **variables: str) -> dict[str, Any]:
        code, out, err = call("--print-config", *arguments, **variables)
        assert (code, err) == (0, "")
        return tomllib.loads(out)

    return shown


def types() -> dict[str, type]:
    return room.option_types(typer.Context(RUN))


def test_every_option_is_a_key_and_a_variable() -> None:
    assert list(types()) == KEYS
    assert {"source", "min_confidence", "headless", "give_up"} <= set(KEYS)
    assert set(types().values()) <= set(OTHER)
    assert not {"SIGNS_EDGE_DATA", "SIGNS_EDGE_RUNS", "SIGNS_EDGE_CACHE"} & set(map(room.variable, [*KEYS, *APART]))


def test_every_option_that_can_be_turned_on_can_be_turned_off_again() -> None:
    """Else the command line would not come before the file."""
    kinds = types()
    flags = [parameter for parameter in RUN.params if kinds.get(str(parameter.name)) is bool]

    assert len(flags) > 2
    assert all(parameter.secondary_opts for parameter in flags)


def test_every_option_is_documented_with_its_variable() -> None:
    page = (HOUSE / "docs/guide/configuration.md").read_text(encoding="utf-8")

    documented = re.findall(r"^\| `(\w+)` \| .* \| `(\w+)` \|$", page, re.MULTILINE)
    assert documented == [(key, room.variable(key)) for key in KEYS]
    example = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0]
    assert set(tomllib.loads(example)) <= set(KEYS)


@pytest.mark.parametrize("key", [key for key in KEYS if key != SECRET])
def test_command_line_before_environment_before_file_before_default(shown, key: str, tmp_path: Path) -> None:
    kind, file = types()[key], tmp_path / "f.toml"
    default = shown().get(key)
    by_file = OTHER[kind]
    by_variable, by_option = {bool: (False, True), int: (8, 9), float: (0.5, 0.75)}.get(kind, ("env", "line"))
    if default is True:
        by_file, by_variable, by_option = False, True, False
    file.write_text(f"{key} = {json.dumps(by_file, ensure_ascii=False)}\n", encoding="utf-8")
    name = key.replace("_", "-")
    options = [f"--{name}" if by_option else f"--no-{name}"] if kind is bool else [f"--{name}", str(by_option)]
    variable = {room.variable(key): str(by_variable).lower()}

    assert default != by_file
    assert shown("--config", file)[key] == by_file
    assert shown("--config", file, **variable)[key] == by_variable
    assert shown("--config", file, *options, **variable)[key] == by_option
    assert shown(*options, "--config", file)[key] == by_option
    assert shown("--config", file, **{room.variable(key): ""})[key] == by_file  # empty is not set


def test_an_option_turned_on_by_the_file_is_turned_off_by_the_command_line(shown, tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text("headless = true\n")

    assert shown("--no-headless", SIGNS_EDGE_CONFIG="f.toml")["headless"] is False
    assert shown(SIGNS_EDGE_CONFIG="f.toml", SIGNS_EDGE_HEADLESS="0")["headless"] is False


def test_what_is_printed_reads_back_as_the_same(shown, call, tmp_path: Path) -> None:
    values = {key: OTHER[kind] for key, kind in types().items() if key != SECRET} | {"source": "clips/[a]?@1\t\x7f.mp4"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    (tmp_path / "first.toml").write_text("\n".join(lines), encoding="utf-8")

    _, out, _ = call("--print-config", "--config", "first.toml")
    (tmp_path / "second.toml").write_text(out, encoding="utf-8")

    assert tomllib.loads(out) == values
    assert shown("--config", "second.toml") == values


def test_a_comment_says_where_each_value_came_from(call, tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text("smooth = 4\n")

    _, out, _ = call("--print-config", "--config", "f.toml", "--headless", SIGNS_EDGE_THREADS="3")

    lines = out.splitlines()
    assert "smooth = 4.0  # from f.toml" in lines
    assert "headless = true  # from the command line" in lines
    assert "threads = 3  # from SIGNS_EDGE_THREADS" in lines
    assert "frozen_after = 5.0  # default" in lines
    assert "# give_up is not set" in lines
    assert "password" not in out


@pytest.mark.parametrize("given", ["line", "variable", "file"])
def test_a_token_is_not_shown_and_a_comment_says_so(call, tmp_path: Path, given: str) -> None:
    (tmp_path / "f.toml").write_text('web_token = "geheim-geheim-geheim"\n')
    arguments = {"line": ["--web-token", "geheim-geheim-geheim"], "file": ["--config", "f.toml"]}.get(given, [])
    variables = {"SIGNS_EDGE_WEB_TOKEN": "geheim-geheim-geheim"} if given == "variable" else {}

    code, out, err = call("--print-config", *arguments, **variables)

    assert (code, err) == (0, "")
    assert "geheim" not in out
    assert "# web_token is set and not shown" in out
    assert "web_token" not in tomllib.loads(out)


@pytest.mark.parametrize("given", ["line", "variable", "file"])
def test_a_password_is_masked_and_a_comment_says_so(call, tmp_path: Path, given: str) -> None:
    address = "rtsp://anna:geheim@camera.local:554/live?token=sesam"
    (tmp_path / "f.toml").write_text(f'source = "{address}"\n')
    arguments = {"line": ["--source", address], "file": ["--config", "f.toml"]}.get(given, [])

    code, out, err = call(
        "--print-config", *arguments, **({"SIGNS_EDGE_SOURCE": address} if given == "variable" else {})
    )

    assert (code, err) == (0, "")
    assert not re.search("geheim|anna|sesam", out)
    assert tomllib.loads(out)["source"] == "rtsp://***@camera.local:554/live?***"
    assert "# source is shown without its password" in out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("min-confidence = 0.5", "unknown key min-confidence: did you mean min_confidence?"),
        ("minconfidense = 0.5", "unknown key minconfidense: did you mean min_confidence?"),
        ("Threads = 2", "unknown key Threads: did you mean threads?"),
        ("zzz = 2", "unknown key zzz: known are source, model"),
        ("print_config = true", "unknown key print_config"),
        ("config = 'x'", "unknown key config"),
        ("[run]\nthreads = 2", "unknown key run"),
        ('"a\\nb" = 2', "unknown key a\\nb: "),
        ('threads = "2"', "threads is a string: give a whole number"),
        ("threads = 2.0", "threads is a number with a point: give a whole number"),
        ("threads = true", "threads is a truth value: give a whole number"),
        ("threads = 9223372036854775808", "threads is beyond 64 bits: give a whole number"),
        ("smooth = " + "9" * 400, "smooth is beyond 64 bits: give a number"),
        ("threads = " + "9" * 5000, "f.toml is not TOML: "),
        ("min_confidence = true", "min_confidence is a truth value: give a number"),
        ("headless = 1", "headless is a whole number: give true or false"),
        ("source = 0", "source is a whole number: give a string in quotes"),
        ("source = ['rtsp://u:geheim@h']", "source is an array: give a string in quotes"),
        ("model = {}", "model is a table: give a string in quotes"),
        ("model = 2026-01-01", "model is a date or time: give a string in quotes"),
        ('model = "a\\u0000b"', "model is a string with a NUL in it"),
        ("threads = ", "f.toml is not TOML: Invalid value"),
        ("threads = 1\nthreads = 2", "f.toml is not TOML: Cannot overwrite a value"),
        ("threads = " + "[" * 90_000, "f.toml is not TOML: "),
        (b"source = '\xff'", "f.toml is not UTF-8"),
        (b"#" * 1_000_001, "f.toml is over 1000000 bytes"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_one_line(call, tmp_path: Path, content: str | bytes, message: str) -> None:
    (tmp_path / "f.toml").write_bytes(content.encode() if isinstance(content, str) else content)

    code, out, err = call("--config", "f.toml")

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("signs-edge: --config f.toml")
    assert message in err
    assert "geheim" not in err


@pytest.mark.parametrize(
    ("file", "reason"), [("absent.toml", "No such file"), (".", "Is a directory"), ("/dev/zero", "over 1000000 bytes")]
)
def test_a_file_that_is_none_is_refused(call, file: str, reason: str) -> None:
    code, _, err = call("--print-config", "--config", file)

    assert (code, err.count("\n")) == (1, 1)
    assert f"--config {file}" in err
    assert reason in err


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text("threads = 2\n", encoding="utf-8-sig")

    assert room.read_config(tmp_path / "f.toml", TYPES) == {"threads": 2}


def test_a_wrong_variable_is_named(call) -> None:
    code, out, err = call("--print-config", SIGNS_EDGE_THREADS="many")

    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert err.startswith("signs-edge: SIGNS_EDGE_THREADS: ")
    assert "valid integer" in err


@pytest.mark.parametrize(
    ("text", "value"),
    [(text, True) for text in ("1", "true", "yes", "on")] + [(text, False) for text in ("0", "false", "no", "off")],
)
def test_what_a_variable_for_true_and_false_may_say(shown, text: str, value: bool) -> None:
    assert shown(SIGNS_EDGE_REALTIME=text)["realtime"] is value


def test_a_wrong_option_is_not_blamed_on_a_variable(call) -> None:
    _, _, err = call("--threads", "many", SIGNS_EDGE_THREADS="2")

    assert "Invalid value for '--threads'" in err
    assert "SIGNS_EDGE_THREADS" not in err


def test_a_name_that_is_not_unicode_is_refused_in_one_line(call) -> None:
    code, _, err = call("--print-config", "--model", "\udcff.tflite")

    assert (code, err.count("\n")) == (1, 1)
    assert "model is not Unicode" in err


def test_an_unreadable_path_keeps_messages_to_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\\nb\.toml cannot be read") as caught:
        room.read_config(tmp_path / "a\nb.toml", TYPES)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", ["line", "variable", "file"])
@pytest.mark.parametrize(
    ("key", "value"), [("shadow", "10%"), ("float_every", 3), ("drift_floor", 0.99), ("drift_ok_floor", 0.9)]
)
def test_what_is_about_the_float_twin_is_refused_without_one(
    call, tmp_path: Path, given: str, key: str, value: str | float
) -> None:
    option = f"--{key.replace('_', '-')}"
    (tmp_path / "f.toml").write_text(f"{key} = {json.dumps(value)}\n")
    arguments = {"line": [option, str(value)], "file": ["--config", "f.toml"]}.get(given, [])
    variables = {room.variable(key): str(value)} if given == "variable" else {}

    code, out, err = call("--source", "synthetic", "--headless", "--max-frames", "1", *arguments, **variables)

    assert (code, out) == (1, "")
    assert err == (
        f"signs-edge: {option} is about the float twin, and none is given: give --float-model too, such as --float-model "
        f"packaged, or leave out {option}\n"
    )


def test_the_defaults_printed_and_read_back_run_without_a_twin(call, tmp_path: Path) -> None:
    _, out, _ = call("--print-config", "--source", "synthetic", "--headless", "--max-frames", "1")
    (tmp_path / "f.toml").write_text(out)

    code, _, err = call("--config", "f.toml")

    assert code == 0, err


def test_a_run_does_as_its_file_says(tiny_models, blotches, tmp_path: Path) -> None:
    for index, picture in enumerate(blotches(5, 5)):
        assert cv2.imwrite(str(tmp_path / f"{index}_a.png"), picture)
    (tmp_path / "f.toml").write_text(
        f'source = "{tmp_path}"\nmodel = "{tiny_models.int8}"\nheadless = true\njsonl = "-"\nmax_frames = 4\nkeep_frames = "kept"\n'
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SIGNS_EDGE"))}

    done = subprocess.run(
        [Path(sys.executable).parent / "signs-edge", "run", "--config", "f.toml"],
        env={**environment, "SIGNS_EDGE_MAX_FRAMES": "3"}, cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert sorted(path.parent.name for path in (tmp_path / "kept").rglob("*.png")) == ["0", "1", "2"]
