"""
Size and speed of the map page, in a Chromium without a network.

Three inputs: Derby in 2025; the same rows drawn again onto the same map points
and months until they are 95,000; and a city of four Derbys side by side over
five years, 72 wards, 608 LSOAs and 60 months. Prints the page's size, the time
to write it, first paint, the seconds that scripts take until it is ready, the
time until then, and the slowest change of theme and month for each level.

    python -m benchmarks page
"""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from hotspots import read_incidents
from hotspots.analysis import analyse
from hotspots.months import comparable_periods, period_words
from hotspots.pages import map_page
from hotspots.reading.incidents import Incidents
from hotspots.release.release import Release
from hotspots.settings import Settings

SHARED = Path(__file__).resolve().parents[2] / "shared" / "derby"
ROWS = 95_000
REPEATS = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BIG = "608 LSOAs, 60 months"
#: Megabytes, and seconds of scripts until ready, that the page must keep to.
GOALS = {"Derby 2025": (0.9, 0.5), f"{ROWS:,} incidents": (1.0, 0.5), BIG: (1.5, 0.5)}
#: Metres from one Derby of the big city to the next.
APART = 14_000
#: Make one choice; give the milliseconds to the end of layout.
CHANGE = """change => {
  const start = performance.now();
  Hotspots.state.update(change);
  document.body.getBoundingClientRect();
  return performance.now() - start;
}"""


def main(folder: Path = SHARED / "police") -> dict[str, dict[str, float]]:
    """Print one table per input; return its figures by input and line."""
    incidents = read_incidents(sorted(folder.glob("2025-*-derbyshire-street.csv*")))
    settings = Settings(boundaries=SHARED / "boundaries")
    city = analyse(incidents, settings=settings)
    releases = {
        "Derby 2025": city.release(),
        f"{ROWS:,} incidents": analyse(
            _repeated(incidents, city.areas.lsoas.index), settings=settings
        ).release(),
        BIG: big_city(city.release()),
    }
    return {title: _report(title, release) for title, release in releases.items()}


def _repeated(incidents: Incidents, lsoas: pd.Index) -> Incidents:
    """Draw the city's rows with replacement, each with the month of another, until there are enough."""
    random = np.random.default_rng(0)
    inside = incidents.frame[incidents.frame["stated_lsoa"].isin(lsoas)]
    rows = inside.iloc[random.integers(len(inside), size=ROWS)].reset_index(drop=True)
    months = inside["month"].iloc[random.integers(len(inside), size=ROWS)].reset_index(drop=True)
    return replace(incidents, frame=rows.assign(month=months))


