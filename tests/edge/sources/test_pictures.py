"""Picture files, their order and their labels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.sources.pictures import is_picture, list_pictures, part_folder, read_picture


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def listed(folder: Path) -> list[tuple[str, str | None]]:
    return [(file.path.relative_to(folder).as_posix(), file.label) for file in list_pictures(folder)]


def test_its_own_pictures_by_name_then_each_subfolders(tmp_path: Path) -> None:
    touch(tmp_path, "b.png", "5/x.jpg", "3_a.JPG", "0/z.jpg", "0/a/y.bmp", "12_img.jpeg", "none/q.webp")

    assert listed(tmp_path) == [
        ("12_img.jpeg", "12"),
        ("3_a.JPG", "3"),
        ("b.png", None),
        ("0/a/y.bmp", "0"),
        ("0/z.jpg", "0"),
        ("5/x.jpg", "5"),
        ("none/q.webp", "none"),
    ]


def test_nothing_but_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", ".3_hidden.jpg", ".cache/3_a.jpg", "3/.b.png", "3/notes.md", "3_a.jpg.part", "clip.mp4")
    (tmp_path / "folder.jpg").mkdir()

    assert listed(tmp_path) == []


def test_the_parts_of_a_split_data_set(tmp_path: Path) -> None:
    touch(tmp_path, "train_signs/0/a.png", "test/0/a.png", "test_signs/0/a.png")

    assert part_folder(tmp_path, "train") == tmp_path / "train_signs"
    assert part_folder(tmp_path, "test") == tmp_path / "test"
    assert part_folder(tmp_path / "test", "test") is None


@pytest.mark.parametrize("name", ["a.jpg", "A.JPEG", "a.b.Png", "a.tiff"])
def test_known_by_the_ending(name: str) -> None:
    assert is_picture(Path(name))


@pytest.mark.parametrize("name", ["a.mp4", "jpg", ".jpg", "a.jpg.txt", "a"])
def test_not_pictures(name: str) -> None:
    assert not is_picture(Path(name))


def test_reads_bgr(tmp_path: Path) -> None:
    picture = np.zeros((5, 7, 3), np.uint8)
    picture[:] = (1, 2, 3)
    cv2.imwrite(str(tmp_path / "a.png"), picture)

    assert (read_picture(tmp_path / "a.png") == picture).all()


@pytest.mark.parametrize(("saved", "expected"), [("grey", 3), ("with alpha", 3), ("16 bit", 3)])
def test_whatever_was_saved_comes_as_three_bytes_a_pixel(tmp_path: Path, saved: str, expected: int) -> None:
    form = {"grey": ((4, 4), np.uint8), "with alpha": ((4, 4, 4), np.uint8), "16 bit": ((4, 4, 3), np.uint16)}
    cv2.imwrite(str(tmp_path / "a.png"), np.full(*form[saved][:1], 200, form[saved][1]))

    picture = read_picture(tmp_path / "a.png")

    assert picture is not None
    assert (picture.shape, picture.dtype) == ((4, 4, expected), np.uint8)


def test_turned_upright_as_its_exif_says(tmp_path: Path) -> None:
    """A phone held upright writes its sensor's wide picture and a note to turn it by a quarter."""
    wide = np.zeros((16, 32, 3), np.uint8)
    wide[:, :16] = 255  # the left half is white: turned to the right, the upper one is
    _, jpeg = cv2.imencode(".jpg", wide)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg.tobytes()[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg.tobytes()[2:])

    upright = read_picture(path)

    assert upright is not None
    assert upright.shape == (32, 16, 3)
    assert upright[:12].min() > 200
    assert upright[20:].max() < 50


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_cannot_be_decoded_is_none_without_a_word(tmp_path: Path, content: bytes, capfd) -> None:
    (tmp_path / "a.jpg").write_bytes(content)

    assert read_picture(tmp_path / "a.jpg") is None
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    assert read_picture(tmp_path / "absent.jpg") is None
    assert read_picture(tmp_path) is None


def test_a_picture_too_large_to_decode_is_none(tmp_path: Path) -> None:
    """A PNG header that claims 2³⁰ pixels and more: OpenCV raises rather than say no."""
    import struct
    import zlib

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + b"\0" * 64
    )

    assert read_picture(path) is None
