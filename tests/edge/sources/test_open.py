"""Frames from every kind of source, and one clear line from those that give none."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.cameras.config import LiveConfig
from signs_edge.edge.cameras.watchdog import WatchConfig
from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.synthetic.hands import synthetic_frames
from signs_edge.edge.util.address import scrubbed, without_password

FOR_EVER = LiveConfig(
    WatchConfig(stalled_after=3600.0), open_timeout=3600.0
)  # only a stop ends it before the test fails


def frames_of(source: str | Path, realtime: bool | None = None) -> list[Frame]:
    with open_source(str(source), realtime=realtime) as frames:
        return list(frames)


def shades(frames: list[Frame]) -> list[int]:
    """Each grey frame's step of 20, as `grey_frames` makes them."""
    return [round(float(frame.image.mean()) / 20) for frame in frames]


def write(path: Path, value: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((6, 8, 3), value, np.uint8))


def refusal(source: str | Path) -> str:
    """The one line that a source without frames is answered with."""
    with pytest.raises(SourceError) as caught:
        frames_of(source)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_in_order_with_the_labels_of_names_and_subfolders(tmp_path: Path) -> None:
    for value, name in enumerate(["3_b.png", "1_a.png", "x.png", "5/a.png", "0/b.png"]):
        write(tmp_path / name, value)

    frames = frames_of(tmp_path)

    assert [(f.index, Path(f.source).name, f.label, f.image[0, 0, 0]) for f in frames] == [
        (0, "1_a.png", "1", 1),
        (1, "3_b.png", "3", 0),
        (2, "x.png", None, 2),
        (3, "b.png", "0", 4),
        (4, "a.png", "5", 3),
    ]


def test_an_undecodable_picture_is_a_frame_without_image(tmp_path: Path) -> None:
    write(tmp_path / "1_a.png")
    (tmp_path / "2_b.png").write_bytes(b"nothing")
    write(tmp_path / "3_c.png")

    assert [(f.index, f.label, f.image is None) for f in frames_of(tmp_path)] == [
        (0, "1", False),
        (1, "2", True),
        (2, "3", False),
    ]


def test_a_single_picture_is_one_frame(tmp_path: Path) -> None:
    write(tmp_path / "hand.png", 9)

    (frame,) = frames_of(tmp_path / "hand.png")

    assert (frame.index, frame.source, frame.label) == (0, str(tmp_path / "hand.png"), None)
    assert (frame.image == 9).all()


@pytest.mark.parametrize(("name", "codec"), [("clip.avi", "MJPG"), ("clip.mp4", "mp4v")])
def test_a_video_comes_whole_and_in_order_however_slow_its_reader(tmp_path, grey_frames, name, codec) -> None:
    given = grey_frames(12)
    writer = cv2.VideoWriter(str(tmp_path / name), cv2.VideoWriter.fourcc(*codec), 30, (64, 48))
    for frame in given:
        writer.write(frame)
    writer.release()

    frames = frames_of(tmp_path / name)

    assert [frame.index for frame in frames] == list(range(12))
    assert shades(frames) == shades([Frame(0, image, "") for image in given])
    assert {(frame.source, frame.label) for frame in frames} == {(str(tmp_path / name), None)}


def test_synthetic_hands_with_their_counts_as_bgr() -> None:
    with open_source("synthetic") as frames:
        seen = list(itertools.islice(frames, 3))

    for frame, (rgb, count) in zip(seen, synthetic_frames(), strict=False):
        assert (frame.source, frame.label) == ("synthetic", str(count))
        assert (frame.image[..., ::-1] == rgb).all()


def test_what_is_not_there(tmp_path: Path) -> None:
    assert "absent.mp4' cannot be read (No such file or directory): give a camera number" in refusal(
        tmp_path / "absent.mp4"
    )
    assert "(File name too long)" in refusal("a" * 5000)
    assert "no source was named" in refusal("")
    assert "(No such file or directory)" in refusal("1" * 30)  # no camera has such a number


