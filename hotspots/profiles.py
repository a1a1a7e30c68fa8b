"""
Ward profiles: one page a ward that an analyst can print, hand over and defend.

The pages hold no script. Each figure stands beside the city's, with how sure
it is; what is withheld says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from hotspots import schema, wording
from hotspots.assets import own_files
from hotspots.disclosure import Release
from hotspots.documents import environment, render_document

#: Names that the index has, or that Windows keeps for devices.
_RESERVED: Final = (
    "index",
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{d}{i}" for d in ("com", "lpt") for i in range(10)),
)
_LSOAS_LISTED: Final = 8
_CLUSTERS_LISTED: Final = 6
_LOCATOR_WIDTH: Final = 320
#: Below this many incidents a period's change is not put into words.
_FEWEST_FOR_CHANGE: Final = 10


def render_all(release: Release) -> dict[str, str]:
    """
    Write the profile of every ward and the index of profiles.

    Parameters
    ----------
    release : Release
        What the audience may see.

    Returns
    -------
    dict of str to str
        File name to HTML document; equal input gives equal text.
    """
    slugs = ward_slugs(release.wards["name"])
    pages = {f"{slugs[code]}.html": render_profile(release, code) for code in release.wards.index}
    return {"index.html": _render_index(release, slugs), **pages}


def ward_slugs(names: pd.Series) -> dict[str, str]:
    """
    Give each ward a file name that every system takes.

    Parameters
    ----------
    names : Series of str
        Names by GSS code.

    Returns
    -------
    dict of str to str
        GSS code to lower-case ASCII words joined by hyphens; the code is added
        where two wards would share a name, or the name has no letter.
    """
    plain = {str(code): _slug(name) for code, name in names.items()}
    taken = Counter(plain.values())
    return {
        code: f"{slug}-{code.lower()}".lstrip("-")
        if taken[slug] > 1 or slug in _RESERVED or not slug
        else slug
        for code, slug in plain.items()
    }


def render_profile(release: Release, code: str) -> str:
    """
    Write the profile of one ward.

    Parameters
    ----------
    release : Release
        What the audience may see.
    code : str
        GSS code of the ward.
    """
    ward = release.wards.loc[code]
    # A nought for a theme that these data cannot show would read as "it does not happen here".
    seen = [view for view in release.themes if view.observability != "not visible"]
    results = _of_ward(release.results, code).set_index("theme")
    ranking = _of_ward(release.priority, code).set_index("theme")
    return render_document(
        "profile.html.j2",
        marking=release.marking,
        styles=[own_files("profile.css")],
        title=f"{ward['name']} ward, {release.period_text}",
        synthetic=release.synthetic,
        audience=release.audience,
        area_name=release.area_name,
        period=release.period_text,
        ward={"name": ward["name"], "code": code, "facts": _facts(ward)},
        finding=_finding(release, ward["name"], results, ranking),
        locator=_locator(release, code),
        themes=[_theme_row(release, view, code, results, ranking) for view in seen],
        unseen=[view.name for view in release.themes if view not in seen],
        clusters=_clusters_of(release, code),
        lsoas=_lsoas_of(release, ward.geometry),
        notes=[{"name": v.name, "text": f"{v.observability_text} {v.note}".strip()} for v in release.themes],
        derived=_vintage_words(release),
        warnings=release.warnings,
        sources=release.sources,
        version=release.version,
    )


def _render_index(release: Release, slugs: dict[str, str]) -> str:
    combined = release.priority
    ranked = combined[combined["level"].eq(schema.WARD) & combined["theme"].eq(schema.ALL_INCIDENTS)]
    ranked = ranked.set_index("code").reindex(release.wards.index)
    everything = release.results[
        release.results["level"].eq(schema.WARD) & release.results["theme"].eq(schema.ALL_INCIDENTS)
    ].set_index("code")
    rows = [
        {
            "href": f"{slugs[code]}.html",
            "name": release.wards.loc[code, "name"],
            "rank": _number(ranked.loc[code, "rank"]),
            "verdict": _text(ranked.loc[code].get("verdict")),
            "count": wording.whole(_number(everything["count"].get(code))),
            "rate": wording.rate(_number(everything["rate_per_1000"].get(code))),
        }
        for code in release.wards.index
    ]
    return render_document(
        "profile_index.html.j2",
        marking=release.marking,
        styles=[own_files("profile.css")],
        title=f"Ward profiles of {release.area_name}, {release.period_text}",
        synthetic=release.synthetic,
        rows=sorted(rows, key=lambda row: (row["rank"] is None, row["rank"], row["name"])),
        sources=release.sources,
        version=release.version,
    )


def _of_ward(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    return frame[frame["level"].eq(schema.WARD) & frame["code"].eq(code)]


def _facts(ward: pd.Series) -> list[tuple[str, str]]:
    known = [("Residents", ward["residents"]), ("Households", ward["households"])]
    facts = [(label, f"{value:,.0f}") for label, value in known if np.isfinite(value)]
    return [*facts, ("Area", f"{ward['area_km2']:.1f} km²")]


def _finding(release: Release, name: str, results: pd.DataFrame, ranking: pd.DataFrame) -> list[str]:
    """Say in two or three sentences what the ward's figures come to."""
    everything = results.loc[schema.ALL_INCIDENTS]
    count, share = _number(everything["count"]), _number(everything["share"])
    if count is None:
        first = f"The number of incidents in {name} is withheld because it is small."
    else:
        first = (
            f"{wording.whole(count)} incidents were recorded in {name}, "
            f"{wording.percent(share)} of those in {release.area_name}."
        )
    sentences = [first]
    if schema.ALL_INCIDENTS in ranking.index:
        verdict = _text(ranking.loc[schema.ALL_INCIDENTS].get("verdict"))
        sentences += [f"Over the themes together: {verdict[0].lower()}{verdict[1:]}"] if verdict else []
        if bool(ranking.loc[schema.ALL_INCIDENTS, "denominator_sensitive"]):
            sentences.append(
                "Its place depends on what the count is divided by (residents, households or area): "
                "compare the columns before deciding."
            )
    return sentences


