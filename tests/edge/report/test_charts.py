"""Scales and strips of the charts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from signs_edge.edge.report.charts import Scale, Series, heat, lines, strip
from signs_edge.edge.report.timeline import Column, Span, Timeline


def timeline(columns: Sequence[Column] = (), length: float = 1000.0) -> Timeline:
    return Timeline((), tuple(columns), length)


def column(start: float, first: bool = False, **known: object) -> Column:
    return Column(1, start, start + 100, 0.0, first, {}, 0, 0, **known)  # type: ignore[arg-type]


def bars(drawn: str) -> list[tuple[str, ...]]:
    return re.findall(r'<rect class="(\w+)" x="(\d+)" y="([\d.]+)" width="(\d+)"', drawn)


@pytest.mark.parametrize(
    ("values", "zero", "ends"),
    [([9.9, 10.2, None], True, (0, 20)), ([0.91, 0.94], False, (0.91, 0.94)), ([195.0, 195.0], False, (195, 196)),
     ([0.0], True, (0, 1e-9)), ([None, float("nan")], True, (0, 1)), ([31.0, 187.0], False, (0, 200))],
)  # fmt: skip
def test_a_scale_is_round_and_holds_its_values(
    values: list[float | None], zero: bool, ends: tuple[float, float]
) -> None:
    scale = Scale.about(values, str, zero)

    assert (scale.low, scale.high) == pytest.approx(ends)


def test_the_ends_of_a_scale_have_two_names_and_the_middle_one_of_its_own_or_none() -> None:
    scale = Scale.about([0.99951, 0.99952], "{:.0%}".format, zero=False)

    assert (scale.form(scale.low), scale.form(scale.high)) == ("99%", "100%")
    columns = [column(0, True), column(100)]
    drawn = lines(timeline(columns), "Rate.", "", scale, [Series("rate", "first", [0.99951] * len(columns))])
    assert drawn.count("100%</span>") == drawn.count("99%</span>") == 1


def test_what_lies_beyond_a_scale_is_at_its_edge() -> None:
    scale = Scale(0.9, 1.0, str)

    assert [scale.y(value) for value in (0.5, 0.9, 0.95, 1.0, 1.5)] == pytest.approx([100, 100, 50, 0, 0])


def test_the_gravest_is_shown_where_several_fall_on_one_place() -> None:
    values = (("ok", "good", "ok"), ("drift", "bad", "drift"))
    spans = [Span(0, 500, "ok"), Span(499.9, 500.1, "drift"), Span(500.1, 1000, "ok")]

    drawn = strip(timeline(), "Verdict.", "", spans, values)

    assert bars(drawn) == [("good", "0", "30.00", "500"), ("bad", "500", "0.00", "1"), ("good", "501", "30.00", "499")]
    assert "<title>drift, 8 min 20 s to 8 min 21 s</title>" in drawn


def test_a_line_is_broken_where_nothing_is_known_and_after_a_pause() -> None:
    columns = [column(0, True), column(100), column(200), column(300), column(600, True), column(700)]
    series = Series("rate", "first", [1, 1, None, 1, 1, 0])

    drawn = lines(timeline(columns), "Rate.", "", Scale(0, 1, str, rule=0.5), [series])

    assert re.findall(r'points="([^"]+)"', drawn) == [
        "0,0.0 50,0.0 150,0.0 200,0.0", "300,0.0 350,0.0 400,0.0", "600,0.0 650,0.0 750,100.0 800,100.0",
    ]  # fmt: skip
    assert '<line class="rule" x1="0" x2="1000" y1="50.0" y2="50.0"/>' in drawn


def test_heat_grows_with_the_evidence_and_says_what_moved() -> None:
    columns = [
        column(0, True, drift={"seq": 1}, evidence={"green": 0.1}),
        column(100, drift={"seq": 2}, evidence={"green": 0.5}),
        column(200, drift={"seq": 3}, evidence={"green": 1.2}, moved={"green": "green higher"}),
        column(300, drift={"seq": 4}, evidence={"green": 1.1}),
    ]

    drawn = heat(timeline(columns), "Moved.", "", ["brightness", "green"])

    assert bars(drawn) == [
        ("heat2", "100", "50.00", "100"),
        ("heat5", "200", "50.00", "100"),
        ("heat4", "300", "50.00", "100"),
    ]
    assert "<title>green higher, 3 min 20 s to 5 min</title>" in drawn