def test_what_is_not_there_is_said_on_entering(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        open_source(str(tmp_path / "absent.mp4"))


def test_of_a_split_data_set_the_test_part_with_its_labels(tmp_path: Path) -> None:
    for name in ("train/0/a.png", "train/1/b.png", "test/0/c.png", "test/1/d.png"):
        write(tmp_path / name)

    assert [(Path(frame.source).name, frame.label) for frame in frames_of(tmp_path)] == [("c.png", "0"), ("d.png", "1")]


def test_a_folder_called_test_is_a_class_where_there_is_no_train(tmp_path: Path) -> None:
    write(tmp_path / "test" / "a.png")
    write(tmp_path / "other" / "b.png")

    assert [frame.label for frame in frames_of(tmp_path)] == ["other", "test"]


def test_folders_without_pictures(tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith("holds no pictures: allowed are .jpg, .png and the like, in it or in subfolders")
    (tmp_path / "notes.txt").write_text("nothing to see")
    (tmp_path / "0").mkdir()
    assert "holds no pictures" in refusal(tmp_path)


def test_a_folder_that_must_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)

    assert "cannot be read (Permission denied)" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no video at all\n" * 100, b"RIFF\x10\0\0\0AVI LIST"])
@pytest.mark.parametrize("name", ["clip.mp4", "notes.txt", "frame_001.dat"])
def test_a_file_that_is_no_video(tmp_path: Path, name: str, content: bytes, capfd) -> None:
    (tmp_path / name).write_bytes(content)

    message = refusal(tmp_path / name)

    assert message.startswith((f"{tmp_path / name} cannot be opened", f"{tmp_path / name} is a text, not a video"))
    assert capfd.readouterr() == ("", "")


def test_a_camera_that_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    assert refusal("63").startswith("camera 63 cannot be opened: check that it is there")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("url", ["ftp://h/x", "file:///etc/passwd", "udp://h:1", "gopher://u:secret@h"])
def test_another_scheme(url: str) -> None:
    message = refusal(url)

    assert f"has scheme '{url.split(':')[0]}': allowed is" in message
    assert "secret" not in message


def test_an_http_stream_comes_whole(serve_camera, grey_frames) -> None:
    given = grey_frames(30)
    server = serve_camera(given)

    frames = frames_of(f"http://{server.address}/stream", realtime=False)

    assert [frame.index for frame in frames] == list(range(30))
    assert shades(frames) == shades([Frame(0, image, "") for image in given])
    assert frames[0].source == f"http://{server.address}/stream"


def stop_after(polls: int) -> Callable[[], bool]:
    """Ask so often whether to stop, and the answer is yes."""
    asked = itertools.count()
    return lambda: next(asked) >= polls


def test_a_stream_that_stalls_ends_when_it_is_told_to(serve_camera, grey_frames) -> None:
    server = serve_camera(grey_frames(5), stall=True)
    stop = threading.Event()
    seen = []

    def stopped() -> bool:
        return stop.is_set() and next(asked) > 5  # the stream has stalled by then

    asked = itertools.count()
    with open_source(f"http://{server.address}/stream", stopped=stopped, realtime=False, live=FOR_EVER) as frames:
        for frame in frames:
            seen.append(frame)
            if len(seen) == 3:  # FFmpeg may keep the last ones, waiting for more
                stop.set()
    assert len(seen) >= 3


def test_a_stream_that_never_begins_ends_when_it_is_told_to(serve_camera) -> None:
    server = serve_camera([], stall=True)

    with open_source(f"http://{server.address}/stream", stopped=stop_after(10), live=FOR_EVER) as frames:
        assert list(frames) == []


def test_a_page_that_is_not_there(serve_camera, capfd: pytest.CaptureFixture[str]) -> None:
    server = serve_camera([])

    assert refusal(f"http://{server.address}/wrong").startswith(f"http://{server.address}/wrong cannot be opened")
    assert capfd.readouterr() == ("", "")


def test_a_server_that_is_not_there() -> None:
    assert "cannot be opened" in refusal("http://127.0.0.1:9/stream")


def test_a_password_is_used_and_never_shown(serve_camera, grey_frames, capfd: pytest.CaptureFixture[str]) -> None:
    server = serve_camera(grey_frames(5), login="me:secret")

    frames = frames_of(f"http://me:secret@{server.address}/stream?token=secret", realtime=False)
    message = refusal(f"http://me:secret@{server.address}/wrong")

    assert len(frames) == 5
    assert {frame.source for frame in frames} == {f"http://***@{server.address}/stream?***"}
    assert message.startswith(f"http://***@{server.address}/wrong cannot be opened")
    assert server.paths[0] == "/stream?token=secret"
    assert "secret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://cam/stream", "http://cam/stream"),
        ("rtsp://me:secret@cam:554/a/b", "rtsp://***@cam:554/a/b"),
        ("rtsp://secret@cam", "rtsp://***@cam"),
        ("http://cam/x?user=me&pass=secret", "http://cam/x?***"),
        # not encoded as they should be
        ("http://me:sec@ret@cam/x", "http://***@cam/x"),
        ("http://me:sec/ret@cam/x", "http://***@cam/x"),
        ("http://me:sec#ret@cam/x", "http://***@cam/x"),
        ("http://me:sec?ret@cam/x", "http://***"),
        ("http://cam/x?user=a@b&pass=secret", "http://***"),
        # as some cameras want it
        ("rtsp://cam/user=me&password=secret&channel=1", "rtsp://cam/user=me&password=***&channel=1"),
        ("rtsp://cam/user=me_password=secret_channel=1", "rtsp://cam/user=me_password=***"),
        # mistyped, so taken for a path
        ("http:/me:secret@cam/x", "***@cam/x"),
        ("me:secret@cam/x", "***@cam/x"),
        ("clips/hand.mp4", "clips/hand.mp4"),
    ],
)
def test_addresses_are_shown_without_their_secrets(address: str, shown: str) -> None:
    assert without_password(address) == shown


