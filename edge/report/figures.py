"""Which charts a device's report shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.reference.statistics import STATISTICS
from signs_edge.edge.report.charts import Scale, Series, heat, lines, strip
from signs_edge.edge.report.timeline import Column, Timeline

VERDICTS = (("ok", "good", "ok"), ("unknown", "idle", "unknown: not enough seen"), ("drift", "bad", "drift"))
_CAMERA = (
    ("paused", "idle", "paused by a person"),
    ("frozen", "second", "frozen picture"),
    ("overexposed", "second", "overexposed"),
    ("black", "second", "black picture"),
    ("lost", "bad", "no picture"),
)
_ENDS = ("back", "resumed")


def figures(report: JournalContents, timeline: Timeline) -> str:
    """All of them, each where there is something to show."""
    parts = [_verdicts(report, timeline), _agreement(report, timeline), _accuracy(timeline), _inputs(timeline)]
    parts += [_camera(report, timeline), *_device(report, timeline)]
    return "".join(parts)


def _verdicts(report: JournalContents, timeline: Timeline) -> str:
    told = [(event, event.status) for event in report.events if event.kind == "verdict"]
    if not told:
        return f'<p class="soft">No verdict: {report.why_none}.</p>\n'
    text = "What could be said, after each frame, of int8 on this device."
    return strip(timeline, "Verdict.", text, timeline.spans(told), VERDICTS)


def _agreement(report: JournalContents, timeline: Timeline) -> str:
    columns = timeline.columns
    recent, overall = _of(columns, "recent"), _of(columns, "agreement")
    if not _any(overall):
        return ""
    floors = (run.known.floor for run in reversed(report.runs))
    floor = next((floor for floor in floors if floor is not None), None)
    lowest = min(value for value in (*recent, *overall, floor) if value is not None)
    # Intervals begin at 0 to 1; what is to be seen is how the estimates move, and how sure they are once they are.
    low = max(0.0, math.floor(50 * (lowest - 0.02)) / 50)
    series = [
        Series("of the last frames", "second", recent, _of(columns, "recent_low"), _of(columns, "recent_high")),
        Series("since the statistics began", "first", overall, *(_of(columns, f"agreement_{end}") for end in ("low", "high"))),
    ]  # fmt: skip
    text = "Share of frames on which int8 and float say the same, with 95 % intervals that hold at all times."
    return lines(timeline, "Agreement.", text, Scale(low, 1.0, _percent, floor), series)


def _accuracy(timeline: Timeline) -> str:
    columns = timeline.columns
    if not _any(_of(columns, "int8_accuracy")):
        return ""
    series = [
        Series(model, style, _of(columns, f"{model}_accuracy"), _of(columns, f"{model}_low"), _of(columns, f"{model}_high"))
        for model, style in (("float", "first"), ("int8", "second"))
    ]  # fmt: skip
    lowest = min(value for one in series for value in one.values if value is not None)
    text = "Guessed from how sure the models are, without labels, with 95 % intervals; no line where the frames tell nothing."
    scale = Scale(max(0.0, math.floor(20 * (lowest - 0.05)) / 20), 1.0, _percent)
    return lines(timeline, "Accuracy without labels.", text, scale, series)


def _inputs(timeline: Timeline) -> str:
    if not any(column.drift for column in timeline.columns):
        return ""
    text = (
        "Evidence that a statistic of the frames or answers is no longer as in the reference that came with the model."
    )
    names = [*STATISTICS, *sorted({name for one in timeline.columns for name in one.evidence} - set(STATISTICS))]
    return heat(timeline, "What moved.", text, names[: 2 * len(STATISTICS)])


def _camera(report: JournalContents, timeline: Timeline) -> str:
    told = [(event, "" if event.text in _ENDS else event.text) for event in report.events if event.kind == "camera"]
    if not told:
        return ""
    text = "When its frames were not counted."
    return strip(timeline, "Camera.", text, timeline.spans(told), _CAMERA)


def _device(report: JournalContents, timeline: Timeline) -> list[str]:
    columns = timeline.columns
    parts = []
    for title, name, text, form in (
        ("Frame rate.", "rate", "Frames looked at a second.", _short),
        ("Confidence.", "confidence", "Mean of int8's highest probability.", _percent),
        ("Brightness.", "brightness", "Mean of the whole frame, 0 to 255.", _short),
    ):
        values = [column.values[name] for column in columns]
        if _any(values):
            scale = Scale.about(values, form, zero=name == "rate")
            parts.append(lines(timeline, title, text, scale, [Series(title, "first", values)]))
    slow, usual = ([column.values[f"latency_{part}_ms"] for column in columns] for part in ("p99", "p50"))
    if _any(usual):
        series = [Series("99th percentile", "second", slow), Series("median", "first", usual)]
        scale = Scale.about(slow, _milliseconds)
        parts.append(lines(timeline, "Latency.", "Crop, resize and inference.", scale, series))
    dropped: list[float | None] = [column.dropped for column in columns]
    unseen: list[float | None] = [column.unseen for column in columns]
    if any(dropped) or any(unseen):
        series = [
            Series("given up for newer ones", "first", dropped),
            Series("frozen, black, overexposed, paused", "second", unseen),
        ]
        text = "Frames a minute that were not looked at."
        parts.append(lines(timeline, "Frames left out.", text, Scale.about((*dropped, *unseen), _short), series))
    parts += _heat(report, timeline)
    return parts


def _heat(report: JournalContents, timeline: Timeline) -> list[str]:
    """Temperature as it was told, in steps, and when the device slowed itself down."""
    facts = [(event, event.values) for event in report.events if event.kind == "fact"]
    degrees = [
        (event, f"{value['celsius']} °C") for event, value in facts if isinstance(value.get("celsius"), int | float)
    ]
    parts = []
    if degrees:
        seen = sorted({text for _, text in degrees}, key=lambda text: float(text.split()[0]))[-5:]
        styles = ["heat1", "heat2", "heat3", "heat4", "heat5"][-len(seen) :]
        values = [(text, style, text) for text, style in zip(seen, styles, strict=True)]
        told = [(event, text if text in seen else seen[0]) for event, text in degrees]
        parts.append(strip(timeline, "Temperature.", "Of the board, in steps of 5 °C.", timeline.spans(told), values))
    slowed = [
        (event, ", ".join(map(str, value["throttling"])))
        for event, value in facts
        if isinstance(value.get("throttling"), list)
    ]
    if any(text for _, text in slowed):
        names = [(text, "bad", text) for text in sorted({text for _, text in slowed if text})][:8]
        parts.append(
            strip(timeline, "Throttling.", "When the board slowed itself down.", timeline.spans(slowed), names)
        )
    return parts


def _of(columns: Sequence[Column], name: str) -> list[float | None]:
    return [None if column.drift is None else getattr(column.drift, name) for column in columns]


def _any(values: Sequence[float | None]) -> bool:
    return any(value is not None for value in values)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def _short(value: float) -> str:
    return f"{value:.4g}"


def _milliseconds(value: float) -> str:
    return f"{value:.4g} ms"
