"""What the command line prints: reports in plain text that a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots import policeuk, schema
from hotspots._version import __version__
from hotspots.pages import words
from hotspots.pages.side_by_side_page import standing
from hotspots.text import counted

if TYPE_CHECKING:
    from hotspots.release.release import Release

#: Files, rows, months or notes named one by one before they are summed up.
_SHOWN = 3
#: police.uk has 14 crime types, and 10 of them may be in no theme.
_SHOWN_TYPES = 10
_NUMBER = re.compile(r"\d[\d,]*(?![\w.%])")


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
        *_file_lines(reading["sources"], geocoding["by_source"]),
        *_format_lines(reading["sources"]),
        *_balance_lines(reading, geocoding, checked),
        *_location_lines(geocoding),
        *_theme_lines(checked["themes"]),
        *_unthemed_lines(checked["in_no_theme"]),
        *_listed("Notes", [*_file_notes(reading["sources"]), *reading["notes"], *geocoding["notes"]]),
        *_listed("Warnings", checked["warnings"]),
    ]
    return "\n".join(parts).strip()


def run_text(record: Mapping[str, Any], release: Release, out: Path | None) -> str:
    """
    Say in a few lines what a run made of its input, and what it found.

    Parameters
    ----------
    record : mapping
        The manifest.
    release : Release
        What its audience may see.
    out : Path or None
        Where it was written; None for a dry run.
    """
    reading, geocoding = record["reading"], record["geocoding"]
    lines = ["SYNTHETIC SAMPLE: none of these incidents happened."] if record["synthetic"] else []
    place = f"{record['area']['name']}, {record['period']['text']}."
    if "inside" in geocoding:
        lines.append(f"{geocoding['inside']:,} of {reading['rows_read']:,} rows lie in {place}")
    else:
        lines.append(f"For the audience '{record['audience']}': {place}")
    quality = {one["theme"]: one for one in geocoding.get("themes", ())}
    lines += [f"  {_theme_summary(theme, quality.get(theme['slug'], {}))}" for theme in record["themes"]]
    aside = [n for reason, n in record["rejected"].items() if reason != "outside_area"]
    if aside and record["audience"] == "internal":
        where = "hotspots check" if out is None else (out / "tables" / "rejected.csv").as_posix()
        beyond = record["rejected"].get("outside_area", 0)
        also = f" and counts {counted(beyond, 'row')} outside the area" if beyond and out is not None else ""
        lines.append(f"{counted(sum(aside), 'row')} set aside: {where} says why{also}.")
    lines += _finding_lines(release)
    if out is None:
        return "\n".join([*lines, "Dry run: nothing was written."])
    return "\n".join([*lines, f"Open {out / 'index.html'}"])


def side_by_side_text(
    records: Mapping[str, Mapping[str, Any]], releases: Mapping[str, Release], out: Path | None
) -> str:
    """Say in a line or two what was found in each of several authorities."""
    lines = []
    for folder, record in records.items():
        total = record["themes"][0]["total"]
        count = "withheld" if total is None else f"{total:,}"
        lines.append(f"{record['area']['name']}, {record['period']['text']}: {count} incidents.")
        lines += [f"  {line}" for line in _finding_lines(releases[folder])]
    last = "Dry run: nothing was written." if out is None else f"Open {out / 'index.html'}"
    return "\n".join([*lines, last])


def _finding_lines(release: Release) -> list[str]:
    """Say which wards are the top and where the biggest hot spots are."""
    lines = [standing(release)]
    spots = release.hotspots
    spots = spots[spots["theme"].eq(schema.ALL_INCIDENTS)].sort_values("order")
    if len(spots):
        biggest = "; ".join(_spot_words(spot) for spot in spots.head(2).to_dict("records"))
        lines.append(f"{counted(len(spots), 'hot spot')} of all incidents, the biggest: {biggest}.")
    return [line for line in lines if line]


def _spot_words(spot: Mapping[str, Any]) -> str:
    place = policeuk.street_name(str(spot["streets"]).split(";")[0]) or str(spot["name"])
    told = [
        # Missing where the audience is not told.
        "" if pd.isna(spot["n"]) else counted(spot["n"], "incident"),
        "" if pd.isna(spot["confidence"]) else words.firmness(spot["confidence"]),
    ]
    said = ", ".join(filter(None, told))
    return f"{place} ({said})" if said else place


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
            "Harm, with --harm: Cambridge Crime Harm Index, 2026 edition (Sherman, Neyroud and Neyroud 2016, "
            "Policing 10, 171-183); ONS Crime Severity Score (Office for National Statistics, about 2021)",
            "",
            "Methods: see the References in the documentation of each function, such as",
            "help(hotspots.kernel_density), help(hotspots.local_gistar), help(hotspots.rank_areas).",
        ]
    )


def _file_lines(sources: Sequence[Mapping[str, Any]], located: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line a file; what is the same in all of them follows once."""
    inside = {one["name"]: one["inside"] for one in located}
    head = ("File", "rows", "kept", "set aside", "other period", "in the area", "months")
    rows = [
        (
            source["name"],
            f"{source['rows_read']:,}",
            f"{source['rows_kept']:,}",
            f"{source['rows_rejected']:,}",
            f"{source['out_of_period']:,}",
            f"{inside.get(source['name'], 0):,}",
            source["kind"] if source["rows_other_kind"] else _span(source["months"]),
        )
        for source in sources
    ]
    return _table([head, *rows], right=range(1, 6))


