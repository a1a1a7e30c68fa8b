"""
What the record of a run gives away: inputs, hit rates, parameters with too many digits, hidden themes.

The record is read by programs, so it is searched by its keys; its texts are
searched like all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hotspots.auditing.cells import Leak, rounded
from hotspots.auditing.published import Published

_FILE: Final = re.compile(
    r"\.(csv|tsv|txt|xlsx?|ods|zip|gz|parquet|geojson|json|gpkg|shp|db|sqlite)$", re.IGNORECASE
)
_HEADINGS: Final = frozenset({"columns_used", "columns_ignored", "personal_columns", "columns", "headings"})
_DIGESTS: Final = frozenset({"sha256", "digest", "md5", "checksum"})
_HIT_RATES: Final = frozenset({"hit_rate", "hit_rates", "by_level", "by_source", "unlocated_by_month"})
_PARAMETERS: Final = frozenset({"metres", "bandwidth", "eps", "min_samples", "lower", "upper", "radius"})
#: Digits of a figure on a coarse ladder, such as 150, 200, 480.
_LADDER_DIGITS: Final = 2
_COUNT_SECTIONS: Final = ("reading", "rejected", "rejects", "geocoding")
_NO_COUNTS: Final = frozenset({"error_m", "minimum_hit_rate", "rate", "seed", "format"})
_FIGURE: Final = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.]|:\d)")

Path = tuple[str, ...]


def record_leaks(published: Published) -> Iterator[Leak]:
    """Find what run.json and the parameters of shapes give away."""
    entries = [(path, value) for path, value in _walk(dict(published.record)) if path[0] != "outputs"]
    for search in (_inputs, _hit_rates, _ladder, _reasons, _exact, _unlisted):
        yield from search(published, entries)
    yield from _band_limits(published)


def _walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Give every value of a record with the keys that lead to it."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield from _walk(held, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _walk(held, (*path, "[]"))
    elif value is not None and path:
        yield path, value


def _leak(published: Published, kind: str, path: Path, what: str) -> Leak:
    return Leak(kind, published.name, f"run.json {'.'.join(part for part in path if part != '[]')}", what)


def _inputs(published: Published, entries: list[tuple[Path, Any]]) -> Iterator[Leak]:
    """Find names, headings and digests of input files."""
    seen: dict[tuple[str, Path], int] = {}
    for path, value in entries:
        if isinstance(value, str) and _FILE.search(value):
            kind = "input file name"
        elif _HEADINGS & set(path):
            kind = "input heading"
        elif path[-1] in _DIGESTS:
            kind = "input digest"
        else:
            continue
        place = tuple(part for part in path if part != "[]")[:3]
        seen[kind, place] = seen.get((kind, place), 0) + 1
    for (kind, path), number in seen.items():
        yield _leak(published, kind, path, f"{number} {kind}{'s' if number > 1 else ''} of this run.")


def _hit_rates(published: Published, entries: list[tuple[Path, Any]]) -> Iterator[Leak]:
    found = sorted({path[: path.index(key) + 1] for path, _ in entries for key in path if key in _HIT_RATES})
    for path in found:
        words = (
            "How many rows could be located is for internal use: with a total it counts those that were not."
        )
        yield _leak(published, "hit rate", path, words)


def _ladder(published: Published, entries: list[tuple[Path, Any]]) -> Iterator[Leak]:
    """Find parameters that are computed from the incidents and not taken from a coarse ladder."""
    for path, value in entries:
        if path[0] == "themes" and path[-1] in _PARAMETERS and _digits(value) > _LADDER_DIGITS:
            theme = _theme_at(published, path, value)
            yield _leak(
                published, "parameter", path, f"{value!r}{theme} has more than two digits that count."
            )


def _theme_at(published: Published, path: Path, value: Any) -> str:
    """Name the theme whose parameter it is."""
    keys = [part for part in path[1:] if part != "[]"]
    for one in published.record.get("themes", []):
        held: Any = one
        for key in keys:
            held = held.get(key) if isinstance(held, Mapping) else None
        if held == value:
            return f" of {one['slug']}"
    return ""


def _digits(value: Any) -> int:
    """Count the digits of a number that count: 480 has two, 480.49 five."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    plain = f"{abs(float(value)):.12f}".rstrip("0").rstrip(".")
    return len(plain.replace(".", "").strip("0")) if "." in plain else len(plain.strip("0"))


def _reasons(published: Published, entries: list[tuple[Path, Any]]) -> Iterator[Leak]:
    """Find figures in notes, reasons and warnings that are neither released totals nor on a coarse ladder."""
    totals = {f"{count:,.0f}" for count in published.stated.values() if count is not None}
    for path, value in entries:
        words = {"reason", "note", "notes", "warning", "warnings"} & set(path)
        if not words or not isinstance(value, str) or path[0] == "sources":
            continue
        odd = [
            figure
            for figure in _FIGURE.findall(value)
            if figure not in totals and _digits(float(figure.replace(",", ""))) > _LADDER_DIGITS
        ]
        if odd and not re.fullmatch(r"(19|20)\d\d", odd[0]):
            yield _leak(published, "figure in a note", path, f"{odd[0]} is no figure of the tables.")


def _exact(published: Published, entries: list[tuple[Path, Any]]) -> Iterator[Leak]:
    """Find counts in the record that are not rounded."""
    for path, value in entries:
        totals = path[0] == "themes" and path[-1] in ("total", "incidents")
        if not (totals or path[0] in _COUNT_SECTIONS) or _NO_COUNTS & set(path):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if not rounded(value, published.policy):
            yield _leak(published, "count as it was", path, f"{value} is not rounded.")


def _unlisted(published: Published, entries: list[tuple[Path, Any]]) -> Iterator[Leak]:
    """Find themes that the record speaks of without listing them among those that are shown."""
    if not published.themes:
        return
    known = {*published.themes, "all", "combined"}
    found: dict[str, Path] = {}
    for path, value in entries:
        if path[-1] in ("theme", "slug") and isinstance(value, str) and value not in known:
            found.setdefault(value, path)
    for theme, path in found.items():
        yield _leak(
            published, "secret theme", path, f"It speaks of {theme}, which the release does not show."
        )


def _band_limits(published: Published) -> Iterator[Leak]:
    """Find limits of density bands that are not on a coarse ladder."""
    for table in published.tables:
        for column in ("lower", "upper"):
            if column in table.frame and "band" in table.frame:
                values = [float(v) for v in table.frame[column].dropna() if v != ""]
                odd = [value for value in values if _digits(value) > _LADDER_DIGITS]
                if odd:
                    words = f"{len(odd)} limits of bands, such as {odd[0]:g}, have more than two digits."
                    yield Leak("parameter", published.name, f"{table.where} {column}", words)
