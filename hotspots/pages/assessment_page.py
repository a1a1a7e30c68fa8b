"""
The page of a strategic assessment: evidence in the order in which partnerships write it.

Themes are set side by side by level, direction, harm and certainty, and by what the
partnership entered. They are never added up to a score of importance: that is a choice,
and people make it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from hotspots import schema
from hotspots.pages import assessment_words as say
from hotspots.pages import words
from hotspots.pages._assets import own_files
from hotspots.pages._documents import render_document
from hotspots.pages.ward_lines import line_chart
from hotspots.pages.words import RECORDED_BY_PATROL

#: Headed boxes for what only people can write: heading, and what belongs there.
_WRITTEN: Final = {
    "last_plan": "How far last year's plan was carried out, and what came of it.",
    "residents": "What people who live and work here want done, how they were asked, and how many answered.",
    "horizon_scan": "Political, economic, social, technological, environmental, legal and organisational "
    "changes ahead.",
    "scored_risks": "The scores agreed in the partnership, and who agreed them.",
    "recommendations": "What the partnership should do. No recommendation is worked out from figures.",
}
_TOO_SHORT: Final = "Untested: fewer months were read than it takes to tell a change from chance."
_MORILE: Final = (
    "physical",
    "psychological",
    "financial",
    "vulnerability",
    "confidence",
    "capacity",
    "capability",
)


def render_assessment(
    evidence: Mapping[str, Any],
    answers: Any,
    since: Mapping[str, Any] | None,
    *,
    marking: str,
    synthetic: bool,
    audience: str,
    version: str,
) -> str:
    """
    Write the page.

    Parameters
    ----------
    evidence : mapping
        From `assess.assess`.
    answers : Answers
        What people entered.
    since : mapping or None
        What changed since the last assessment.
    marking, synthetic, audience, version
        Of the folders.

    Returns
    -------
    str
        A whole HTML document that makes no request. Equal input gives equal text.
    """
    area = evidence["area"]
    everything, *others = evidence["themes"]
    themes = [one for one in others if one["slug"] != schema.COMBINED]
    return render_document(
        "assessment.html.j2",
        marking=marking,
        synthetic=synthetic,
        styles=[own_files("figures.css", "profile.css")],
        title=f"Strategic assessment of {area['name']}: the evidence, {evidence['period']}",
        edition=evidence["edition"],
        form={name: text for name, text in answers.edition.items() if text},
        audience=audience,
        version=version,
        area=_area(area),
        compared=_compared(evidence),
        summary=_summary(evidence, everything, themes),
        matrix=matrix(evidence),
        harm_words=_harm_words(evidence["harm"]),
        everything=_theme(everything, evidence),
        everyone=say.deprived(everything, what="all incidents were"),
        chart=_chart(evidence),
        held=_held(evidence["held"]),
        types=[_type(row, area["residents"]) for row in evidence["types"]],
        themes=[_theme(one, evidence) for one in themes],
        rises=[_rise(row) for row in evidence["rises"]],
        can_rise=len(evidence["months"].get(schema.ALL_INCIDENTS, ([], []))[0]) >= 7,
        places=[_place(one) for one in (everything, *themes) if one["seen"]],
        since=_since(since),
        patrols=evidence["patrols"],
        patrol_note=RECORDED_BY_PATROL,
        evaluations=evidence["evaluations"],
        written={
            name: {"text": answers.words.get(name, ""), "asks": asks} for name, asks in _WRITTEN.items()
        },
        alike=[_alike(row) for row in evidence["alike"]],
        boxes={
            chapter: answers.of(chapter) for chapter in ("people", "communities", "residents", "capacity")
        },
        morile=[_morile(one) for one in themes],
        morile_columns=_MORILE,
        gaps=[one["name"] for one in themes if not one["seen"]],
        missing=answers.missing,
        warnings=evidence["warnings"],
        sources=evidence["sources"],
    )


def matrix(evidence: Mapping[str, Any]) -> list[dict[str, str]]:
    """Set the themes side by side; what the partnership has not entered is left to be entered."""
    residents = evidence["area"]["residents"]
    return [
        {
            "theme": str(one["name"]),
            "level": say.level(one, residents),
            "direction": say.direction(one),
            "harm": say.harm(one, evidence["harm"]),
            "certainty": say.certainty(one),
            **{
                name: str(one["scores"].get(name) or say.EMPTY)
                for name in ("likelihood", "impact", "response")
            },
        }
        for one in evidence["themes"]
        if one["slug"] not in (schema.ALL_INCIDENTS, schema.COMBINED)
    ]


def _area(area: Mapping[str, Any]) -> list[tuple[str, str]]:
    figures = (("Residents", area["residents"]), ("Households", area["households"]))
    known = [(label, words.whole(value)) for label, value in figures if value > 0]
    size = [("Area", f"{area['km2']:.0f} km²")] if area["km2"] > 0 else []
    return [*known, *size, ("Wards", str(area["wards"])), ("Small areas (LSOAs)", str(area["lsoas"]))]


def _compared(evidence: Mapping[str, Any]) -> str:
    compared = evidence["compared"]
    if not compared["after"]:
        return f"No change is stated: {compared['reason']}."
    season = (
        ""
        if compared["year_before"]
        else " The year before was not read, so the season may explain a change."
    )
    trends = [one["trend"] for one in (*evidence["themes"], *evidence["types"]) if one["trend"] is not None]
    told = any(say.known(one.change) and not say.known(one.low) for one in trends)
    chance = f" {_TOO_SHORT}" if told else ""
    return f"Changes compare {compared['after']} with {compared['before']}.{season}{chance}"


def _summary(
    evidence: Mapping[str, Any], everything: Mapping[str, Any], themes: list[Mapping[str, Any]]
) -> list[str]:
    """Say in a few sentences what the figures come to."""
    said = [_volume(evidence, everything)]
    if everything["trend"] is not None and say.known(everything["trend"].before):
        compared = evidence["compared"]
        said.append(
            f"All incidents: {words.whole(everything['trend'].before)} in {compared['before']}, then "
            f"{words.whole(everything['trend'].after)} in {compared['after']}: {say.direction(everything)}."
        )
    sure = [one for one in (*themes, *evidence["types"]) if one["trend"] is not None and one["trend"].sure]
    for up, word in ((True, "Rose"), (False, "Fell")):
        named = dict.fromkeys(
            f"{one['name']} ({words_of(one)})" for one in sure if (one["trend"].change > 1) is up
        )
        if named:
            said.append(f"{word} beyond chance: {words.join_names(list(named), most=len(named))}.")
    said += [f"Where: {say.hotspots(everything)} {_leaders(everything)}".strip()]
    if everything["deprived"]:
        said.append(say.deprived(everything, what="all incidents"))
    unseen = [str(one["name"]) for one in themes if not one["seen"]]
    if unseen:
        said.append(
            f"Nothing can be said from these data of {words.join_names(unseen, most=len(unseen))}: that "
            "nothing is recorded does not mean that nothing happens."
        )
    return said


def _volume(evidence: Mapping[str, Any], everything: Mapping[str, Any]) -> str:
    """Say how much was recorded, and what most of it is."""
    area, count = evidence["area"], everything["count"]
    if not say.known(count):
        return f"The number of incidents in {area['name']} is withheld."
    rate = (
        f", {words.rate(1000 * count / area['residents'])} per 1,000 residents"
        if area["residents"] > 0
        else ""
    )
    largest = [one for one in evidence["types"] if say.known(one["count"])][:2]
    parts = [f"{one['name']} ({words.percent(one['count'] / count)})" for one in largest]
    most = f" Most of it: {' and '.join(parts)}." if parts else ""
    return (
        f"{words.whole(count)} incidents were recorded in {area['name']}, {evidence['period']}{rate}.{most}"
    )


def _leaders(everything: Mapping[str, Any]) -> str:
    """Name the wards that are among the first by residents, and how sure that is."""
    rows = [say.ward_row(row) for row in everything["wards"]]
    named = [f"{row['name']} ({row['sure']})" for row in rows if row["sure"] in ("clearly", "very probably")]
    return f"Among the top wards per resident: {words.join_names(named)}." if named else ""


def words_of(one: Mapping[str, Any]) -> str:
    """Write a sure change shortly."""
    return f"{say.signed_percent(one['trend'].change)}%"


def _chart(evidence: Mapping[str, Any]) -> Any:
    months, values = evidence["months"].get(schema.ALL_INCIDENTS, ([], []))
    if len(months) < 3 or not max(values) > 0:
        return ""
    told = ", ".join(f"{month}: {words.whole(value)}" for month, value in zip(months, values, strict=True))
    line = {"name": "All incidents", "look": "own", "values": np.asarray(values, dtype=float)}
    return line_chart([line], months, label=f"Incidents by month. {told}")


def _held(held: float) -> str:
    if not say.known(held):
        return ""
    return (
        f"The place-based themes hold at most {words.percent(held)} of all incidents; the rest belongs to "
        "none of the seven themes and is told here by type alone."
    )


def _harm_words(index: str) -> str:
    names = {
        "cambridge": "Harm is the Cambridge Crime Harm Index: days of imprisonment, beside the count, never "
        "instead of it.",
        "ons": "Harm is the ONS Crime Severity Score, beside the count and never instead of it.",
    }
    return names.get(index, "No harm was computed: run with --harm cambridge or --harm ons.")


def _type(row: Mapping[str, Any], residents: float) -> dict[str, str]:
    return {
        "name": row["name"],
        "level": say.level(row, residents),
        "counts": say.counts(row),
        "direction": say.direction(row),
    }


def _theme(one: Mapping[str, Any], evidence: Mapping[str, Any]) -> dict[str, Any]:
    trend = one["trend"]
    three = trend.three_years if trend is not None else float("nan")
    return {
        "slug": one["slug"],
        "name": one["name"],
        "seen": one["seen"],
        "told": one["told"],
        "level": say.level(one, evidence["area"]["residents"]),
        "counts": say.counts(one),
        "direction": say.direction(one),
        "three_years": f"{say.signed_percent(three)}%"
        if say.known(three)
        else "needs 48 months without a gap",
        "expected": say.expected(one),
        "harm": say.harm(one, evidence["harm"]),
        "spread": say.share_of_wards(one),
        "deprived": say.deprived(one),
        "wards": [say.ward_row(row) for row in one["wards"]],
        "boxes": one["boxes"],
    }


def _place(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "slug": one["slug"],
        "name": one["name"],
        "hotspots": say.hotspots(one),
        "beats": say.beats(one),
        "rows": [say.hotspot_row(row) for row in (one["hotspots"] or {}).get("rows", [])],
    }


def _rise(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "theme": str(row["theme"]),
        "name": str(row["name"]),
        "since": str(row["since"]),
        "observed": words.whole(row["observed"]),
        "expected": words.whole(row["expected"]),
        "confirmed_at": words.whole(row["confirmed_at"]),
    }


def _alike(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "name": str(row["name"]),
        "distance": f"{row['distance']:.2f}" if row["distance"] else "–",
        "incidents": words.whole(row["incidents"]) if say.known(row["incidents"]) else say.WITHHELD,
        "rate": words.rate(row["rate_per_1000"]) if say.known(row["rate_per_1000"]) else "not known",
    }


def _morile(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"],
        "volume": words.whole(one["count"]) if say.known(one["count"]) else "not known",
        "trend": say.direction(one),
        "spread": say.share_of_wards(one),
        "entered": [str(one["scores"].get(name, "")) for name in _MORILE],
    }


def _since(since: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Put a comparison with the last assessment into words."""
    if since is None:
        return None
    return {
        "title": f"{since['before']}, then {since['after']}",
        "caveats": since["caveats"],
        "totals": [
            {
                "name": row["name"],
                "before": words.whole(row["before"]) if say.known(row["before"]) else say.WITHHELD,
                "after": words.whole(row["after"]) if say.known(row["after"]) else say.WITHHELD,
                "change": f"{say.signed_percent(row['change'])}% a day"
                if say.known(row["change"])
                else "not known",
            }
            for row in since["totals"]
        ],
        "counts": [
            f"{row['theme']}, {row['name']}: {words.whole(row['before'])}, then {words.whole(row['after'])} "
            f"({say.signed_percent(row['change'])}% a day)"
            for row in since["counts"]
            if say.known(row["before"]) and say.known(row["after"]) and say.known(row["change"])
        ],
        "hotspots": [f"{row['found']}: {row['name']} ({row['theme']})" for row in since["hotspots"]],
    }