def _theme_row(
    release: Release, view: Any, code: str, results: pd.DataFrame, ranking: pd.DataFrame
) -> dict[str, Any]:
    row = results.loc[view.slug]
    ranked = ranking.loc[view.slug] if view.slug in ranking.index else pd.Series(dtype=object)
    return {
        "name": view.name,
        "observability": view.observability,
        "count": wording.whole(_number(row["count"])),
        "share": _share_text(row),
        "rate": wording.rate(_number(row["rate_per_1000"])),
        "city_rate": _city_rate(release, view),
        "density": wording.rate(_number(row["rate_per_km2"])),
        "rank": _rank_text(ranked),
        "change": _change_text(row),
        "bars": _bars(_monthly(release, code, view.slug), release.months),
    }


def _city_rate(release: Release, view: Any) -> str:
    residents = float(release.wards["residents"].sum())
    if view.total is None or not residents > 0:
        return "withheld" if view.total is None else "unknown"
    return wording.rate(1000 * view.total / residents)


def _rank_text(ranked: pd.Series) -> str:
    rank = _number(ranked.get("rank"))
    if rank is None:
        return "not ranked"
    low, high = _number(ranked.get("rank_low")), _number(ranked.get("rank_high"))
    if low is None or high is None or low == high:
        return f"{rank:.0f}"
    return f"{rank:.0f} ({low:.0f} to {high:.0f})"


def _share_text(row: pd.Series) -> str:
    if _number(row["count"]) is None:
        return "withheld"
    share = _number(row["share"])
    return "none in the city" if share is None else wording.percent(share)


def _change_text(row: pd.Series) -> str:
    """Say how the latest months compare with the earlier ones, and whether chance could do it."""
    change, low, high = (_number(row[name]) for name in ("change", "change_low", "change_high"))
    count = _number(row["count"])
    if change is None or low is None or high is None or count is None or count < _FEWEST_FOR_CHANGE:
        return "too few to tell"
    span = f"{_signed(low)} to {_signed(high)}"
    q = _number(row["change_q"])
    sure = "" if q is not None and q < 0.05 else ", within chance"
    return f"{_signed(change)} ({span}{sure})"


def _signed(ratio: float) -> str:
    percent = 100 * (ratio - 1)
    return f"{'+' if percent >= 0 else '−'}{abs(percent):.0f} %"


def _monthly(release: Release, code: str, slug: str) -> list[float | None]:
    counts = release.counts
    rows = counts[counts["level"].eq(schema.WARD) & counts["code"].eq(code) & counts["theme"].eq(slug)]
    by_month = rows.set_index("month")["count"]
    return [_number(by_month.get(month)) for month in release.months]


