"""`signs-edge run` and `signs-edge evaluate` as a user starts them, in processes of their own."""

from __future__ import annotations

import dataclasses
import inspect
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import startup

from signs_edge.cli.commands.run import run as run_command
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.inference.preprocess import frame_to_picture
from signs_edge.edge.region.tracked import BEHIND_FINDER
from signs_edge.edge.session.settings import RunSettings
from signs_edge.edge.sources.pictures import list_pictures, read_picture

COMMAND = str(Path(sys.executable).parent / "signs-edge")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SIGNS_EDGE"))}
ENVIRONMENT.pop("DISPLAY", None)


@pytest.fixture
def launch(tiny_models, tmp_path: Path):
    """A function that starts `signs-edge run --headless` with the tiny int8 model."""
    processes = []

    def launch(*arguments: str | Path, **options) -> subprocess.Popen[str]:
        line = [COMMAND, "run", "--headless", "--model", tiny_models.int8, *arguments]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        # Under nohup SIGHUP is ignored, and that is inherited.
        options = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL), **options}
        processes.append(subprocess.Popen(list(map(str, line)), env=ENVIRONMENT, cwd=tmp_path, text=True, **options))
        return processes[-1]

    yield launch
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def run(launch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function that runs it to its end."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        process = launch(*arguments)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


@pytest.fixture
def hands(tmp_path: Path, blotches) -> Path:
    """Twelve pictures by class, two of each, and one that cannot be decoded."""
    folder = tmp_path / "hands"
    for index, picture in enumerate(blotches(12, 5)):
        (folder / str(index % 6)).mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(folder / str(index % 6) / f"{index}.png"), picture)
    (folder / "3" / "zz.jpg").write_bytes(b"nothing")
    return folder


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_counts_a_folder_and_measures_drift(run, hands: Path, tmp_path: Path, tiny_models) -> None:
    done = run(
        "--source", hands, "--float-model", tiny_models.float32, "--float-every", "1",
        "--jsonl", tmp_path / "out.jsonl", "--summary", tmp_path / "out.json",
    )  # fmt: skip

    assert done.returncode == 0
    lines = lines_of((tmp_path / "out.jsonl").read_text())
    assert [line["frame"] for line in lines] == list(range(13))
    int8, float32 = TFLiteClassifier.open(tiny_models.int8), TFLiteClassifier.open(tiny_models.float32)
    agree = right = right_float = 0
    for line, file in zip(lines, list_pictures(hands), strict=True):
        assert (line["source"], line["label"]) == (str(file.path), file.label)
        frame = read_picture(file.path)
        if frame is None:
            assert (line["count"], line["confidence"], line["latency_ms"]) == (None, None, None)
            continue
        picture = frame_to_picture(frame, int8.contract)
        answer, other = int8.predict(picture), float32.predict(picture)
        assert (line["count"], line["confidence"]) == (answer.count, round(answer.confidence, 4))
        assert line["float"] == {"label": other.label, "confidence": pytest.approx(other.confidence, abs=1e-4)}
        agree += answer.label == other.label
        right += answer.label == file.label
        right_float += other.label == file.label
    summary = json.loads((tmp_path / "out.json").read_text())
    assert (summary["frames"], summary["undecodable"]) == (13, 1)
    assert (summary["agreement"]["n"], summary["agreement"]["same"]) == (12, agree)
    assert summary["labelled"] == {"n": 12, "correct": right, "accuracy": pytest.approx(right / 12)}
    assert summary["drift"]["n"] == 12
    assert summary["drift"]["int8_accuracy"] == pytest.approx(right / 12)
    assert summary["drift"]["float_accuracy"] == pytest.approx(right_float / 12)
    low, high = summary["drift"]["interval"]
    assert summary["drift"]["difference"] == pytest.approx((right - right_float) / 12)
    assert low < summary["drift"]["difference"] < high
    assert not (tmp_path / ".out.json.tmp").exists()

    assert re.search(r"^13 frames, [\d.]+ a second$", done.stdout, re.MULTILINE)
    assert "1 frames could not be decoded" in done.stdout
    assert re.search(r"^latency  p50 [\d.]+ ms, p99 [\d.]+ ms", done.stdout, re.MULTILINE)
    assert f"in this run int8 and float agree on {agree / 12:.2%} of 12 frames (95 % interval" in done.stdout
    assert f"accuracy {right / 12:.1%} of 12 labelled frames" in done.stdout
    assert f"drift    int8 {right / 12:.1%}, float {right_float / 12:.1%}: difference" in done.stdout
    assert done.stderr.count("\n") == 1  # which model on which runtime
    assert "(int8) on litert" in done.stderr


