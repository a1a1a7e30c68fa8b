"""What the command line prints: reports in plain text that a person can read."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from hotspots import schema
from hotspots._version import __version__

_LIBRARIES = (
    "geopandas",
    "shapely",
    "pandas",
    "numpy",
    "scipy",
    "scikit-learn",
    "folium",
    "pyproj",
    "pyogrio",
)


def check_text(checked: Mapping[str, Any]) -> str:
    """
    Lay out what `hotspots check` found.

    Parameters
    ----------
    checked : mapping
        From `pipeline.Checked.as_dict`.
    """
    reading, geocoding = checked["reading"], checked["geocoding"]
    parts = [
        *_source_lines(reading["sources"]),
        *_balance_lines(reading, geocoding, checked["rejected"]),
        *_location_lines(geocoding),
        *_theme_lines(checked["themes"]),
        *_listed("Notes", [*reading["notes"], *geocoding["notes"]]),
        *_listed("Warnings", checked["warnings"]),
    ]
    return "\n".join(parts).rstrip()


def run_text(record: Mapping[str, Any], out: Path | None) -> str:
    """
    Say in a few lines what a run made of its input.

    Parameters
    ----------
    record : mapping
        The manifest.
    out : Path or None
        Where it was written; None for a dry run.
    """
    reading, geocoding = record["reading"], record["geocoding"]
    lines = ["SYNTHETIC SAMPLE: none of these incidents happened."] if record["synthetic"] else []
    lines.append(
        f"{geocoding['inside']:,} of {reading['rows_read']:,} rows lie in {record['area']['name']}, "
        f"{record['period']['text']}."
    )
    lines += [f"  {_theme_summary(theme)}" for theme in record["themes"]]
    if out is None:
        return "\n".join([*lines, "Dry run: nothing was written."])
    return "\n".join([*lines, f"Open {out / 'index.html'}"])


def themes_text(rows: Sequence[Mapping[str, str]]) -> str:
    """Lay out the themes, one block each."""
    blocks = []
    for row in rows:
        first, *rest = row.items()
        blocks.append("\n".join([str(first[1]), *(f"  {label}: {text}" for label, text in rest if text)]))
    return "\n\n".join(blocks)


def citation() -> str:
    """Say how to cite the software and the data that it ships."""
    return "\n".join(
        [
            f"Derby Hotspots, version {__version__}. Software, MIT licence.",
            "",
            "Data shipped with it:",
            "Contains public sector information licensed under the Open Government Licence v3.0.",
            "Source: Office for National Statistics licensed under the Open Government Licence v.3.0",
            "Contains OS data © Crown copyright and database right 2025",
            "Contains Royal Mail data © Royal Mail copyright and database right 2025",
            "",
            "Methods: see the References in the documentation of each function, such as",
            "help(hotspots.kernel_density), help(hotspots.local_gistar), help(hotspots.rank_areas).",
        ]
    )


def installation() -> str:
    """Say which versions and which optional data this installation has."""
    from hotspots.fetch import data_folder
    from hotspots.projection import choose_projection
    from hotspots.resources import shipped

    official = sorted(path.name for path in data_folder("boundaries").glob("*.geojson"))
    rows = [
        ("hotspots", __version__),
        ("Python", platform.python_version()),
        *((name, metadata.version(name)) for name in _LIBRARIES),
        ("shipped layers", ", ".join(sorted(path.stem for path in shipped("boundaries").glob("*.geojson")))),
        ("official layers", ", ".join(official) or "none: hotspots fetch boundaries brings them"),
        ("coordinates", choose_projection().words),
    ]
    return _columns(rows)


def _source_lines(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for source in sources:
        lines += ["", f"{source['name']}: {source['kind']}"]
        lines += [f"  {line}" for line in _source_details(source)]
    return lines[1:]


def _source_details(source: Mapping[str, Any]) -> Iterable[str]:
    if source["rows_other_kind"]:
        yield f"{source['rows_other_kind']:,} rows, recognised and not counted as incidents"
        return
    yield f"{source['rows_read']:,} rows read, {source['rows_kept']:,} kept"
    if source["rejects"]:
        yield "set aside: " + _counts(source["rejects"])
    if source["out_of_period"]:
        yield f"outside the period or of another force: {source['out_of_period']:,}"
    if source["months"]:
        yield f"{_span(source['months'])}, dates to the {source['resolution']}"
    if source["encoding"]:
        sign = _visible(source["delimiter"])
        yield f"{source['encoding']}, '{sign}' between fields, {source['line_end']} line ends"
    if source["columns_used"]:
        used = source["columns_used"].items()
        yield "columns: " + ", ".join(f"{name} as {field}" for field, name in used)
    if source["columns_ignored"]:
        yield "columns not used: " + ", ".join(source["columns_ignored"])
    if source["personal_columns"]:
        yield "personal columns, never read: " + ", ".join(source["personal_columns"])
    yield from source["notes"]


def _balance_lines(
    reading: Mapping[str, Any], geocoding: Mapping[str, Any], rejected: Mapping[str, int]
) -> list[str]:
    rows = [
        ("Rows read", f"{reading['rows_read']:,}"),
        ("in the area", f"{geocoding['inside']:,}"),
        ("outside the period", f"{reading['out_of_period']:,}"),
        ("of another kind of file", f"{reading['rows_other_kind']:,}"),
        *((schema.REJECT_REASONS[reason], f"{count:,}") for reason, count in rejected.items()),
    ]
    return ["", "Where every row went", _columns(rows, indent=2)]


def _location_lines(geocoding: Mapping[str, Any]) -> list[str]:
    rows = [
        *((f"by {level}", f"{count:,}") for level, count in geocoding["by_level"].items() if level != "none"),
        ("located", _rate(geocoding["hit_rate"])),
        ("stated LSOA confirmed", _rate(_agreement(geocoding["agreement"]))),
        ("coordinates", geocoding["projection"]["words"]),
    ]
    by_source = [
        f"  {one['name']}: {one['inside']:,} in the area, {one['outside']:,} outside, "
        f"{one['unlocated']:,} not located"
        for one in geocoding["by_source"]
        if one["rows"]
    ]
    return ["", "How incidents were located", _columns(rows, indent=2), *by_source]


def _theme_lines(themes: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["", "Themes: share located, and whether the unlocated could change the top ward"]
    for one in themes:
        lines.append(f"  {one['theme']}: {_rate(one['hit_rate'])}. {one['bounds']['words']}")
        if one["unlocated_by_month"]:
            lines.append("    unmapped by month: " + _counts(one["unlocated_by_month"]))
    return lines


def _theme_summary(theme: Mapping[str, Any]) -> str:
    parts = [f"{theme['name']}: " + ("withheld" if theme["total"] is None else f"{theme['total']:,}")]
    if theme["withheld"]:
        return f"{parts[0]}. {theme['withheld']}"
    bandwidth, chosen = theme["bandwidth"], theme["cluster_parameters"]
    if bandwidth and bandwidth["metres"]:
        parts.append(f"bandwidth {bandwidth['metres']:.0f} m")
    if chosen and chosen["eps"]:
        parts.append(f"clusters of at least {chosen['min_samples']} incidents within {chosen['eps']:.0f} m")
    return "; ".join(parts)


def _agreement(agreement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rate": agreement["share"],
        "low": agreement["low"],
        "high": agreement["high"],
        "total": agreement["compared"],
    }


def _rate(rate: Mapping[str, Any]) -> str:
    if rate["rate"] is None:
        return "nothing to compare"
    low, high = f"{rate['low']:.1%}", f"{rate['high']:.1%}"
    return f"{rate['rate']:.1%} of {rate['total']:,} (95 % interval {low} to {high})"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def _span(months: Sequence[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def _visible(delimiter: str) -> str:
    return {"\t": "tab"}.get(delimiter, delimiter)


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  - {line}" for line in dict.fromkeys(lines))] if lines else []


def _columns(rows: Iterable[tuple[str, str]], *, indent: int = 0) -> str:
    rows = list(rows)
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{' ' * indent}{label:<{width}}  {text}" for label, text in rows)
