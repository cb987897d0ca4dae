"""The arrows between the rooms, what the device path loads, and what is installed."""

from __future__ import annotations

import ast
import json
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
import pytest

HOUSE = Path(__file__).parent.parent
ROOMS = ("edge", "train", "export", "cli")  # each may import those before it, and itself
PAGE = ("index.html", "page.css", "page.js", "picture.js", "icon.svg")  # of a run
FLOORS = [(room, ROOMS[: number + 1]) for number, room in enumerate(ROOMS)]


def imported(source: Path) -> set[str]:
    """All modules that a file imports, inside functions too, and those named in `import_module("…")`."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and re.match(r"signs_edge\.(edge|train|export|cli)\b", str(node.value)):
            found.add(str(node.value))
    return found


@pytest.mark.parametrize(("room", "allowed"), FLOORS)
def test_imports_run_from_cli_to_export_to_train_to_edge_and_never_back(room: str, allowed: tuple[str, ...]) -> None:
    files = sorted((HOUSE / room).rglob("*.py"))
    assert len(files) > 3
    for file in files:
        rooms = {name.split(".")[1] for name in imported(file) if name.startswith("signs_edge.")}
        assert rooms <= set(allowed), f"{file} imports {sorted(rooms - set(allowed))}"


def test_the_device_and_its_commands_import_no_training_library() -> None:
    commands = [
        HOUSE / f"cli/{name}.py"
        for name in ("main", *(f"commands/{name}" for name in ("run", "evaluate", "doctor", "service")))
    ]
    files = [*(HOUSE / "edge").rglob("*.py"), *commands]
    for file in files:
        libraries = {name.split(".")[0] for name in imported(file)}
        assert not libraries & {"tensorflow", "keras", "h5py", "matplotlib", "rich", "platformdirs"}, file


def in_a_child(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, as one that a user would start."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "-c", code], env={**environment, **variables}, capture_output=True, text=True, timeout=60
    )


HEAVY = {"tensorflow", "keras", "h5py", "matplotlib", "rich", "platformdirs"}
REPORT = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"


def loaded(code: str) -> set[str]:
    """The packages that are loaded after some code."""
    child = in_a_child(f"{code}\n{REPORT}")
    assert child.returncode == 0, child.stderr
    return set(json.loads(child.stdout.splitlines()[-1]))


def run_command(*arguments: str | Path) -> str:
    """Code that runs `signs-edge` in its process and comes back when it ends well."""
    argv = ["signs-edge", *map(str, arguments)]
    return (
        f"import sys; sys.argv = {argv!r}\n"
        "from signs_edge.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code"
    )


def test_no_module_of_the_device_loads_tensorflow() -> None:
    import signs_edge.edge

    modules = [module.name for module in pkgutil.walk_packages(signs_edge.edge.__path__, "signs_edge.edge.")]
    assert "signs_edge.edge.run.loop" in modules
    code = "\n".join(f"import {name}" for name in modules)

    packages = loaded(code)

    assert "cv2" in packages
    assert not packages & HEAVY


@pytest.fixture
def hands(tmp_path: Path) -> Path:
    """A folder of pictures by class."""
    for label in range(6):
        picture = np.random.default_rng(label).integers(0, 256, (80, 64, 3), dtype=np.uint8)
        assert cv2.imwrite(str(tmp_path / f"{label}_a.png"), picture)
    return tmp_path


def test_a_whole_run_loads_no_tensorflow(tiny_models, hands: Path) -> None:
    code = run_command(
        "run", "--headless", "--source", hands, "--model", tiny_models.int8, "--float-model", tiny_models.float32,
        "--jsonl", hands / "out.jsonl", "--summary", hands / "out.json",
    )  # fmt: skip

    packages = loaded(code)

    assert (hands / "out.jsonl").read_text().count("\n") == 6
    assert "ai_edge_litert" in packages
    assert not packages & HEAVY


def test_a_run_without_a_page_loads_no_web_framework(tiny_models, hands: Path) -> None:
    packages = loaded(run_command("run", "--headless", "--source", hands, "--model", tiny_models.int8))

    assert not packages & {"starlette", "uvicorn", "h11", "anyio"}


def test_the_process_of_the_page_loads_no_image_library_and_no_model() -> None:
    modules = ("server.process", "server.app", "access", "server.feed", "server.limits", "protocol")
    packages = loaded("\n".join(f"import signs_edge.edge.web.{name}" for name in modules))

    assert {"starlette", "uvicorn"} <= packages
    assert not packages & (HEAVY | {"numpy", "cv2", "ai_edge_litert", "typer"})


def test_evaluating_a_tflite_file_on_a_folder_loads_no_tensorflow(tiny_models, hands: Path) -> None:
    packages = loaded(run_command("evaluate", tiny_models.int8, "--data", hands))

    assert "ai_edge_litert" in packages
    assert not packages & HEAVY


def test_inspecting_and_timing_a_file_loads_no_tensorflow(tiny_models) -> None:
    timing = ("bench", tiny_models.int8, "--runtime", "litert", "--threads", "1", "--seconds", "0.1", "--rounds", "1")
    for command in (("inspect", tiny_models.int8), timing):
        assert not loaded(run_command(*command)) & HEAVY, command[0]


def test_help_loads_no_numpy() -> None:
    packages = loaded(run_command("--help"))

    assert "typer" in packages
    assert not packages & (HEAVY | {"numpy", "cv2", "ai_edge_litert"})


def test_every_folder_is_mapped_into_the_package() -> None:
    setup = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["setuptools"]

    folders = {f"signs_edge.{file.parent.relative_to(HOUSE).as_posix().replace('/', '.')}" for room in ROOMS
               for file in (HOUSE / room).rglob("*.py")}  # fmt: skip
    assert set(setup["packages"]) == folders | {"signs_edge"}
    assert setup["package-dir"] == {"signs_edge": "api", **{f"signs_edge.{room}": room for room in ROOMS}}
    for package in ("signs_edge", *(f"signs_edge.{room}" for room in ROOMS)):
        assert resources.files(package).joinpath("py.typed").is_file()


def test_the_wheel_holds_nothing_but_our_package(tmp_path: Path) -> None:
    """Built by setuptools in this environment, without asking the network, from a copy without build folders."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools is not installed")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("api", *ROOMS, "pyproject.toml", "README.md", "LICENSE", "tests"):
        (copy / name).symlink_to(HOUSE / name)
    child = subprocess.run(
        [sys.executable, "-c", f"from setuptools import build_meta; print(build_meta.build_wheel({str(tmp_path)!r}))"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert child.returncode == 0, child.stderr

    with zipfile.ZipFile(tmp_path / child.stdout.splitlines()[-1]) as wheel:
        names = wheel.namelist()
        sizes = {item.filename: item.file_size for item in wheel.infolist()}

    ours = {name for name in names if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in ours} == {"signs_edge"}
    expected = {
        f"signs_edge/{file.relative_to(HOUSE).as_posix()}"
        for room in ROOMS
        for pattern in ("*.py", "*.jinja", "py.typed")
        for file in (HOUSE / room).rglob(pattern)
    }
    assert ours >= expected
    assert not any(
        part == "tests" or part.startswith(("test_", "conftest")) for name in ours for part in name.split("/")
    )
    # Data of no kind but these: the model that counts right after installation, its twin, what finds the hand, and the page.
    released = {f"signs_edge/edge/models/{name}.tflite" for name in ("int8", "float32", "finder")}
    page = {f"signs_edge/edge/web/server/static/{name}" for name in PAGE}
    others = {name for name in ours if not name.endswith((".py", ".jinja", "py.typed"))}
    hashes = {"signs_edge/train/draw/people.sha256"}  # of the files that `data draw` fetches
    assert others == page | hashes | (released if (HOUSE / "edge/models/int8.tflite").exists() else set())
    assert sum(sizes[name] for name in others) <= 5_000_000
    assert sum(sizes[name] for name in page) <= 50_000


def test_no_other_model_is_in_the_checkout() -> None:
    kept = subprocess.run(["git", "ls-files", "*.tflite", "*.keras"], cwd=HOUSE, capture_output=True, text=True)
    if kept.returncode:  # an archive without its history
        return
    assert set(kept.stdout.split()) <= {f"edge/models/{name}.tflite" for name in ("int8", "float32", "finder")}


SIZED = ("edge", "train", "export", "cli")
MOST_LINES, MOST_PARAMETERS, MOST_MODULE_LINES, MOST_MODULES = 60, 8, 300, 20


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many parameters a function takes, without self and cls."""
    given = function.args
    names = [
        each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if each
    ]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def too_large(source: str) -> list[str]:
    """Functions of a module with too many lines, decorators aside, or too many parameters; Typer commands may be larger."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "typer.Option" not in ast.unparse(node.args):
            lines, taken = (node.end_lineno or node.lineno) - node.lineno + 1, parameters(node)
            if lines > MOST_LINES or taken > MOST_PARAMETERS:
                found.append(f"{node.name}: {lines} lines, {taken} parameters")
    return found


@pytest.mark.parametrize("room", SIZED)
def test_functions_modules_and_folders_are_small(room: str) -> None:
    files = sorted((HOUSE / room).rglob("*.py"))
    assert len(files) > 3
    sources = {file.relative_to(HOUSE).as_posix(): file.read_text(encoding="utf-8") for file in files}

    assert {name: found for name, source in sources.items() if (found := too_large(source))} == {}
    assert [name for name, source in sources.items() if source.count("\n") > MOST_MODULE_LINES] == []
    folders = [file.parent for file in files if file.name != "__init__.py"]
    assert [folder for folder in set(folders) if folders.count(folder) > MOST_MODULES] == []


def test_the_measure_of_size_finds_what_is_too_large() -> None:
    many = ", ".join(f"p{number}" for number in range(9))
    long = "def long():\n" + "    pass\n" * 60
    method = f"class One:\n    def fits(self, {many[4:]}): ...\n    def wide(self, {many}): ...\n"

    assert too_large(f"def wide({many}): ...") == ["wide: 1 lines, 9 parameters"]
    assert too_large(long) == ["long: 61 lines, 0 parameters"]
    assert too_large(method) == ["wide: 1 lines, 9 parameters"]