def test_a_command_hears_of_the_last_count_and_its_words_stay_out_of_the_json(run, hands: Path, tmp_path: Path) -> None:
    command = f'echo told; echo "$SIGNS_EDGE_COUNT" >> {tmp_path / "told"}'

    done = run("--source", hands, "--smooth", "0", "--min-confidence", "0", "--jsonl", "-", "--on-count", command)

    assert done.returncode == 0
    counts = [line["count"] for line in lines_of(done.stdout) if line["count"] is not None]
    assert (tmp_path / "told").read_text().splitlines()[-1] == str(counts[-1])
    assert "told" in done.stderr
    assert run("--source", hands, "--on-count", "").returncode == 1


def test_dash_puts_nothing_but_json_on_stdout(run, hands: Path) -> None:
    done = run("--source", hands, "--jsonl", "-")

    lines = lines_of(done.stdout)
    assert len(lines) == 13
    assert list(lines[0]) == ["frame", "source", "count", "raw_count", "confidence", "latency_ms", "label"]
    assert "13 frames, " in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_well_with_a_summary(launch, tmp_path: Path, number: signal.Signals) -> None:
    process = launch("--source", "synthetic", "--jsonl", "-", "--summary", tmp_path / "out.json")
    first = json.loads(process.stdout.readline())

    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    frames = 1 + len(lines_of(out))  # each line is whole
    assert first["frame"] == 0
    assert f"{frames} frames" in err
    assert json.loads((tmp_path / "out.json").read_text())["frames"] == frames
    assert "Traceback" not in err


def test_a_signal_while_the_stream_stalls_ends_it_at_once(launch, serve_camera, grey_frames) -> None:
    server = serve_camera(grey_frames(6), stall=True)
    process = launch("--source", f"http://{server.address}/stream", "--jsonl", "-")
    assert json.loads(process.stdout.readline())["frame"] == 0

    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "lost" not in err  # as it is once FFmpeg has waited for ten seconds
    assert " frames" in err


def test_all_frames_of_a_stream_with_its_password_kept(run, serve_camera, grey_frames, tmp_path: Path) -> None:
    server = serve_camera(grey_frames(20), login="me:secret")

    source = f"http://me:secret@{server.address}/stream?key=secret"

    done = run("--source", source, "--no-realtime", "--jsonl", tmp_path / "out.jsonl")

    written = (tmp_path / "out.jsonl").read_text()
    assert done.returncode == 0
    assert len(lines_of(written)) == 20
    assert "secret" not in written + done.stdout + done.stderr


def test_a_live_source_with_its_events_ages_and_end(run, tmp_path: Path) -> None:
    script = "chaos:ok*9,black*15,ok*9,disconnect|ok*9,disconnect|refuse"

    done = run("--source", script, "--give-up", "1", "--jsonl", "-", "--summary", tmp_path / "out.json")

    lines = lines_of(done.stdout)
    assert done.returncode == 1
    assert [line["event"] for line in lines if "event" in line] == ["black", "back", "lost", "back", "lost"]
    seen = [line for line in lines if line["latency_ms"] is not None]
    assert all(line["age_ms"] >= line["latency_ms"] and line["dropped"] >= 0 for line in seen)
    assert all(line["count"] is None for line in lines if line.get("event") in ("black", "lost"))
    summary = json.loads((tmp_path / "out.json").read_text())  # told though it was given up
    assert summary["frames"] == len(seen)
    assert summary["watch"]["events"] == {"back": 2, "black": 1, "lost": 2}
    assert 0 < summary["watch"]["age_ms"]["p50"] <= summary["watch"]["age_ms"]["p99"]
    assert "notice: chaos gives no more frames" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("signs-edge: chaos has given no picture for")
    assert "Traceback" not in done.stderr