def test_a_mistyped_address_does_not_show_its_password() -> None:
    assert "secret" not in refusal("http:/me:secret@cam/x")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_or_device_cannot_keep_a_stop_waiting(tmp_path: Path) -> None:
    """As /dev/video0 may. Nobody writes into this pipe, and opening it blocks for ever."""
    os.mkfifo(tmp_path / "video")

    with open_source(str(tmp_path / "video"), stopped=stop_after(10), live=FOR_EVER) as frames:
        assert list(frames) == []


@pytest.mark.parametrize("kind", ["folder", "video", "synthetic"])
def test_a_stop_ends_any_source(tmp_path: Path, grey_frames, kind: str) -> None:
    if kind == "folder":
        for number in range(5):
            write(tmp_path / f"{number}.png")
    elif kind == "video":
        writer = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
        for frame in grey_frames(5):
            writer.write(frame)
        writer.release()
    source = {"folder": str(tmp_path), "video": str(tmp_path / "clip.avi"), "synthetic": "synthetic"}[kind]
    stop = threading.Event()

    with open_source(source, stopped=stop.is_set) as frames:
        next(frames)
        next(frames)
        stop.set()
        assert list(frames) == []


@pytest.mark.parametrize("kind", ["folder", "video"])
def test_a_stop_before_the_first_frame_is_no_error(tmp_path: Path, grey_frames, kind: str) -> None:
    write(tmp_path / "0.png")
    source = tmp_path
    if kind == "video":
        source = tmp_path / "clip.avi"
        writer = cv2.VideoWriter(str(source), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
        writer.write(grey_frames(1)[0])
        writer.release()

    with open_source(str(source), stopped=lambda: True) as frames:
        assert list(frames) == []


def test_a_pattern_of_pictures_with_the_labels_of_names_and_folders(tmp_path: Path) -> None:
    for value, name in enumerate(["a/3_x.png", "4/y.png", "none/z.png", "a/w.png", "a/notes.png.txt"]):
        write(tmp_path / name.removesuffix(".txt"), value)

    frames = frames_of(tmp_path / "*" / "*.png")

    assert [(Path(frame.source).name, frame.label) for frame in frames] == [
        ("y.png", "4"), ("3_x.png", "3"), ("notes.png", None), ("w.png", None), ("z.png", "none"),
    ]  # fmt: skip


def test_a_pattern_of_videos_gives_one_after_the_other(tmp_path: Path, grey_frames) -> None:
    for name in ("a.avi", "b.avi"):
        writer = cv2.VideoWriter(str(tmp_path / name), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
        for frame in grey_frames(3):
            writer.write(frame)
        writer.release()

    frames = frames_of(tmp_path / "*.avi")

    assert [(frame.index, Path(frame.source).name) for frame in frames] == [
        (0, "a.avi"), (1, "a.avi"), (2, "a.avi"), (3, "b.avi"), (4, "b.avi"), (5, "b.avi"),
    ]  # fmt: skip


def test_a_pattern_that_matches_nothing_or_folders_alone(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refusal(tmp_path / "*.png")
    (tmp_path / "folder").mkdir()
    assert "matches folders alone" in refusal(tmp_path / "f*")


def test_a_file_with_a_star_in_its_name_is_that_file(tmp_path: Path) -> None:
    write(tmp_path / "a*.png", 1)
    write(tmp_path / "ab.png", 2)

    (frame,) = frames_of(tmp_path / "a*.png")

    assert (frame.image == 1).all()


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("no route to rtsp://me:secret@cam/a\nnow", "rtsp://me:secret@cam/a", "no route to rtsp://***@cam/a now"),
        ("401 for me with secret", "rtsp://me:secret@cam/a", "401 for *** with ***"),
        ("bad token=secret", "http://cam/a?token=secret", "bad ***"),
        ("VIDIOC failed", "/dev/video0", "VIDIOC failed"),
    ],
)
def test_what_libraries_say_is_shown_without_secrets(text: str, address: str, shown: str) -> None:
    assert scrubbed(text, address) == shown
