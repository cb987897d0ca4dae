"""The tables of a device's report, as HTML; everything that a journal holds is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.rows import RunRow
from signs_edge.edge.metrics.intervals import Interval, wilson_interval
from signs_edge.edge.report.timeline import Timeline
from signs_edge.edge.util.text import duration, utc

EVENTS = 200  # on the page; all are in the JSON
_HARDEST = 12
_RUNS = 40


def table(head: Sequence[str], rows: Iterable[Sequence[str]], style: str = "") -> str:
    """Cells are HTML already; the first of a row is its name. Without a head, a table of settings."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{cells[0]}</th>{"".join(f"<td>{cell}</td>" for cell in cells[1:])}</tr>\n'
        for cells in rows
    )
    return (
        f'<div class="wide"><table class="{style}">{f"<thead><tr>{top}</tr></thead>" if head else ""}'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def percent(value: float | None, digits: int = 1) -> str:
    """A share, 0..1; what is not known is a dash."""
    return f"{100 * value:.{digits}f} %" if value is not None else "–"


def interval(bounds: Interval | None) -> str:
    """An interval of shares; nothing where it is not known."""
    return f"{100 * bounds.low:.1f} to {100 * bounds.high:.1f} %" if bounds else ""


def classes(report: JournalContents) -> str:
    """Agreement by int8's answer: what the monitor knows, and the raw numbers of all minutes."""
    raw = report.classes
    known = report.known.classes if report.known else {}
    if not any(looks for _, looks in raw.values()):
        return ""
    rows = []
    for name in sorted({*raw, *known}, key=lambda name: (name == "", name)):
        same, looks = raw.get(name, (0, 0))
        found = known.get(name)
        told = ["", "", ""]
        if found is not None:
            told = [_verdict(found.status), percent(found.share.value), interval(found.share.interval)]
        bounds = wilson_interval(same, looks)
        share = f"{percent(same / looks)}<small>{interval(bounds)}</small>" if looks else ""
        rows.append([escape(name) or "no answer", *told, f"{same} of {looks}", share])
    head = ("int8 says", "verdict", "agreement", "interval", "float says the same", "raw share")
    return (
        "<h3>By class</h3>\n<p>Agreement is weighted so that the frames drawn for the float twin stand for all, and its "
        "interval holds at all times. Raw shares, with Wilson's intervals, are of the frames drawn in all that the journal "
        "still holds: hard ones are likelier to be drawn.</p>\n" + table(head, rows)
    )


def labelled(report: JournalContents) -> str:
    """Both models against labels that the source knew."""
    if report.known is None or not report.known.labelled.n:
        return ""
    found = report.known.labelled
    bounds = found.interval
    points = "" if not bounds else f"{100 * bounds.low:+.1f} to {100 * bounds.high:+.1f} points"
    rows = [
        ["frames with a label", str(found.n), ""],
        ["int8 right", percent(found.int8), ""],
        ["float right", percent(found.float32), ""],
        ["int8 less float", f"{100 * found.difference:+.2f} points", points],
    ]
    return "<h3>Against labels</h3>\n" + table(("", "", "interval at all times"), rows)


def given_labels(report: JournalContents) -> str:
    """Labels that a person gave during the run, against both answers."""
    values = [event.values for event in report.events if event.kind == "label" and event.values]
    # Without any answer of float's there was no float twin; else no answer is that it gave none.
    models = {
        "int8": "answer",
        **({"float": "float"} if any(value.get("float") is not None for value in values) else {}),
    }
    given = {
        model: Counter(
            (str(value.get("label")), str(value.get(key) if value.get(key) is not None else "none")) for value in values
        )
        for model, key in models.items()
    }
    if not given["int8"]:
        return ""
    parts = [
        "<h3>Labels given while it ran</h3>\n<p>Rows: the label that was given. Columns: what the model had said.</p>\n"
    ]
    for model, counts in given.items():
        if counts:
            labels, answers = (sorted({pair[place] for pair in counts})[:30] for place in (0, 1))
            right = sum(n for (label, answer), n in counts.items() if label == answer)
            rows = [
                [escape(label), *(_cell(counts[label, answer], label == answer) for answer in answers)]
                for label in labels
            ]
            parts.append(
                f"<p><b>{model}</b>: right on {right} of {counts.total()}</p>\n{table((model, *answers), rows)}"
            )
    return "".join(parts)


def hardest(report: JournalContents, timeline: Timeline) -> str:
    """The frames whose two highest probabilities were nearest."""
    if not report.hardest:
        return ""
    minutes = {minute.seq: minute for minute in report.minutes}
    names = next((run.known.labels for run in reversed(report.runs) if run.known.labels), None)
    rows: list[list[str]] = []
    seen = set[str]()
    for one in report.hardest:
        if len(rows) == _HARDEST or str(one.scores) in seen:  # one picture held for long is one
            continue
        seen.add(str(one.scores))
        minute = minutes.get(one.seq)
        when = "" if minute is None else utc(minute.wall, "%Y-%m-%d %H:%M")
        at = "" if minute is None else duration(timeline.place(minute))
        rows.append([at, f"{when}<small>frame {one.frame}</small>", _bars(one.scores, names, "second"),
                     _bars(one.twin, names, "first") if one.twin else "–"])  # fmt: skip
    text = "Those whose two highest probabilities were nearest, at most one a minute. Their scores are kept, their pictures are not."
    return f"<h3>Hardest frames</h3>\n<p>{text}</p>\n" + table(
        ("running time", "clock (UTC)", "int8", "float"), rows, "texts"
    )


def events(report: JournalContents, timeline: Timeline, most: int = EVENTS) -> str:
    """What changed when; where there is too much, the oldest is left out, verdicts last."""
    told = [(timeline.place(event), event.seq, event.wall, event.kind, event.text) for event in report.events]
    told += [(run.start, run.seq, run.row.wall, "run", f"run {run.number} begins") for run in timeline.runs]
    told += [
        (at, 0, wall, "clock", f"the device's clock was set by {_signed(by)}") for at, by, wall in timeline.jumps()
    ]
    told.sort(key=lambda one: one[:2])
    graver = [one for one in told if one[3] in ("verdict", "run", "clock")][-most:]
    rest = [one for one in told if one[3] not in ("verdict", "run", "clock")]
    shown = sorted([*graver, *rest[len(rest) - max(0, most - len(graver)) :]], key=lambda one: one[:2])
    rows = [
        [duration(at), escape(utc(wall)), f'<span class="kind {_kind(kind)}">{escape(kind)}</span>', escape(text)]
        for at, _, wall, kind, text in shown
    ]
    left = len(told) - len(shown)
    more = f'<p class="soft">{left} more are in the JSON (<code>--json</code>).</p>\n' if left else ""
    return "<h3>What changed when</h3>\n" + table(("running time", "clock (UTC)", "", ""), rows, "texts") + more


def runs(report: JournalContents, timeline: Timeline) -> str:
    """Each run: when, how long, with what; what is as in the run before is not said again."""
    rows, before = [], dict[str, str]()
    for run in timeline.runs:
        told = facts(run.row)
        new = [f"<b>{escape(name)}</b> {escape(value)}" for name, value in told.items() if before.get(name) != value]
        frames = sum(minute.frames for minute in report.minutes if minute.run == run.seq)
        rows.append([f"run {run.number}", escape(utc(run.row.wall)), duration(run.end - run.start), str(frames),
                     _ended(run.row, run is timeline.runs[-1]), "<br>".join(new) or "as before"])  # fmt: skip
        before = told
    left = f'<p class="soft">{len(rows) - _RUNS} runs before are in the JSON.</p>\n' if len(rows) > _RUNS else ""
    head = ("", "began (UTC)", "lasted", "frames", "end", "with")
    return "<h3>Runs</h3>\n" + left + table(head, rows[-_RUNS:], "texts")


def facts(run: RunRow) -> dict[str, str]:
    """What a run was made with, by names for people."""
    facts = run.known
    told = {
        "camera": facts.camera,
        **{
            ("int8 model" if name == "model" else f"{name} model"): str(digest)[:16]
            for name, digest in facts.models.items()
        },
        "signs-edge": facts.version,
        "runtime": facts.runtime,
        "board": ", ".join(str(value) for value in (facts.board, facts.machine) if value) or None,
        "Python": facts.python,
        "floor": facts.floor,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def _ended(row: RunRow, last: bool) -> str:
    if row.ended is not None:
        return "in order"
    return "not written down" + (": it runs still, or was killed" if last else "")


def _bars(scores: Sequence[float | None], names: Sequence[str] | None, style: str) -> str:
    """Probabilities as bars, of the three highest classes."""
    known = sorted(((score or 0.0, place) for place, score in enumerate(scores)), reverse=True)[:3]
    return "".join(
        f'<span class="bar"><span>{escape(str(names[place]) if names and place < len(names) else str(place))}</span>'
        f'<i class="{style}" style="width:{6 * score:.2f}rem"></i>{100 * score:.0f} %</span>'
        for score, place in sorted(known, key=lambda one: one[1])
    )


def _cell(n: int, right: bool) -> str:
    return "" if not n else f'<span class="good">{n}</span>' if right else f'<span class="bad">{n}</span>'


def _verdict(status: Any) -> str:
    style = {"ok": "good", "drift": "bad"}.get(str(status), "soft")
    return f'<span class="{style}">{escape(str(status))}</span>'


def _kind(kind: str) -> str:
    return kind if kind in ("verdict", "run", "camera", "label", "clock") else "other"


def _signed(seconds: float) -> str:
    return ("−" if seconds < 0 else "+") + duration(abs(seconds))