def test_a_source_from_the_environment(tiny_models, hands: Path) -> None:
    done = subprocess.run(
        [COMMAND, "run", "--headless", "--model", str(tiny_models.int8)],
        env={**ENVIRONMENT, "SIGNS_EDGE_SOURCE": str(hands)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0
    assert "13 frames" in done.stdout


def test_a_stream_that_is_not_there_is_said_in_a_line_without_password(run, serve_camera) -> None:
    server = serve_camera([])

    done = run("--source", f"http://me:secret@{server.address}/wrong")

    assert (done.returncode, done.stdout) == (1, "")
    _model, message = done.stderr.splitlines()
    assert message.startswith(f"signs-edge: http://***@{server.address}/wrong cannot be opened")
    assert "secret" not in done.stderr


@pytest.mark.parametrize("source", ["/absent.mp4", "http://127.0.0.1:9/x", "63"])
def test_a_bad_source_leaves_the_file_of_the_last_run(run, tmp_path: Path, source: str) -> None:
    (tmp_path / "out.jsonl").write_text("of the last run\n")

    done = run("--source", source, "--jsonl", "out.jsonl")

    assert done.returncode == 1
    assert (tmp_path / "out.jsonl").read_text() == "of the last run\n"
    assert "Traceback" not in done.stderr


def test_stops_after_so_many_frames(run) -> None:
    done = run("--source", "synthetic", "--max-frames", "3", "--jsonl", "-", "--min-confidence", "1")

    lines = lines_of(done.stdout)
    assert [line["frame"] for line in lines] == [0, 1, 2]
    assert all(line["count"] is None for line in lines if line["confidence"] < 1)
    assert "3 frames, " in done.stderr


@pytest.fixture
def careful(tiny_models, tmp_path: Path, blotches) -> Path:
    """The tiny int8 model with a threshold that half of the `hands` do not reach."""
    from signs_edge.edge.bundle.model_file import ModelFile

    plain = ModelFile.read(tiny_models.int8)
    flatbuffer = plain.content[: plain.content.index(b"PK\x03\x04")]
    scores = predict_all(TFLiteClassifier.open(tiny_models.int8), blotches(12, 5)).max(axis=1)
    below = float(np.median(scores)) + 1 / 1024  # between the steps of 1/256 of an int8 answer
    path = tmp_path / "careful.tflite"
    path.write_bytes(ModelFile.pack(flatbuffer, plain.labels, plain.contract, abstain_below=below).content)
    return path


def test_the_models_threshold_is_obeyed_and_the_options_goes_before_it(run, careful: Path, hands: Path) -> None:
    (hands / "none").mkdir()
    (hands / "none" / "a.png").write_bytes((hands / "2" / "2.png").read_bytes())

    below = TFLiteClassifier.open(careful).abstain_below

    def ran(*options: str) -> tuple[list[dict], dict, str]:
        done = run("--model", careful, "--source", hands, "--jsonl", "-", "--summary", "s.json", *options)
        assert done.returncode == 0, done.stderr
        return lines_of(done.stdout), json.loads((careful.parent / "s.json").read_text()), done.stderr

    lines, summary, shown = ran()
    seen = [line for line in lines if line["confidence"] is not None]
    silent = [line for line in seen if line["confidence"] < below]
    assert 0 < len(silent) < len(seen)  # or this would show nothing
    assert all(line["count"] is None and line["withheld"] in "012345" for line in silent)
    assert all(line["count"] is not None and "withheld" not in line for line in seen if line not in silent)
    assert summary["abstention"]["min_confidence"] == below
    assert summary["abstention"]["without_count"] == len(silent)
    kept = sum(line["label"] != "none" for line in seen if line not in silent)
    assert (summary["abstention"]["hands"]["n"], summary["abstention"]["hands"]["kept"]) == (12, kept)
    assert summary["abstention"]["hand_free"]["n"] == 1
    assert (
        f"no count below a confidence of {below:.4g}, of {BEHIND_FINDER * below:.4g} where the finder saw a hand\n"
        in shown
    )
    assert f"{len(silent)} frames without a count" in shown
    assert f"hands kept: {kept / 12:.1%} of 12" in shown
    lines, summary, shown = ran("--min-confidence", "0")
    assert sum(line["count"] is None for line in lines) == 1  # the one that cannot be decoded
    assert summary["abstention"]["without_count"] == 0
    assert "no count below" not in shown
    lines, summary, _ = ran("--min-confidence", "1")
    assert summary["abstention"]["min_confidence"] == 1


def test_a_reader_that_has_seen_enough_ends_the_run_well(launch, tmp_path: Path) -> None:
    process = launch("--source", "synthetic", "--jsonl", "-", "--summary", tmp_path / "out.json")
    assert json.loads(process.stdout.readline())["frame"] == 0

    process.stdout.close()  # as `| head -1` does
    err = process.stderr.read()

    assert process.wait(timeout=20) == 0
    frames = json.loads((tmp_path / "out.json").read_text())["frames"]
    assert f"{frames} frames" in err
    assert "Traceback" not in err
    assert "Broken pipe" not in err


def test_dash_puts_the_summary_on_stdout(run, tmp_path: Path) -> None:
    done = run("--source", "synthetic", "--max-frames", "2", "--summary", "-", "--jsonl", tmp_path / "out.jsonl")

    assert done.returncode == 0
    assert json.loads(done.stdout)["frames"] == 2
    assert "2 frames, " in done.stderr
    assert not (tmp_path / "-").exists()


def test_a_split_data_set_is_counted_with_the_labels_of_its_test_part(run, hands: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for part in ("train", "test"):
        (tmp_path / "parts" / part).symlink_to(hands)

    done = run("--source", "parts", "--summary", "-")

    assert json.loads(done.stdout)["labelled"]["n"] == 12


def test_a_float_model_of_other_labels_is_refused(run, tiny_models, tmp_path: Path) -> None:
    from signs_edge.edge.bundle.model_file import ModelFile

    other = ModelFile.read(tiny_models.float32)
    flatbuffer = other.content[: other.content.index(b"PK\x03\x04")]
    (tmp_path / "f.tflite").write_bytes(ModelFile.pack(flatbuffer, tuple("abcdef"), other.contract).content)

    done = run("--source", "synthetic", "--float-model", "f.tflite")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "give the twin of the same export" in done.stderr


def test_without_a_display_it_runs_without_a_window(tiny_models, hands: Path) -> None:
    done = subprocess.run(
        [COMMAND, "run", "--model", str(tiny_models.int8), "--source", str(hands)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0
    assert "notice: no display here" in done.stderr
    assert "13 frames" in done.stdout


def test_the_newest_export_is_taken_where_none_is_named(tiny_models, hands: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine" / "export"
    folder.mkdir(parents=True)
    (folder / "int8.tflite").write_bytes(tiny_models.int8.read_bytes())

    done = subprocess.run(
        [COMMAND, "run", "--headless", "--source", str(hands)],
        env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0
    first = done.stderr.splitlines()[0]
    assert first.startswith("model: runs/mine/export/int8.tflite (int8) on ")
    assert "the newest export in runs" in first


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_in_one_line(run) -> None:
    done = run("--source", "synthetic", "--jsonl", "/dev/full")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("signs-edge: --jsonl /dev/full cannot be written (No space left")
    assert "Traceback" not in done.stderr


def test_a_summary_does_not_take_the_place_of_a_device(run, tmp_path: Path) -> None:
    (tmp_path / "device").symlink_to("/dev/null")

    done = run("--source", "synthetic", "--max-frames", "1", "--summary", "device")

    assert done.returncode == 0
    assert (tmp_path / "device").is_symlink()


def test_the_first_prediction_takes_a_second_and_a_half(hands: Path) -> None:
    """In time of the processor: what else runs on the machine does not count. The first start may find cold caches."""
    starts = [startup.start(Path(COMMAND), str(hands)) for _ in range(3)]

    assert min(each.processor for each in starts) < 1.5, starts
    assert all(each.wall > 0 for each in starts)


def test_evaluate_for_programs_and_people(tiny_models, hands: Path) -> None:
    (hands / "3" / "zz.jpg").unlink()
    files = list(list_pictures(hands))
    classifier = TFLiteClassifier.open(tiny_models.int8)
    confusion = np.zeros((6, 6), int)
    for file in files:
        answer = classifier.predict(frame_to_picture(read_picture(file.path), classifier.contract))
        confusion[int(file.label), answer.index] += 1

    def evaluate(*options: str) -> str:
        line = [COMMAND, "evaluate", str(tiny_models.int8), "--data", str(hands), *options]
        done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    written = json.loads(evaluate("--json"))
    assert (written["n"], written["confusion"]) == (12, confusion.tolist())
    assert written["accuracy"] == pytest.approx(np.trace(confusion) / 12)
    assert written["interval"][0] <= written["accuracy"] <= written["interval"][1]
    assert (written["model"], written["data"]) == (str(tiny_models.int8), str(hands))
    assert written["abstention"]["hands"]["kept"] == 12  # the tiny model has no threshold
    assert written["abstention"]["hand_free"]["n"] == 0
    shown = evaluate()
    assert "hands kept" not in shown
    assert shown.startswith(f"{np.trace(confusion) / 12:.1%} right ({np.trace(confusion)} of 12;")
    assert [row.split()[1:] for row in shown.splitlines()[-6:]] == [[str(k) for k in row] for row in confusion]


def test_evaluate_says_what_silence_costs_and_spares(careful: Path, hands: Path, tmp_path: Path, blotches) -> None:
    (hands / "3" / "zz.jpg").unlink()
    folders = {"none": hands / "none", "empty rooms": tmp_path / "rooms" / "deeper"}
    for seed, folder in enumerate(folders.values()):
        folder.mkdir(parents=True)
        for index, picture in enumerate(blotches(5, 40 + seed)):
            assert cv2.imwrite(str(folder / f"3_{index}.png"), picture)
    classifier = TFLiteClassifier.open(careful)
    below = classifier.abstain_below

    def confident(folder: Path, least: float) -> int:
        pictures = [frame_to_picture(read_picture(path), classifier.contract) for path in folder.rglob("*.png")]
        return sum(float(classifier.probabilities(picture).max()) >= least for picture in pictures)

    def evaluate(*options: str | Path) -> str:
        line = [COMMAND, "evaluate", str(careful), "--data", str(hands), *map(str, options)]
        done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    written = json.loads(evaluate("--json", "--hand-free", tmp_path / "rooms"))
    counted = sum(confident(folder, below) for folder in folders.values())
    kept = confident(hands, below) - confident(hands / "none", below)
    assert 0 < kept < 12
    assert (written["n"], written["labels"]) == (12, list("012345"))  # hands alone
    assert written["abstention"]["min_confidence"] == below
    assert (written["abstention"]["hands"]["n"], written["abstention"]["hands"]["kept"]) == (12, kept)
    assert (written["abstention"]["hand_free"]["n"], written["abstention"]["hand_free"]["counted"]) == (10, counted)
    shown = evaluate()
    assert f"hands kept: {kept / 12:.1%} of 12 (95 % interval" in shown
    assert f"hand-free pictures that got a count: {confident(hands / 'none', below) / 5:.1%} of 5" in shown
    switched_off = json.loads(evaluate("--json", "--min-confidence", "0"))["abstention"]
    assert (switched_off["hands"]["kept"], switched_off["hand_free"]["counted"]) == (12, 5)


@pytest.mark.parametrize("option", ["--jsonl", "--summary", "--journal"])
def test_what_is_read_is_never_written_over(run, hands: Path, tmp_path: Path, option: str) -> None:
    config = tmp_path / "options.toml"
    config.write_text("smooth = 1.0\n")
    link = tmp_path / "link.toml"
    link.symlink_to(config)

    done = run("--source", hands, "--config", config, option, link)

    assert done.returncode == 1
    assert f"{option} {link} is what --config names too" in done.stderr
    assert config.read_text() == "smooth = 1.0\n"


def test_two_outputs_need_two_files(run, hands: Path, tmp_path: Path) -> None:
    done = run("--source", hands, "--jsonl", tmp_path / "out", "--summary", tmp_path / "." / "out")

    assert done.returncode == 1
    assert "is what --summary names too" in done.stderr
    assert not (tmp_path / "out").exists()


def test_lines_are_added_to_those_of_before(run, hands: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("--source", hands, "--jsonl", tmp_path / "out.jsonl", "--max-frames", "2").returncode == 0

    assert [line["frame"] for line in lines_of((tmp_path / "out.jsonl").read_text())] == [0, 1, 0, 1]


def test_the_summary_has_the_verdict(run, hands: Path, tiny_models, tmp_path: Path) -> None:
    done = run("--source", hands, "--float-model", tiny_models.float32, "--summary", tmp_path / "s.json")

    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "s.json").read_text())["verdict"]["status"] == "unknown"
    assert "verdict  unknown" in done.stdout


def test_the_command_has_an_option_for_each_setting_of_a_run_with_the_same_default() -> None:
    parameters = inspect.signature(run_command).parameters
    options = {name: one.default for name, one in parameters.items() if name != "print_config"}
    settings = {field.name: field.default for field in dataclasses.fields(RunSettings)}

    assert options == settings
