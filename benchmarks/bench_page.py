"""
Size and speed of the map page, in a Chromium without a network.

Two inputs: Derby in 2025, and the same rows drawn again onto the same map
points and months until they are 95,000. Prints the page's size, the time to
write it, first paint, the time until it is ready, and the slowest change of
theme and month for each level of areas.

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

from hotspots import read_incidents
from hotspots.analysis import analyse
from hotspots.pages import map_page
from hotspots.reading.incidents import Incidents
from hotspots.release.release import Release
from hotspots.settings import Settings

SHARED = Path(__file__).resolve().parents[2] / "shared" / "derby"
ROWS = 95_000
REPEATS = 3
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Megabytes and seconds until ready that the page must keep to.
GOALS = {"Derby 2025": (1.5, 3.0), f"{ROWS:,} incidents": (2.5, 3.0)}
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
    }
    return {title: _report(title, release) for title, release in releases.items()}


def _repeated(incidents: Incidents, lsoas: pd.Index) -> Incidents:
    """Draw the city's rows with replacement, each with the month of another, until there are enough."""
    random = np.random.default_rng(0)
    inside = incidents.frame[incidents.frame["stated_lsoa"].isin(lsoas)]
    rows = inside.iloc[random.integers(len(inside), size=ROWS)].reset_index(drop=True)
    months = inside["month"].iloc[random.integers(len(inside), size=ROWS)].reset_index(drop=True)
    return replace(incidents, frame=rows.assign(month=months))


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
    print(f"  ready              {figures['ready ms']:8.0f} ms (goal: {1000 * ready:.0f})")
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
    opened.goto("about:blank")
    opened.goto(path.as_uri())
    opened.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return {
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
