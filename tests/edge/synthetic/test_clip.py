import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import SourceError
from signs_edge.edge.synthetic.clip import picture_sheet, write_clip


def test_a_clip_gives_its_frames_back_in_order(tmp_path):
    greys = [20, 90, 160, 230]
    assert write_clip(tmp_path / "clip.avi", (np.full((48, 64, 3), grey, np.uint8) for grey in greys)) == 4
    capture = cv2.VideoCapture(str(tmp_path / "clip.avi"))
    found = [float(capture.read()[1].mean()) for _ in greys]
    assert found == pytest.approx(greys, abs=4)
    assert not capture.read()[0]
    capture.release()


def test_a_clip_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"absent/clip\.avi cannot be written"):
        write_clip(tmp_path / "absent" / "clip.avi", [np.zeros((48, 64, 3), np.uint8)])


def test_a_sheet_has_each_picture_in_its_place():
    pictures = [np.full((2, 3, 3), value, np.uint8) for value in (1, 2, 3)]
    sheet = picture_sheet(pictures, columns=2, gap=1)
    assert sheet.shape == (5, 7, 3)
    assert sheet[0, 0, 0] == 1
    assert sheet[0, 4, 0] == 2
    assert sheet[3, 0, 0] == 3
    assert (sheet[:, 3] == 255).all()
    assert (sheet[3:, 4:] == 255).all()
