"""The report: one page that needs no network and no script, with pictures of the failures."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Final

from models.evaluate import bars, costs
from models.evaluate.confusions import confusions, named
from models.evaluate.failures import KINDS, Crops, Failure, failures
from models.evaluate.plots import all_plots
from models.evaluate.score import by_place, normal, read_on, swept
from models.evaluate.table import NONE, place_table, set_table, stage_table, sweep_table
from models.evaluate.truth import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from models.evaluate.bench import Read
    from models.evaluate.score import Evaluated, Score
    from models.evaluate.table import Table

_MOST_CONFUSIONS: Final = 40
_STYLE: Final = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fff; max-width: 76rem;
       margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; border-bottom: 1px solid #ddd; }
h3 { font-size: 1rem; margin-bottom: .4rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; }
th, td { padding: .18rem .6rem; border-bottom: 1px solid #e4e4e4; text-align: right; }
th { background: #f6f6f6; font-weight: 600; }
th:first-child, td:first-child { text-align: left; white-space: nowrap; }
.tables { display: flex; flex-wrap: wrap; gap: 0 2rem; } .wide { overflow-x: auto; max-width: 100%; }
.no { color: #b00020; font-weight: 600; } .yes { color: #00695c; }
.warning { background: #fff5e0; border-left: 4px solid #d98200; padding: .5rem .9rem; }
.plots, .failures { display: flex; flex-wrap: wrap; gap: .8rem; }
figure { margin: 0; border: 1px solid #ddd; padding: .4rem; width: 228px; font-size: .8rem; }
figure img { width: 216px; height: auto; display: block; background: #888; }
figcaption { margin-top: .3rem; overflow-wrap: anywhere; } code { font-size: 1.05em; letter-spacing: .04em; }
mark { background: #ffd9d9; color: inherit; }
"""


def write(folder: Path, sets: Sequence[Evaluated], scores: Sequence[Score], least: float) -> Path:
    """Write the report into ``folder`` and return its path. Raises `InputError` where that cannot be.

    ``scores`` are the rows of the first table, totals included; ``least`` the least confidence of an output.
    """
    page = "\n".join(_page(sets, scores, least))
    path = folder / "index.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def _page(sets: Sequence[Evaluated], scores: Sequence[Score], least: float) -> Iterator[str]:
    reading = sets[0].reading
    point = reading.point
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield "<title>Plate reading, evaluated</title>"
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    yield "<h1>Plate reading, evaluated</h1>"
    yield (
        '<p class="warning"><strong>Recorded, labelled pictures only.</strong> This page shows plates of '
        "real vehicles where the sets do: keep it where those pictures are kept, and delete it with them. A "
        "unit in a vehicle makes no such page and keeps no such picture.</p>"
    )
    yield (
        f"<p>Runtime {escape(reading.runtime)}, one core. An output is a whole text of confidence {least:g} "
        f"or more; accepted from {point.accept:g} on, place answered from {point.place_accept:g} on. Shares "
        "in percent; fold counts O as 0 and I as 1; ECE is the calibration error of the texts; MiB the peak "
        "of the process that read the set. Accepted reads on no labelled plate: "
        f"{sum(one.score.accepted_elsewhere for one in sets)}.</p>"
    )
    yield from _section("Sets", set_table(scores))
    reached = bars.bars([one.score for one in sets], costs.megabytes())
    yield from _section("Bars", (bars.HEADINGS, [bar.cells() for bar in reached]))
    yield f"<h2>Confidence</h2><div class='plots'>{''.join(_plots(sets))}</div>"
    yield from _section("Least confidence of an output", *_sweeps(sets))
    yield from _section("Places", place_table(by_place(sets, least)))
    yield from _section("Confusions", _confusion_table(sets, least))
    yield from _section("Time", stage_table({x.reading.name: x.reading.stages for x in sets}))
    yield "<p>Median milliseconds a picture.</p>"
    yield from _section("Models", costs.cost_table())
    yield from _failures(sets, least)
    yield "</body></html>"


