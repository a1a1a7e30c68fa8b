"""
What beats would have held in months that they had not seen: the table of docs/backtest.md.

Derby's 2025 by default; any other months of police.uk files can be named, to
check the procedure on data that nobody looked at while it was made. Needs the
reference data beside the clone. Run it from the clone:

    python -m benchmarks.backtest
    python -m benchmarks.backtest FOLDER 2024-01 2024-12 other-year.md
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hotspots.geography.load import Areas, load_areas
from hotspots.locating.geocode import geocode
from hotspots.months import months_between
from hotspots.places import Places, fold_places
from hotspots.reading.incidents import read_incidents
from hotspots.targeting.backtest import CHOSEN, COUNTED, QUARTIC, BackTest, back_test
from hotspots.targeting.ground import Ground, lay_ground
from hotspots.targeting.history import history_of
from hotspots.targeting.trials import all_candidates
from hotspots.themes.themes import classify, load_themes

CLONE = Path(__file__).resolve().parents[1]
DERBY = CLONE.parent / "shared" / "derby"
#: Slug or crime type, and what it is called here.
THEMES = {
    "all": "all incidents",
    "anti-social-behaviour": "ASB",
    "serious-youth-violence": "knife (weapons, robbery)",
    "drugs-and-alcohol-misuse": "drugs",
    "Burglary": "burglary",
    "Robbery": "robbery",
    "Vehicle crime": "vehicle crime",
    "Violence and sexual offences": "violence",
}
SHARES = (0.01, 0.02, 0.05)
#: Months that are tested at the end of the single split, and months ahead on rolling origins.
AHEAD = 3
ORIGINS = 8

INTRODUCTION = """# What beats would have held

Written by `python -m benchmarks.backtest`; do not edit. {city} from {first} to {last}:
{incidents:,} incidents at {places:,} map points, {area:.1f} km2.

Before each month, only the months before it are known. Each candidate (a score and a kind of shape)
chose beats before each earlier month; the one that held most of them is picked, and counting per cell
of 150 m where nothing held more. **As chosen** grades this whole procedure, picking and every learnt
parameter included. The list of candidates itself is not free of hindsight: counting with discs and the
shrunk count were entered because they had done well in Derby's 2025. Other years and cities are the
stricter test: name their files to the command.

How to read it, and where it misleads:

- PAI is the share of later incidents over the share of the area: at 1 % it is the per cent of
  incidents held. All methods are compared over exactly the same area; the last beat counts in part.
- *gain* is the difference to counting per cell in PAI, ± its standard error (paired bootstrap over the
  counts of a place in a month, 999 draws).
- PEI compares with the best that beats of the same shapes could have held, had the months been known.
  RRI is what was expected over what was recorded in the beats.
- police.uk moves incidents to map points, which favours counting and small shapes: a disc catches a
  whole map point. With exact positions all figures would be lower.
- Origins overlap where more than one month ahead is tested: each month counts several times, and the
  error is too small.