def _bars(values: Sequence[float | None], months: Sequence[str]) -> Markup:
    """Draw the months as bars with their figures told to screen readers."""
    known = [value for value in values if value is not None]
    top = max(known, default=0) or 1
    bars = [
        {"x": 9 * i, "height": round(28 * value / top, 1), "y": round(30 - 28 * value / top, 1)}
        for i, value in enumerate(values)
        if value is not None
    ]
    told = ", ".join(f"{m}: {wording.whole(v)}" for m, v in zip(months, values, strict=True))
    return _svg("_bars.svg.j2", bars=bars, width=max(9 * len(values), 9), label=f"Incidents by month: {told}")


def _clusters_of(release: Release, code: str) -> list[dict[str, str]]:
    names = {view.slug: view.name for view in release.themes}
    clusters = release.clusters
    here = clusters[clusters["ward_codes"].str.split(";").map(lambda codes: code in codes)]
    here = here.sort_values(["n", "theme", "cluster"], ascending=[False, True, True], kind="stable")
    return [
        {
            "theme": names[row["theme"]],
            "number": str(row["cluster"]),
            "streets": _text(row["streets"]) or "no street named",
            "count": wording.whole(_number(row["n"])),
            "share": wording.percent(_number(row["share"])),
            "confidence": _confidence_words(_number(row["confidence"])),
        }
        for _, row in here.head(_CLUSTERS_LISTED).iterrows()
    ]


def _confidence_words(confidence: float | None) -> str:
    if confidence is None:
        return "not tested"
    words = "firm" if confidence >= 0.9 else "fair" if confidence >= 0.7 else "weak"
    return f"{words}: found again in {confidence:.0%} of resamples"


def _lsoas_of(release: Release, ward: shapely.Geometry) -> list[dict[str, str]]:
    """List the busiest LSOAs that lie mostly in the ward; LSOAs need not respect ward borders."""
    lsoas = release.lsoas
    inside = shapely.area(shapely.intersection(lsoas.geometry.to_numpy(), ward)) >= 0.5 * lsoas.geometry.area
    rows = release.results
    rows = rows[rows["level"].eq(schema.LSOA) & rows["theme"].eq(schema.ALL_INCIDENTS)]
    rows = rows[rows["code"].isin(lsoas.index[inside])].dropna(subset=["count"])
    rows = rows.sort_values(["count", "code"], ascending=[False, True], kind="stable").head(_LSOAS_LISTED)
    return [
        {
            "name": row["name"],
            "code": row["code"],
            "count": wording.whole(_number(row["count"])),
            "rate": wording.rate(_number(row["rate_per_1000"])),
            "significant": "yes" if (_number(row["gi_q"]) or 1) < 0.05 and row["gi_star"] > 0 else "no",
            "category": _text(row["category"]) or "none",
        }
        for _, row in rows.iterrows()
    ]


def _locator(release: Release, code: str) -> Markup:
    """Draw where the ward lies in the city."""
    west, south, east, north = release.outline.bounds
    scale = _LOCATOR_WIDTH / (east - west)
    shapes = gpd.GeoSeries(release.wards.geometry).simplify(40)
    paths = [{"d": _path(shapes[c], west, north, scale), "chosen": c == code} for c in release.wards.index]
    # The chosen ward last, so that its outline is not covered.
    paths.sort(key=lambda path: path["chosen"])
    return _svg(
        "_locator.svg.j2",
        paths=paths,
        width=_LOCATOR_WIDTH,
        height=round((north - south) * scale),
        label=f"{release.wards.loc[code, 'name']} among the wards of {release.area_name}",
    )


def _path(shape: shapely.Geometry, west: float, north: float, scale: float) -> str:
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "".join(
        "M" + "L".join(f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring.coords) + "Z"
        for ring in rings
    )


def _svg(template: str, **values: Any) -> Markup:
    return Markup(environment().get_template(template).render(**values))  # noqa: S704 - rendered with autoescape


def _vintage_words(release: Release) -> str:
    years = [name.rpartition("_")[2] for name in (release.wards_vintage, release.lsoas_vintage)]
    return f"Wards of {years[0]} and LSOAs of {years[1]}."


def _slug(name: object) -> str:
    ascii_name = unicodedata.normalize("NFKD", str(name)).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.replace("&", " and ")).strip("-")[:80]


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _text(value: Any) -> str:
    return "" if value is None or (not isinstance(value, str) and pd.isna(value)) else str(value)
