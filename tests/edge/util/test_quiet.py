import os
import types

import pytest

from signs_edge.edge.util import quiet
from signs_edge.edge.util.quiet import quiet_opencv


def test_notes_are_held_back_and_shown_if_it_fails(capfd):
    with quiet.quiet():
        os.write(2, b"a note\n")
    assert capfd.readouterr().err == ""
    with pytest.raises(RuntimeError), quiet.quiet():  # noqa: PT012 (the note comes first)
        os.write(2, b"why it failed\n")
        raise RuntimeError
    assert capfd.readouterr().err == "why it failed\n"


def test_both_opencvs_are_told_to_keep_still(monkeypatch):
    """OpenCV 5 has cv2.utils.logging, OpenCV 4, which tflite-runtime's numpy 1 needs, cv2.setLogLevel."""
    told = []
    logging = types.SimpleNamespace(LOG_LEVEL_SILENT=0, setLogLevel=lambda level: told.append(("5", level)))
    monkeypatch.setattr(quiet, "cv2", types.SimpleNamespace(utils=types.SimpleNamespace(logging=logging)))
    quiet_opencv()
    four = types.SimpleNamespace(utils=types.SimpleNamespace(), setLogLevel=lambda level: told.append(("4", level)))
    monkeypatch.setattr(quiet, "cv2", four)
    quiet_opencv()
    assert told == [("5", 0), ("4", 0)]