- Drugs and weapons are recorded where police search.
"""


def fold(police: Path, first: str, last: str, areas: Areas) -> Places:
    """Read, locate and fold the incidents, with crime types as themes of their own."""
    incidents = read_incidents((police,), from_month=first, to_month=last)
    located = geocode(incidents.frame, areas).frame
    membership = classify(located, load_themes())
    kinds = {name: located["crime_type"].astype(object).eq(name).to_numpy() for name in THEMES if " " in name}
    kinds |= {
        name: located["crime_type"].astype(object).eq(name).to_numpy() for name in ("Burglary", "Robbery")
    }
    return fold_places(located, membership.assign(**kinds))


def test_themes(
    places: Places, ground: Ground, months: Sequence[str]
) -> Iterator[tuple[str, BackTest, BackTest]]:
    """Give for each theme the single split at the end and the rolling origins, every candidate tried."""
    every = {"shares": SHARES, "candidates": all_candidates(ground), "every": True}
    for theme, name in THEMES.items():
        history = history_of(places, theme, months=months, near=ground.near)
        learning = len(months) - AHEAD - 3
        split = back_test(history, ground, horizons=(AHEAD,), graded=AHEAD, learning=learning, **every)
        rolling = back_test(history, ground, horizons=(AHEAD, 1), graded=ORIGINS, **every)
        yield name, split, rolling


def three_methods(tests: Sequence[tuple[str, BackTest]], *, horizon: int) -> str:
    """Write the procedure beside counting and the quartic kernel, one line for a theme and share."""
    head = (
        "| theme | n | area | as chosen: PAI | count per cell | quartic 200 m | gain | PEI | RRI |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    rows = []
    for name, test in tests:
        for share in SHARES:
            chosen, counted, quartic = (
                test.grade(method, horizon=horizon, share=share) for method in (CHOSEN, COUNTED, QUARTIC)
            )
            gain, error = chosen["gain"] / share, chosen["gain_error"] / share
            cells = [name, f"{chosen['n']:,.0f}", f"{100 * share:.0f} %", f"**{chosen['pai']:.1f}**"]
            cells += [f"{counted['pai']:.1f}", f"{quartic['pai']:.1f}", f"{gain:+.1f} ± {error:.1f}"]
            cells += [f"{chosen['pei']:.2f}", f"{chosen['rri']:.2f}"]
            rows.append(f"| {' | '.join(cells)} |")
    return head + "\n".join(rows)


def all_methods(tests: Sequence[tuple[str, BackTest]], *, horizon: int, share: float) -> str:
    """Write the PAI of every method, a column for a theme."""
    columns = {}
    for name, test in tests:
        table = test.table
        rows = table[table["horizon"].eq(horizon) & table["share"].eq(share)].set_index("method")
        columns[name] = rows["pai"]
    frame = pd.DataFrame(columns)
    lines = [f"| method | {' | '.join(frame.columns)} |", "|---" * (len(frame.columns) + 1) + "|"]
    lines += [
        f"| {method} | {' | '.join(f'{value:.1f}' for value in row)} |"
        for method, row in zip(frame.index, frame.to_numpy(), strict=True)
    ]
    return "\n".join(lines)


def calibration(found: Sequence[tuple[str, BackTest, BackTest]]) -> str:
    """Write how often a beat's count lay in the interval made before it, and what was picked last."""
    lines = [
        f"| theme | one month | by chance | beats | {AHEAD} months ahead | by chance | beats | picked next |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, split, rolling in found:
        cells = [name, *_coverage([rolling], 1), *_coverage([split], AHEAD), str(rolling.candidate)]
        lines.append(f"| {' | '.join(cells)} |")
    one = _coverage([test for _, _, test in found], 1)
    three = _coverage([test for _, test, _ in found], AHEAD)
    lines.append(f"| together | {' | '.join([*one, *three])} | |")
    return "\n".join(lines)


def _coverage(tests: Sequence[BackTest], horizon: int) -> tuple[str, str, str]:
    """Give the share of beats whose count lay in its interval, what it may be by chance, and their number."""
    held = sum(test.coverage * len(test.predicted) for test in tests)
    beats = sum(len(test.predicted) for test in tests)
    drawn = sum(len(test.predicted) * drawn_coverage(test, horizon) for test in tests) / beats
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{held / beats:.3f}", f"{low:.3f} to {high:.3f}", f"{beats:,}"


def drawn_coverage(test: BackTest, horizon: int, *, draws: int = 1000, seed: int = 9) -> np.ndarray:
    """
    Draw the coverage that the very intervals would have had, were the model true.

    A place is a beat at most origins, and months ahead overlap: a beat that was busier than
    expected is missed again and again. So each place keeps its departure over all origins
    (gamma, of the dispersion that was learnt), and each month its count.
    """
    past, rng = test.predicted, np.random.default_rng(seed)
    place = np.unique(past["place"], return_inverse=True)[1]
    month = past["month"].to_numpy(int)[:, None] + np.arange(horizon)
    cell = place[:, None] * (month.max() + 1) + month
    # Origins that see the same month of the same place expect nearly the same.
    total, seen = (
        np.bincount(cell.ravel(), np.repeat(values, horizon), minlength=cell.max() + 1)
        for values in (past["expected"].to_numpy() / horizon, np.ones(len(past)))
    )
    expected, of_place = total / np.maximum(seen, 1), np.arange(len(total)) // (month.max() + 1)
    low, high = past["low"].to_numpy(), past["high"].to_numpy()
    held = np.empty(draws)
    for draw in range(draws):
        lasting = rng.gamma(1 / test.dispersion, test.dispersion, place.max() + 1)
        came = rng.poisson(expected * lasting[of_place])[cell].sum(axis=1)
        held[draw] = ((low <= came) & (came <= high)).mean()
    return held


def write_report(places: Places, ground: Ground, months: Sequence[str], *, city: str) -> str:
    """Run every back-test and write the page."""
    found = list(test_themes(places, ground, months))
    split, rolling = [(n, s) for n, s, _ in found], [(n, r) for n, _, r in found]
    cut = len(months) - AHEAD
    origins = int(rolling[0][1].grade()["origins"])
    introduction = INTRODUCTION.format(
        city=city,
        first=months[0],
        last=months[-1],
        incidents=int(places.frame["n"].sum()),
        places=len(places),
        area=ground.outline.area / 1e6,
    )
    sentences = "\n".join(f"- {name}: {test.sentence('them')}" for name, test in rolling)
    return (
        "\n\n".join(
            [
                introduction.strip(),
                f"## {months[0]} to {months[cut - 1]} known, {months[cut]} to {months[-1]} tested",
                three_methods(split, horizon=AHEAD),
                f"## One month ahead, {origins} origins together",
                three_methods(rolling, horizon=1),
                sentences,
                f"## {AHEAD} months ahead, {origins - AHEAD + 1} origins together",
                three_methods(rolling, horizon=AHEAD),
                f"## Every method at 1 %: PAI of the split, {months[cut]} to {months[-1]}",
                all_methods(split, horizon=AHEAD, share=0.01),
                f"## Every method at 1 %: PAI one month ahead, {origins} origins together",
                all_methods(rolling, horizon=1, share=0.01),
                "## Share of beats whose count lay in the 95 % interval made before",
                "By chance: the middle 95 % of what these intervals would have held, were the model true. "
                "The\nsame places are beats at most origins, and months ahead overlap, so it is wide.",
                calibration(found),
            ]
        )
        + "\n"
    )


def quick_seconds(places: Places, ground: Ground, months: Sequence[str]) -> float:
    """Measure the processor time that a plain run spends on the open themes of the city."""
    start = time.process_time()
    for theme in list(THEMES)[:4]:
        back_test(history_of(places, theme, months=months, near=ground.near), ground)
    return time.process_time() - start


def main(police: str = "", first: str = "2025-01", last: str = "2025-12", page: str = "") -> None:
    """Write the page, print it, and say how long a plain run takes."""
    areas = load_areas(folder=DERBY / "boundaries")
    places = fold(Path(police) if police else DERBY / "police", first, last, areas)
    ground = lay_ground(places.frame, areas.outline)
    months = months_between(first, last)
    text = write_report(places, ground, months, city="Derby")
    (Path(page) if page else CLONE / "docs" / "backtest.md").write_text(text, encoding="utf-8", newline="\n")
    print(text)
    seconds = quick_seconds(places, ground, months)
    print(f"Processor time of a plain run's back-tests, four themes: {seconds:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
