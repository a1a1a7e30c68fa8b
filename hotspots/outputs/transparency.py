"""
The record of algorithmic transparency of a published folder, as Markdown.

What can be said of the software stands in it; what a run's record says is filled in; what only the
owner of the tool can answer is marked. It is made from run.json and nothing else, so it says no more
than its audience was shown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hotspots.auditing.published import read_record
from hotspots.errors import InputError
from hotspots.outputs.folder import MANIFEST, MANIFEST_FORMAT
from hotspots.pages.report_card import KINDS
from hotspots.text import counted, join_words, safe_text

#: What stands where only the owner of the tool can answer.
YOURS: Final = "*yours: {}*"
_NONE: Final = "not given to this audience"
_RUN: Final = "hotspots run"
#: Settings that stand elsewhere in the record, or say nothing of the method.
_ELSEWHERE: Final = frozenset(
    ["area", "audience", "marking", "already_public", "themes", "weights", "word", "also", "tiles"]
)
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>|#])")

Row = tuple[str, str]


def transparency_of(folder: Path) -> str:
    """
    Fill the technical part of a transparency record from the record of a published folder.

    Parameters
    ----------
    folder : Path
        What `hotspots run` wrote.

    Returns
    -------
    str
        Markdown, with a line end.

    Raises
    ------
    InputError
        If the folder holds no record of a run, or one that cannot be read.
    """
    record, _ = read_record(folder)
    if record.get("command") != _RUN or record.get("format") != MANIFEST_FORMAT:
        raise InputError(
            f"{safe_text(folder / MANIFEST)} is no record of `{_RUN}` that this version reads: name a folder "
            "that it wrote."
        )
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    try:
        return transparency(record, digest=digest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{safe_text(folder / MANIFEST)} is damaged: make the folder again.") from error


def transparency(record: Mapping[str, Any], *, digest: str) -> str:
    """
    Lay out a transparency record.

    Parameters
    ----------
    record : mapping
        As in run.json.
    digest : str
        SHA-256 of run.json, which names the run.
    """
    parts = [
        f"# Algorithmic transparency record: Derby Hotspots, {_plain(record['area']['name'])}",
        "What is marked as yours only the owner of the tool can answer. The rest is of the software, or from "
        "the record of one run.",
        *_section("Tier 1: in plain words", [*_plain_words(record)]),
        "## Tier 2",
        *_section("Owner and responsibility", _OWNER, level=3),
        *_section("Description and rationale", _RATIONALE, level=3),
        *_section("How it enters decisions", _DECISIONS, level=3),
        *_section("Tool specification", [*_tool(record, digest)], level=3),
        *_section("Data", [*_data(record)], level=3),
        *_section("Methods and parameters", [*_methods(record)], level=3),
        *_section("What the data show of each theme", [*_themes(record)], level=3),
        *_section("Performance on these data", [*_performance(record)], level=3),
        *_section("Risks, mitigations and impact assessments", [*_risks(record)], level=3),
    ]
    return "\n\n".join(parts) + "\n"


_OWNER: Final[Sequence[Row]] = (
    ("organisation, team", YOURS.format("which")),
    ("senior responsible owner", YOURS.format("role")),
    ("external supplier", "none; open source, MIT"),
)
_RATIONALE: Final[Sequence[Row]] = (
    ("purpose and benefits", YOURS.format("which decision it supports")),
    ("previous process", YOURS.format("what was done before")),
    (
        "alternatives considered",
        "counting incidents by area or cell, which the back-test sets beside every beat",
    ),
)
_DECISIONS: Final[Sequence[Row]] = (
    ("how it enters the decision", YOURS.format("which meeting, who may overrule it, how that is recorded")),
    ("human review", "nothing acts on its own: every output is a page or a table that a person reads"),
    ("frequency and scale of use", YOURS.format("how often, for how many decisions")),
    ("training of users", YOURS.format("by whom; the guides of the documentation are a start")),
    ("appeals and review", YOURS.format("how, and when the use is reviewed")),
)


def _plain_words(record: Mapping[str, Any]) -> Iterator[Row]:
    area, period = record["area"], record["period"]
    yield "name", f"Derby Hotspots, version {_plain(record['version'])}"
    yield (
        "what it does",
        "counts recorded incidents by area and place, maps where they concentrate, and says how sure each "
        "statement is",
    )
    yield "this run", f"{_plain(area['name'])} ({_plain(area['code'])}), {_plain(period['text'])}"
    if record.get("synthetic"):
        yield "data of this run", "a synthetic sample: no real incident is in it"
    yield "why it is used", YOURS.format("in a sentence that a resident understands")
    yield "contact", YOURS.format("name, address")


def _tool(record: Mapping[str, Any], digest: str) -> Iterator[Row]:
    yield (
        "kind",
        "statistics and maps of places; no score of a person, nothing learnt from other cities' data",
    )
    yield "architecture", "a program that runs on one machine, without network, and writes files"
    yield (
        "input",
        "recorded incidents with place and date or month; outlines, residents and households of areas",
    )
    yield (
        "output",
        f"{counted(len(record['outputs']), 'file')}: map, ward profiles, tables, workbook, layers, record",
    )
    yield "audience", f"{_plain(record['audience'])}{_marking(record)}"
    if record.get("attested"):
        yield "attested by the user", _plain(record["attested"])
    yield "this run's record", f"`{MANIFEST}`, SHA-256 `{digest}`"
    yield (
        "made again by",
        f"the same files, version and parameters, seed {int(record['seed'])}: the same bytes",
    )


def _marking(record: Mapping[str, Any]) -> str:
    return f"; marking {_plain(record['marking'])}" if record.get("marking") else ""


def _data(record: Mapping[str, Any]) -> Iterator[Row]:
    reading, period = record["reading"], record["period"]
    kinds = [str(one["kind"]) for one in reading.get("sources", ())]
    each = [counted(kinds.count(kind), f"{kind} file") for kind in dict.fromkeys(kinds)]
    yield "files", _plain(join_words(each)) if each else _NONE
    yield "period", f"{counted(len(period['months']), 'month')}, {_plain(period['text'])}"
    if period["incomplete"]:
        yield "months in part", _plain(join_words(list(period["incomplete"])))
    yield "dates", f"as fine as: {_plain(record['temporal']['resolution'])}"
    yield "rows", _rows(reading)
    rejected = record["rejected"]
    yield (
        "set aside, by reason",
        _plain("; ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in rejected.items())) or _NONE,
    )
    yield "located", _located(record["geocoding"])
    layers = record["boundaries"]
    derived = "; one of them derived, not official" if layers["derived"] else ""
    yield "areas", f"{_plain(layers['wards'])}, {_plain(layers['lsoas'])}{derived}"
    yield "sources and licences", " ".join(_plain(text) for text in record["sources"])
    yield (
        "sensitive attributes",
        "ages of victims where files have them, for one theme and for internal tables; of people who were "
        "searched neither ethnicity nor age nor gender is read",
    )
    yield (
        "agreements, access, retention",
        YOURS.format("who supplied the files, who may open them, until when"),
    )


def _rows(reading: Mapping[str, Any]) -> str:
    if "rows_read" not in reading:
        return _NONE
    return f"{int(reading['rows_read']):,} read, {int(reading['rows_kept']):,} kept"


def _located(geocoding: Mapping[str, Any]) -> str:
    rate = (geocoding.get("hit_rate") or {}).get("rate")
    share = _NONE if rate is None else f"{100 * rate:.0f} % of the rows"
    words = (geocoding.get("projection") or {}).get("words", "")
    return f"{share}. {_plain(words)}".strip() if words else share


def _methods(record: Mapping[str, Any]) -> Iterator[Row]:
    yield (
        "ranking",
        "rates drawn towards the city's (Gamma-Poisson), with the chance of being among the first",
    )
    yield "density", "quartic kernel, exact sums over places"
    yield "hot spots", "DBSCAN on places for internal use, else dense cells of a coarse grid"
    used = record["combined_themes"]
    if used:
        weights = [f"{_plain(slug)} {weight:.2f}" for slug, weight in used.items()]
        yield "themes in the combined ranking, with weights", "; ".join(weights)
    for name, value in record["parameters"].items():
        if name not in _ELSEWHERE and value not in ("", [], {}, None):
            yield _plain(name.replace("_", " ")), _plain(value)


def _themes(record: Mapping[str, Any]) -> Iterator[Row]:
    for one in record["themes"]:
        total = "" if one["total"] is None else f"{counted(one['total'], 'incident')}."
        chosen = [(one[name] or {}).get("reason", "") for name in ("bandwidth", "cluster_parameters")]
        said = (f"{one['observability']}. {one['observability_text']}", total, one["withheld"], *chosen)
        yield _plain(one["name"]), " ".join(_plain(text) for text in dict.fromkeys(said) if text)


def _performance(record: Mapping[str, Any]) -> Iterator[Row]:
    names = {one["slug"]: one["name"] for one in record["themes"]}
    for row in record["report_card"]:
        level = f", {row['level']}s" if row["level"] else ""
        what = f"{KINDS.get(row['kind'], row['kind'])}: {names.get(row['theme'], row['theme'])}{level}"
        said = "" if row["said"] is None else f", {100 * row['said']:.0f} % said"
        yield _plain(what), _NONE if row["found"] is None else f"{100 * row['found']:.0f} % found{said}"
    if not record["report_card"]:
        yield "graded", "not on these data: that takes twelve whole months and enough incidents"


def _risks(record: Mapping[str, Any]) -> Iterator[Row]:
    for number, text in enumerate(record["warnings"], start=1):
        yield f"warning {number} of this run", _plain(text)
    yield (
        "feedback loops, stigma, proactive policing, small numbers",
        "what the software does and what only people can do: docs/responsible-use.md",
    )
    yield "data protection impact assessment", YOURS.format("reference and date")
    yield "equality impact assessment", YOURS.format("reference and date")


def _section(title: str, rows: Sequence[Row], *, level: int = 2) -> Iterator[str]:
    yield f"{'#' * level} {title}"
    yield "\n".join(["| question | answer |", "|---|---|", *(f"| {what} | {said} |" for what, said in rows)])


def _plain(value: object) -> str:
    """Write a value such that no character of it is taken for Markdown or HTML, on one line."""
    text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return _MARKS.sub(r"\\\1", safe_text(" ".join(text.split()), limit=2000))