def _format_lines(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say how the files were read, once for all that were read alike."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for source in sources:
        if not source["rows_other_kind"]:
            alike.setdefault(tuple(_format_details(source)), []).append(source["name"])
    lines = ["", "How they were read"] if alike else []
    for details, names in alike.items():
        lines += [f"  {_some(names)}: {details[0]}", *(f"    {line}" for line in details[1:])]
    return lines


def _format_details(source: Mapping[str, Any]) -> Iterable[str]:
    form = [source["kind"]]
    if source["encoding"]:
        sign = _visible(source["delimiter"])
        form.append(f"{source['encoding']}, '{sign}' between fields, {source['line_end']} line ends")
    if source["resolution"]:
        form.append(f"dates to the {source['resolution']}")
    yield "; ".join(form)
    if source["columns_used"]:
        used = source["columns_used"].items()
        yield "columns: " + ", ".join(f"{name} as {field}" for field, name in used)
    if source["columns_ignored"]:
        yield "not used: " + ", ".join(source["columns_ignored"])
    if source["personal_columns"]:
        yield "personal, never read: " + ", ".join(source["personal_columns"])


def _file_notes(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give each file's notes; where many say the same of another number, once with its range."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for source in sources:
        for note in source["notes"]:
            alike.setdefault(_NUMBER.sub("#", note), []).append((source["name"], note))
    return [line for same in alike.values() for line in _merged(same)]


def _merged(same: Sequence[tuple[str, str]]) -> list[str]:
    notes = {note for _, note in same}
    if len(same) <= _SHOWN or (len(notes) > 1 and any(len(_NUMBER.findall(note)) > 1 for note in notes)):
        return [f"{name}: {note}" for name, note in same]
    first = same[0][1]
    if len(notes) > 1:
        counts = sorted({int(_NUMBER.findall(note)[0].replace(",", "")) for note in notes})
        first = _NUMBER.sub(f"{counts[0]:,} to {counts[-1]:,}", first)
    return [f"{len(same)} files: {first}"]


def _balance_lines(
    reading: Mapping[str, Any], geocoding: Mapping[str, Any], checked: Mapping[str, Any]
) -> list[str]:
    places = checked["first_rejected"]
    rows = [
        ("rows were read", reading["rows_read"]),
        ("lie in the area", geocoding["inside"]),
        ("are of another period or force", reading["out_of_period"]),
        ("are of another kind of file", reading["rows_other_kind"]),
        *(
            (schema.REJECT_REASONS[reason] + _where(reason, places.get(reason, []), count), count)
            for reason, count in checked["rejected"].items()
        ),
    ]
    shown = [(f"{count:,}", text) for text, count in rows if count or text == "lie in the area"]
    return ["", "Where every row went", *_table(shown, right=(0,), indent=2)]


def _where(reason: str, places: Sequence[Mapping[str, Any]], count: int) -> str:
    """Name the first rows; not those that only lie elsewhere, which are no fault."""
    if reason == "outside_area" or not places:
        return ""
    rows: dict[str, list[str]] = {}
    for place in places:
        rows.setdefault(place["source"], []).append(f"{place['row']:,}")
    told = "; ".join(
        f"{name} row{'s' if len(found) > 1 else ''} {', '.join(found)}" for name, found in rows.items()
    )
    return f" ({told}{', ...' if count > len(places) else ''})"


def _location_lines(geocoding: Mapping[str, Any]) -> list[str]:
    rows = [
        ("located", _rate(geocoding["hit_rate"])),
        *((f"by {level}", f"{n:,}") for level, n in geocoding["by_level"].items() if n and level != "none"),
        ("in the LSOA that the row states", _rate(_agreement(geocoding["agreement"]))),
    ]
    return ["", "How incidents were located", columns_text(rows, indent=2)]


def _theme_lines(themes: Sequence[Mapping[str, Any]]) -> list[str]:
    head = ("theme", "in the area", "located")
    rows = [
        (
            one["theme"],
            f"{one['inside']:,}",
            _rate(one["hit_rate"]) if one["hit_rate"]["total"] else "no incident",
        )
        for one in themes
    ]
    lines = ["", "Themes", *_table([head, *rows], right=(1,), indent=2)]
    unsure = [one for one in themes if one["unlocated_by_month"]]
    if unsure:
        lines += ["", "Incidents that no map shows, because nothing says where they were"]
        lines += [f"  {one['theme']}: {_unmapped_words(one)}" for one in unsure]
        lines += ["", "Could the unmapped change which ward leads?"]
        lines += [f"  {one['theme']}: {one['bounds']['words']}" for one in unsure]
    return lines


def _unthemed_lines(counts: Mapping[str, int]) -> list[str]:
    """List the crime types that only "all" counts, so that a name that a theme should know is seen."""
    if not counts:
        return []
    rows = [(f"{n:,}", kind or "without a crime type") for kind, n in list(counts.items())[:_SHOWN_TYPES]]
    more = len(counts) - len(rows)
    rest = [f"  and {counted(more, 'more type')}"] if more else []
    return ["", "In no theme (--theme-rules can change that)", *_table(rows, right=(0,), indent=2), *rest]


def _unmapped_words(quality: Mapping[str, Any], *, most_months: int | None = None) -> str:
    """Say how many incidents of a theme have no place, by month; "" if none or if it may not be told."""
    months = quality.get("unlocated_by_month") or {}
    if not months:
        return ""
    if most_months is not None and len(months) > most_months:
        return f"{sum(months.values()):,} unmapped in {len(months)} months"
    by_month = ", ".join(f"{count:,} in {month}" for month, count in months.items())
    return f"{sum(months.values()):,} unmapped: {by_month}"


def _theme_summary(theme: Mapping[str, Any], quality: Mapping[str, Any]) -> str:
    count = "withheld" if theme["total"] is None else f"{theme['total']:,}"
    parts = [
        text for text in (f"{theme['name']}: {count}", _unmapped_words(quality, most_months=_SHOWN)) if text
    ]
    if theme["withheld"]:
        return f"{'; '.join(parts)}. {theme['withheld']}"
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
    if rate["rate"] == 1:
        return f"all {rate['total']:,}"
    low, high = f"{rate['low']:.1%}", f"{rate['high']:.1%}"
    return f"{rate['rate']:.1%} of {rate['total']:,} (95 % interval {low} to {high})"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _SHOWN else f"{len(names)} files, {names[0]} to {names[-1]}"


def _span(months: Sequence[str]) -> str:
    if not months:
        return "none"
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def _visible(delimiter: str) -> str:
    return {"\t": "tab"}.get(delimiter, delimiter)


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  - {line}" for line in dict.fromkeys(lines))] if lines else []


def columns_text(rows: Iterable[tuple[str, str]], *, indent: int = 0) -> str:
    rows = list(rows)
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{' ' * indent}{label:<{width}}  {text}" for label, text in rows)


def _table(rows: Sequence[Sequence[str]], *, right: Iterable[int] = (), indent: int = 0) -> list[str]:
    """Align columns; `right` names those of numbers."""
    rightmost = set(right)
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        (
            " " * indent
            + "  ".join(
                cell.rjust(width) if k in rightmost else cell.ljust(width)
                for k, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        ).rstrip()
        for row in rows
    ]