def _section(title: str, *tables: Table) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2><div class='tables'>"
    for headings, rows in tables:
        yield "<div class='wide'><table><tr>" + "".join(f"<th>{escape(x)}</th>" for x in headings) + "</tr>"
        yield from ("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in rows)
        yield "</table></div>"
    yield "</div>"


def _cell(words: str) -> str:
    marked = f' class="{words}"' if words in {"yes", "no"} else ""
    return f"<td{marked}>{escape(words)}</td>"


def _plots(sets: Sequence[Evaluated]) -> Iterable[str]:
    return all_plots([one.score for one in sets], sets[0].reading.point).values()


def _sweeps(sets: Sequence[Evaluated]) -> Iterator[Table]:
    """Yield the sweep of each set, its name in place of the first heading."""
    for one in sets:
        headings, rows = sweep_table(swept(one.reading, one.labels), one.score)
        yield (f"{one.reading.name}: {headings[0]}", *headings[1:]), rows


def _confusion_table(sets: Sequence[Evaluated], least: float) -> Table:
    """Return how often one character was read as another, or left out, or added, by set."""
    each: dict[str, Counter[tuple[str, str]]] = {}
    unlike: dict[str, int] = {}
    for one in sets:
        each[one.reading.name], unlike[one.reading.name] = confusions(_misread(one, least))
    total: Counter[tuple[str, str]] = sum(each.values(), Counter())
    most = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CONFUSIONS]
    rows = [
        (named(*pair), str(count), *(str(counts[pair] or NONE) for counts in each.values()))
        for pair, count in most
    ]
    rows.append(("another text", str(sum(unlike.values())), *(str(x or NONE) for x in unlike.values())))
    return ("label's character", "all", *each), rows


def _misread(one: Evaluated, least: float) -> Iterator[tuple[str, str]]:
    outputs = one.reading.outputs(least).reads
    for image, truth in one.labels.items():
        for label in truth:
            read = read_on(label, outputs.get(image, ()))
            if read is not None:
                yield normal(label.text), normal(read.text)


def _failures(sets: Sequence[Evaluated], least: float) -> Iterator[str]:
    crops = Crops()
    yield "<h2>Failures</h2><p>Each picture is the plate as the reader saw it: straightened and grey.</p>"
    for one in sets:
        found = failures(one, least)
        yield f"<h3>{escape(one.reading.name)}: {len(found)}</h3>"
        for kind, words in KINDS.items():
            here = [failure for failure in found if failure.kind == kind]
            if here:
                yield f"<details open><summary>{escape(words)}: {len(here)}</summary><div class='failures'>"
                yield from (_figure(one, failure, crops) for failure in here)
                yield "</div></details>"


def _figure(one: Evaluated, failure: Failure, crops: Crops) -> str:
    png = crops.png(one, failure)
    shown = "no picture" if png is None else f'<img alt="the plate" src="data:image/png;base64,{png}">'
    label, read = failure.label, failure.read
    lines = []
    if label is not None:
        lines.append(f"is <code>{escape(normal(label.text))}</code> {escape(label.place)}")
    if read is not None:
        lines.append(f"read <code>{_characters(read)}</code> at {read.confidence:.2f}")
        if read.place:
            lines.append(f"place {escape(read.place)} at {read.place_confidence:.2f}")
    lines.append(escape(failure.image))
    return f"<figure>{shown}<figcaption>{'<br>'.join(lines)}</figcaption></figure>"


def _characters(read: Read) -> str:
    """Return the text, its unsure characters marked."""
    sure = (*read.characters, *[1.0] * len(read.text))
    return "".join(
        f"<mark>{escape(mark)}</mark>" if confidence < 0.8 else escape(mark)
        for mark, confidence in zip(read.text, sure, strict=False)
    )
