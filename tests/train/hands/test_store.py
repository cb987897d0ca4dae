"""Masks kept in the cache: read again, made again where damaged, done without where they cannot be kept."""

import cv2
import numpy as np
import pytest

from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.hands import store as hand_store
from signs_edge.train.hands.hands import DRAWN, ERASED, PHOTO
from signs_edge.train.hands.store import gather_hands, load_cutouts


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SIGNS_EDGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def images(wall_photos):
    return wall_photos.images[:3]


def forbid_cutting(monkeypatch):
    monkeypatch.setattr(hand_store, "cut_all", lambda *arguments: pytest.fail("cut again"))


def same(first, second):
    return all(
        np.array_equal(a.image, b.image) and np.array_equal(a.mask, b.mask) and a.quality == b.quality
        for a, b in zip(first, second, strict=True)
    )


def test_the_second_call_reads_what_the_first_one_cut(cache, images, wall_cutouts, monkeypatch):
    first = load_cutouts(images)
    assert [path.suffix for path in (cache / "cutouts").iterdir()] == [".npz"]
    forbid_cutting(monkeypatch)
    assert same(load_cutouts(images), first)
    for stored, cut in zip(first, wall_cutouts, strict=False):
        assert stored.quality == cut.quality
        assert np.mean((stored.mask > 127) != (cut.mask > 127)) < 0.01


def test_other_photos_have_other_cutouts(cache, images):
    load_cutouts(images[:1])
    load_cutouts(images[1:2])
    assert len(list((cache / "cutouts").iterdir())) == 2


@pytest.mark.parametrize("how", ["empty", "cut short", "a bit turned over", "no archive", "of other photos"])
def test_a_damaged_cache_is_made_anew(cache, images, monkeypatch, how):
    expected = load_cutouts(images)
    (file,) = (cache / "cutouts").iterdir()
    whole = file.read_bytes()
    if how == "of other photos":
        np.savez(file, masks=np.zeros(8, np.uint8), quality=[1.0])
    else:
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 255
        file.write_bytes(
            {
                "empty": b"",
                "cut short": whole[: len(whole) // 2],
                "a bit turned over": flipped,
                "no archive": b"x" * 99,
            }[how]
        )
    assert same(load_cutouts(images), expected)
    forbid_cutting(monkeypatch)
    assert same(load_cutouts(images), expected)  # written again


@pytest.mark.parametrize("where", ["no folder can be made", "no file can be made", "no file can be renamed"])
def test_a_cache_that_cannot_be_written_is_no_error_and_changes_nothing(cache, images, monkeypatch, where):
    expected = load_cutouts(images)
    (file,) = (cache / "cutouts").iterdir()
    file.unlink()
    if where == "no folder can be made":
        (cache / "cutouts").rmdir()
        (cache / "cutouts").write_text("in the way")
    elif where == "no file can be made":
        monkeypatch.setattr(hand_store.np, "savez_compressed", refuse)
    else:
        file.mkdir()
    assert same(load_cutouts(images), expected)


def refuse(*arguments, **named):
    raise OSError(28, "No space left on device")


def test_no_more_than_eight_sets_are_kept(cache, images):
    (cache / "cutouts").mkdir(parents=True)
    for number in range(12):
        (cache / "cutouts" / f"old{number}.npz").write_bytes(b"")
    load_cutouts(images[:1])
    assert len(list((cache / "cutouts").iterdir())) == 8


def test_hands_of_all_origins_are_gathered_with_a_picture_of_them(tmp_path, wall_photos, wall_cutouts):
    photos = SignsDataset(wall_photos.images, wall_photos.labels, tuple("012345"))
    hands = gather_hands(photos, wall_cutouts, 24, 0, tmp_path / "cutouts.png")
    assert sum(hand.origin == PHOTO for hand in hands.hands) >= 30
    assert sum(hand.origin == ERASED for hand in hands.hands) >= 3
    assert sum(hand.origin == DRAWN for hand in hands.hands) == 24
    assert cv2.imread(str(tmp_path / "cutouts.png")).shape[1] == 24 * 64
    again = gather_hands(photos, wall_cutouts, 0, 0)
    assert not any(hand.origin == DRAWN for hand in again.hands)
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(hands.hands, again.hands, strict=False))