def big_city(release: Release, *, copies: int = 4, years: int = 5) -> Release:
    """Lay copies of a city side by side, and its year behind itself."""
    year = int(release.months[0][:4])
    moved = {month: [f"{year + k}{month[4:]}" for k in range(years)] for month in release.months}

    def beside(frame: Any, k: int) -> Any:
        changes: dict[str, Any] = {}
        for column in ("code", "ward_codes", "lsoa_codes", "name", "cluster", "part_of", "beat"):
            if column in frame:
                changes[column] = frame[column].map(lambda text: _copied(text, k))
        if "order" in frame and "theme" in frame:
            changes["order"] = frame["order"] + k * int(frame["order"].max())
        if "geometry" in frame:
            shift = (k % 2 * APART, k // 2 * APART)
            changes["geometry"] = frame.geometry.translate(*shift)
        found = frame.assign(**changes)
        named = frame.index.name == "code"
        return (
            found.set_axis([_copied(code, k) for code in found.index]).rename_axis("code") if named else found
        )

    def laid(frame: Any) -> Any:
        return pd.concat([beside(frame, k) for k in range(copies)], ignore_index=frame.index.name != "code")

    def long(frame: pd.DataFrame) -> pd.DataFrame:
        whole = frame["month"].eq("")
        parts = [frame[whole].assign(count=frame["count"] * years)] if whole.any() else []
        parts += [
            frame[~whole].assign(month=frame["month"].map(lambda m, k=k: moved.get(m, [m] * years)[k]))
            for k in range(years)
        ]
        return pd.concat(parts, ignore_index=True)

    frames = (
        "wards",
        "lsoas",
        "results",
        "priority",
        "clusters",
        "bands",
        "streets",
        "beats",
        "beat_details",
    )
    clusters = laid(release.clusters)
    monthly = clusters["monthly"].map(lambda text: ";".join([text] * years))
    months = tuple(sorted(month for listed in moved.values() for month in listed))
    return replace(
        release,
        months=months,
        period_text=period_words(months),
        counts=long(laid(release.counts)),
        unusual_months=long(laid(release.unusual_months)),
        compared=comparable_periods(months),
        outline=shapely.union_all(laid(release.wards).geometry.to_numpy()),
        **{name: laid(getattr(release, name)) for name in frames if name != "clusters"},
        clusters=clusters.assign(monthly=monthly),
    )


def _copied(text: str, k: int) -> str:
    """Name the k-th copy: codes stay as long as they are, and names like "Abbey" tell their city."""
    if not text or not k:
        return text
    parts = [f"{part[0]}{k}{part[2:]}" if part[1:].isdigit() else f"{part} {k}" for part in text.split(";")]
    return ";".join(parts)


def _report(title: str, release: Release) -> dict[str, float]:
    began = time.perf_counter()
    text = map_page.render(release)
    rendering = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.html"
        path.write_text(text, encoding="utf-8")
        size = path.stat().st_size / 1e6
        figures = {"megabytes": size, "render s": rendering, **_seen(path)}
    most, ready = GOALS[title]
    total = release.themes[0].total
    print(f"{title}: {total:,} incidents in {release.area_name}")
    print(f"  size               {size:8.2f} MB (goal: {most})")
    print(f"  written in         {rendering:8.2f} s")
    print(f"  first paint        {figures['first paint ms']:8.0f} ms (goal: 1000)")
    print(f"  scripts until ready{figures['script ms']:8.0f} ms (goal: {1000 * ready:.0f})")
    print(f"  ready              {figures['ready ms']:8.0f} ms")
    for level in ("ward", "lsoa"):
        for kind in ("theme", "month"):
            slowest = figures[f"{level} {kind} ms"]
            print(f"  change of {kind:<6}{level:<5}{slowest:6.0f} ms at most (goal: 100)")
    return figures


def _seen(path: Path) -> dict[str, float]:
    """Open the page as a viewer does; the best of some repeats, as other work on the machine only adds."""
    from playwright.sync_api import sync_playwright

    executable = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if executable is None:
        raise SystemExit("This benchmark needs Chromium: apt-get install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
        opened = context.new_page()
        loads = [_load(opened, path) for _ in range(REPEATS)]
        changes = [_changes(opened) for _ in range(REPEATS)]
        browser.close()
    return {name: min(run[name] for run in loads) for name in loads[0]} | {
        name: min(run[name] for run in changes) for name in changes[0]
    }


def _load(opened: Any, path: Path) -> dict[str, float]:
    session = opened.context.new_cdp_session(opened)
    session.send("Performance.enable")
    opened.goto("about:blank")
    opened.goto(path.as_uri())
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    opened.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return {
        "script ms": 1000 * found["ScriptDuration"],
        "layout ms": 1000 * (found["LayoutDuration"] + found["RecalcStyleDuration"]),
        "first paint ms": opened.evaluate(paint),
        "ready ms": opened.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"),
    }


def _changes(opened: Any) -> dict[str, float]:
    """Choose every theme and every month at each level; give the slowest of each."""
    themes = opened.evaluate("Hotspots.data.themes.map(theme => theme.slug)")
    months = range(len(opened.evaluate("Hotspots.data.months")))
    wanted: dict[str, list[dict[str, Any]]] = {
        "theme": [{"theme": slug} for slug in [*themes[1:], themes[0]]],
        "month": [{"from": month, "to": month} for month in months],
    }
    slowest = {}
    for level in ("ward", "lsoa"):
        opened.evaluate(CHANGE, {"level": level})
        for kind, choices in wanted.items():
            slowest[f"{level} {kind} ms"] = max(_chosen(opened, choice) for choice in choices)
        opened.evaluate(CHANGE, {"from": 0, "to": len(months) - 1})
    return slowest


def _chosen(opened: Any, choice: dict[str, Any]) -> float:
    # The picture of the choice before is painted in this pause, not in the time that is measured.
    opened.wait_for_timeout(50)
    return float(opened.evaluate(CHANGE, choice))


if __name__ == "__main__":
    main()
