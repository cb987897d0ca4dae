"""The page: whole by itself, with what was found, and without people where that is asked for."""

from __future__ import annotations

import base64
import re

import cv2
import numpy as np

from signs_edge.export.report.extra_sections import ExtraSections
from signs_edge.export.report.page import SHOWN, data_uri, render


def test_it_says_what_may_not_be_deployed_and_why(made_report) -> None:
    report = made_report(6)
    page = render(report)

    assert not report.passed
    assert "<b>int8.failed.tflite</b>: it agrees with float32 on 114 of 120 pictures" in page
    assert "it loses accuracy: 6 pictures that only float32 has right" in page
    assert page.count(">failed</span>") == page.count(">passed</span>") == 1
    assert "2.000 %" in page  # of what the calibration does not cover
    assert "Warning:</span> calibration does not cover" in page
    assert "Every file passed" in render(made_report(0))


def test_flips_stand_with_their_picture_and_both_answers(made_report) -> None:
    report = made_report(2)
    page = render(report)

    assert page.count('class="flip"') == 2
    assert "picture 1, a 1: 1, then 0" in page
    shown = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="picture 1">', page)
    assert len(shown) == 1
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(shown[0]), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(decoded[..., ::-1], report.flipped[1])
    assert "float32: 90.0%" in page
    assert "int8: 90.0%" in page


def test_of_many_flips_the_worst_are_shown_and_the_rest_counted(made_report) -> None:
    page = render(made_report(SHOWN + 3))

    assert page.count('class="flip"') == SHOWN
    assert "And 3 more, in export.json." in page


def test_without_photos_nobody_is_seen(made_report) -> None:
    page = render(made_report(2), photos=False)

    assert "<img" not in page
    assert "data:image" not in page
    assert "picture 1, a 1: 1, then 0" in page


def test_it_needs_nothing_else_and_names_no_folder(made_report) -> None:
    page = render(made_report(2))

    assert not re.findall(r'(?:src|href)="(?!data:)', page)
    assert "/home/someone" not in page
    assert "hands" in page


def test_names_are_escaped(made_report) -> None:
    page = render(made_report(1, names=("<script>", "b")))

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_sections_are_there_only_where_somebody_filled_them(made_report) -> None:
    titles = ("What is in the file", "Layer by layer", "How fast it runs", "Everywhere the same")
    bare = render(made_report(0))
    assert not any(title in bare for title in titles)

    picture = data_uri(np.zeros((4, 4, 3), np.uint8))
    extra = ExtraSections(
        inspection={"ops": [{"op": "CONV_2D", "count": 5}], "arena": 1234},
        diagnosis={"plot": picture, "note": "<b>"},
        bench={"p50": 2.5, "runtimes": ["litert"], "temperature": None},
        everywhere={},
    )
    report = made_report(0, extra=extra)
    page = render(report)
    assert all(f"<h2>{title}</h2>" in page for title in titles)
    assert "<th>op</th><th>count</th>" in page
    assert "CONV_2D" in page
    assert f'<img src="{picture}"' in page
    assert "&lt;b&gt;" in page
    assert report.to_json()["inspection"]["arena"] == 1234
    assert "bench" not in made_report(0).to_json()
