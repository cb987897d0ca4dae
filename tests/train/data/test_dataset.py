"""Where pictures come from, and what is refused with one line."""

import cv2
import h5py
import numpy as np
import pytest

from signs_edge.edge.errors import DataError
from signs_edge.train.data import dataset
from signs_edge.train.data.dataset import (
    SignsDataset,
    default_source,
    load_labelled,
    load_splits,
    load_training_beside,
    split,
)

RNG = np.random.default_rng(0)


def pair(folder, train=60, test=12, classes=6, **changes):
    """Write an HDF5 pair of random pictures; `changes` replace or, with None, leave out single data sets."""
    for part, n in (("train", train), ("test", test)):
        content = {
            f"{part}_set_x": RNG.integers(0, 256, (n, 64, 64, 3), dtype=np.uint8),
            f"{part}_set_y": np.arange(n) % classes,
            "list_classes": np.arange(classes),
        } | {key: value for key, value in changes.items() if key == "list_classes" or key.startswith(part)}
        with h5py.File(folder / f"{part}_signs.h5", "w") as file:
            for key, value in content.items():
                if value is not None:
                    file[key] = value
    return folder


def picture(path, colour=(0, 0, 255), size=(64, 64)):
    """Write a flat picture; the colour is BGR, as OpenCV has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*size, 3), colour, np.uint8))


def test_the_hdf5_pair_is_read(tmp_path):
    splits = load_splits(str(pair(tmp_path)))
    assert splits.train.images.shape == (60, 64, 64, 3)
    assert splits.train.labels.dtype == np.int64
    assert len(splits.test) == 12
    assert splits.train.names == ("0", "1", "2", "3", "4", "5")


def test_one_file_of_the_pair_is_enough_to_name_it(tmp_path):
    pair(tmp_path)
    assert len(load_splits(str(tmp_path / "train_signs.h5")).test) == 12
    assert len(load_labelled(str(tmp_path / "train_signs.h5"))) == 60
    assert len(load_labelled(str(tmp_path))) == 12


def test_the_number_of_classes_and_their_names_come_from_the_data(tmp_path):
    names = np.array([b"zero", b"one", b"two"])
    assert load_splits(str(pair(tmp_path, classes=3, list_classes=names))).train.names == ("zero", "one", "two")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"train_set_x": None}, "train_set_x or test_set_x is missing"),
        ({"test_set_y": None}, "no data set test_set_y"),
        ({"list_classes": None}, "no data set list_classes"),
        ({"train_set_x": np.zeros((60, 32, 32, 3), np.uint8)}, r"\(60, 32, 32, 3\) uint8"),
        ({"train_set_x": np.zeros((60, 64, 64, 3), np.float32)}, "float32"),
        ({"train_set_y": np.zeros((1, 60), np.int64)}, r"train_set_y is \(1, 60\)"),
        ({"train_set_y": np.zeros(60, np.float64)}, "float64"),
        ({"train_set_y": np.full(60, 6)}, r"train_set_y\[0\] is 6: allowed is 0 to 5"),
        ({"test_set_y": np.full(12, -1)}, r"test_set_y\[0\] is -1"),
        ({"train_set_y": np.zeros(60, np.int64)}, "class 1 has no picture"),
        ({"list_classes": np.array([1, 1])}, "list_classes"),
    ],
)
def test_a_wrong_hdf5_file_is_refused_by_name(tmp_path, changes, said):
    pair(tmp_path, **changes)
    with pytest.raises(DataError, match=said) as refusal:
        load_splits(str(tmp_path))
    assert "_signs.h5" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_damaged_or_missing_hdf5_file_is_refused_by_name(tmp_path):
    pair(tmp_path)
    (tmp_path / "test_signs.h5").write_bytes(b"no HDF5")
    with pytest.raises(DataError, match=r"test_signs\.h5 cannot be read as HDF5"):
        load_splits(str(tmp_path))
    (tmp_path / "test_signs.h5").unlink()
    with pytest.raises(DataError, match=r"test_signs\.h5 is missing"):
        load_splits(str(tmp_path))


def test_a_truncated_hdf5_file_is_refused(tmp_path):
    pair(tmp_path)
    path = tmp_path / "train_signs.h5"
    path.write_bytes(path.read_bytes()[:-50_000])
    with pytest.raises(DataError, match=r"train_signs\.h5 cannot be read"):
        load_splits(str(tmp_path))


def test_a_folder_by_class_is_read_in_rgb(tmp_path):
    for name, colour in (("0", (0, 0, 255)), ("1", (255, 0, 0))):
        picture(tmp_path / name / "a.png", colour)
    found = load_labelled(str(tmp_path))
    assert found.names == ("0", "1")
    assert found.images[0, 0, 0].tolist() == [255, 0, 0]  # written as BGR red
    assert found.images[1, 0, 0].tolist() == [0, 0, 255]


def test_names_like_the_jpeg_release_give_the_label(tmp_path):
    for count in (0, 3, 10):
        picture(tmp_path / f"{count}_IMG_58{count}4.jpg")
    found = load_labelled(str(tmp_path))
    assert found.names == ("0", "3", "10")  # by number, not by letters
    assert found.labels.tolist() == [0, 2, 1]  # files come by name: 0_, 10_, 3_


def test_the_jpeg_releases_split_folders_are_used(tmp_path):
    for part, n in (("train_signs", 3), ("val_signs", 2), ("test_signs", 1)):
        for count in (0, 1):
            for i in range(n):
                picture(tmp_path / part / f"{count}_IMG_{i}.jpg")
    splits = load_splits(str(tmp_path))
    assert (len(splits.train), len(splits.test)) == (6, 2)


def test_pictures_of_other_sizes_are_cropped_and_resized(tmp_path):
    wide = np.zeros((128, 200, 3), np.uint8)
    wide[:, 36:164] = (10, 20, 30)  # just the centre square
    (tmp_path / "0").mkdir()
    cv2.imwrite(str(tmp_path / "0" / "wide.png"), wide)
    assert (load_labelled(str(tmp_path)).images == (30, 20, 10)).all()


def test_a_folder_without_test_part_is_split_the_same_way_each_time(tmp_path):
    for count in range(2):
        for i in range(20):
            picture(tmp_path / str(count) / f"{i:02}.png", (i, count, 7))
    first, again = load_splits(str(tmp_path), 3), load_splits(str(tmp_path), 3)
    assert np.array_equal(first.test.images, again.test.images)
    assert len(first.test) == 4
    assert set(first.test.labels.tolist()) == {0, 1}
    assert "held out" in first.source


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_an_unreadable_picture_is_refused_by_name(tmp_path, content):
    picture(tmp_path / "0" / "good.png")
    (tmp_path / "0" / "bad.jpg").write_bytes(content)
    with pytest.raises(DataError, match=r"bad\.jpg cannot be decoded"):
        load_labelled(str(tmp_path))


def test_an_empty_class_folder_is_refused_by_name(tmp_path):
    picture(tmp_path / "0" / "a.png")
    (tmp_path / "1").mkdir()
    with pytest.raises(DataError, match=r"class folder .*1 holds no picture"):
        load_labelled(str(tmp_path))


def test_a_picture_without_label_is_refused_by_name(tmp_path):
    picture(tmp_path / "hand.png")
    with pytest.raises(DataError, match=r"hand\.png has no label"):
        load_labelled(str(tmp_path))


def test_nothing_there_is_said(tmp_path):
    with pytest.raises(DataError, match="does not exist: give a folder with"):
        load_splits(str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="holds no pictures"):
        load_splits(str(tmp_path))


def test_what_only_lies_beside_the_pair_is_not_taken_for_it(tmp_path):
    pair(tmp_path)
    (tmp_path / "README.md").write_text("about the photos")
    with pytest.raises(DataError, match=r"README\.md' is one file"):
        load_splits(str(tmp_path / "README.md"))
    (tmp_path / "test_signs.h5").unlink()
    with pytest.raises(DataError, match=r"test_signs\.h5 is missing"):
        load_labelled(str(tmp_path))
    with pytest.raises(DataError, match="data '' does not exist"):
        load_splits("")


def test_one_class_is_nothing_to_learn(tmp_path):
    for i in range(20):
        picture(tmp_path / "all" / str(i % 2) / f"{i}.png", (i, 0, 0))
    with pytest.raises(DataError, match="has only the class 'all': at least two are needed"):
        load_splits(str(tmp_path))
    assert len(load_labelled(str(tmp_path / "all"))) == 20


def test_drawn_hands_need_no_file():
    splits = load_splits("synthetic", seed=1)
    assert (len(splits.train), len(splits.test)) == (1080, 120)
    assert np.bincount(splits.train.labels).min() > 100
    overlap = {picture.tobytes() for picture in splits.train.images} & {p.tobytes() for p in splits.test.images}
    assert not overlap


def test_how_many_are_drawn_can_be_said():
    splits = load_splits("synthetic:60")
    assert (len(splits.train), len(splits.test)) == (60, 120)
    for wrong in ("synthetic:", "synthetic:5", "synthetic:many", "synthetic:9999999"):
        with pytest.raises(DataError, match="from 60 to 100000"):
            load_splits(wrong)


def test_the_default_is_the_variable_then_the_cache_then_synthetic(tmp_path, monkeypatch):
    monkeypatch.delenv("SIGNS_EDGE_DATA", raising=False)
    monkeypatch.setenv("SIGNS_EDGE_CACHE", str(tmp_path))
    assert default_source() == "synthetic"
    pair(tmp_path)
    assert default_source() == str(tmp_path)
    monkeypatch.setenv("SIGNS_EDGE_DATA", "/elsewhere")
    assert default_source() == "/elsewhere"


def test_the_split_is_stratified_and_keeps_copies_on_one_side():
    images = RNG.integers(0, 256, (120, 64, 64, 3), dtype=np.uint8)
    images[60:90] = images[:30]  # thirty copies
    whole = SignsDataset(images, np.concatenate([np.arange(60) % 6, np.arange(60) % 6]), tuple("012345"))
    kept, held_out = split(whole, 0.2, seed=0)
    assert sorted([*kept, *held_out]) == list(range(120))
    assert np.bincount(whole.labels[held_out]).tolist() == pytest.approx([4] * 6, abs=1)
    left = {picture.tobytes() for picture in images[kept]}
    assert not left & {picture.tobytes() for picture in images[held_out]}
    assert not np.array_equal(held_out, split(whole, 0.2, seed=1)[1])
    assert len(split(whole, 0.0, seed=0)[1]) == 0


def test_the_training_part_beside_a_test_part(tmp_path):
    pair(tmp_path)
    for source in (tmp_path, tmp_path / "test_signs.h5"):
        beside = load_training_beside(str(source))
        assert beside is not None
        assert len(beside) == 60
    assert load_training_beside(str(tmp_path / "train_signs.h5")) is None
    assert load_training_beside("synthetic:60") is None
    (tmp_path / "train_signs.h5").unlink()
    assert load_training_beside(str(tmp_path)) is None


def test_the_training_folder_beside_a_test_folder(tmp_path):
    for part in ("train", "test"):
        for count in (0, 1):
            picture(tmp_path / part / f"{count}_a.png", (count, 0, 0))
    beside = load_training_beside(str(tmp_path))
    assert beside is not None
    assert len(beside) == 2
    assert load_training_beside(str(tmp_path / "test")) is None


def test_the_sets_own_guard_holds():
    images, labels = np.zeros((2, 64, 64, 3), np.uint8), np.array([0, 1])
    with pytest.raises(DataError, match="pictures are"):
        SignsDataset(images.astype(np.float32), labels, ("0", "1"))
    with pytest.raises(DataError, match="labels are"):
        SignsDataset(images, labels[:1], ("0", "1"))
    with pytest.raises(DataError, match="labels run from"):
        SignsDataset(images, labels, ("0",))


def test_labels_follow_the_models_names():
    found = SignsDataset(np.zeros((2, 64, 64, 3), np.uint8), np.array([0, 1]), ("3", "1"))
    assert found.with_names(("0", "1", "2", "3"), "here").labels.tolist() == [3, 1]
    with pytest.raises(DataError, match="here has the class '3'"):
        found.with_names(("0", "1"), "here")


@pytest.mark.signs
def test_the_real_pair_is_what_its_readme_says(monkeypatch):
    splits = load_splits(default_source())
    assert default_source() != dataset.SYNTHETIC
    assert (len(splits.train), len(splits.test)) == (1080, 120)
    assert np.bincount(splits.train.labels).tolist() == [180] * 6
    assert np.bincount(splits.test.labels).tolist() == [20] * 6
    assert len(np.unique(splits.train.images.reshape(1080, -1), axis=0)) == 1037


def test_a_class_can_be_set_apart():
    images = np.arange(5, dtype=np.uint8).repeat(64 * 64 * 3).reshape(5, 64, 64, 3)
    whole = SignsDataset(images, np.array([0, 1, 2, 1, 0]), ("1", "none", "3"))
    rest, apart = whole.set_apart("none")
    assert (rest.names, rest.labels.tolist()) == (("1", "3"), [0, 1, 0])
    assert rest.images[:, 0, 0, 0].tolist() == [0, 2, 4]
    assert apart[:, 0, 0, 0].tolist() == [1, 3]
    same, nothing = rest.set_apart("none")
    assert same is rest
    assert nothing.shape == (0, 64, 64, 3)
    hand_free = SignsDataset(images, np.zeros(5, np.int64), ("none",)).set_apart("none")
    assert (len(hand_free[0].with_names(("0", "1"), "here")), len(hand_free[1])) == (0, 5)
