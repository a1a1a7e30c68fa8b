"""
Do shares of outcomes come again in months that were not read? Derby's 2025, every theme and type.

The share of one set of months is a statement about the next. What the other set then
shows is placed in the distribution that the share and its dispersion predict (a
beta-binomial one; a whole number is placed at random within its own chance), and lies
in its middle 95 % that often if the interval is right. Part of `benchmarks.claims`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from hotspots.geography.load import Areas
from hotspots.locating.geocode import geocode
from hotspots.reading.incidents import read_incidents
from hotspots.statistics.footprint import outcome_counts
from hotspots.statistics.shares import share_dispersion
from hotspots.themes.themes import classify, load_themes

ALTERNATING = "alternating"
#: Months that are read and months that test, by number.
SPLITS = {
    ALTERNATING: (slice(0, None, 2), slice(1, None, 2)),
    "halves": (slice(0, 6), slice(6, 12)),
}


def outcome_tables(files: Sequence[Path], areas: Areas) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Count a year's outcomes, and the crimes that have one: groups x (whole, wards) x months."""
    located = geocode(read_incidents(files).frame, areas).frame
    groups = classify(located, load_themes())
    kind = located["crime_type"].astype(object)
    groups = groups.assign(**{str(name): kind.eq(name).to_numpy() for name in sorted(kind.unique())})
    ward = areas.wards.index.get_indexer(located["ward_code"].astype(object))
    crimes, _, by_outcome = outcome_counts(located, groups, ward, areas)
    return {name: (n, crimes) for name, n in by_outcome.items()}


def shares_again(tables: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, dict[str, float]]:
    """Say how often 95 % held, with the variance of chance alone and with that which was learnt."""
    rng, found = np.random.default_rng(8), {}
    for outcome, (n, of) in tables.items():
        for split, (one, other) in SPLITS.items():
            parts = []
            for read, later in ((one, other), (other, one)):
                own = share_dispersion(_rows(n[:, 1:, read]), _rows(of[:, 1:, read]))
                whole = max(own, share_dispersion(n[:, 0, read], of[:, 0, read]))
                parts.append(
                    {
                        f"{level}, {words}": _held(n[:, rows], of[:, rows], read, later, over, rng)
                        for level, rows, learnt in (
                            ("wards", slice(1, None), own),
                            ("whole", slice(0, 1), whole),
                        )
                        for words, over in (("chance", 1.0), ("now", learnt))
                    }
                    | {"dispersion, wards": own, "dispersion, whole": whole}
                )
            found[f"{outcome}, {split}"] = pd.DataFrame(parts).mean().round(3).to_dict()
    return found


def _rows(table: np.ndarray) -> np.ndarray:
    return table.reshape(-1, table.shape[-1])


def _held(
    n: np.ndarray, of: np.ndarray, read: slice, later: slice, over: float, rng: np.random.Generator
) -> float:
    """Say how often later counts lie in the middle 95 % of what the months read predict."""
    from scipy.stats import betabinom

    (seen, crimes), (then, cases) = (
        (_rows(n)[:, part].sum(axis=1), _rows(of)[:, part].sum(axis=1)) for part in (read, later)
    )
    told = (crimes > 0) & (cases > 0)
    seen, crimes, then, cases = (part[told].astype(float) for part in (seen, crimes, then, cases))
    # Half a case either way: the middle of the exact interval.
    share = (seen / over + 0.5) / (crimes / over + 1)
    variance = over * (1 / crimes + 1 / cases)
    alike = np.clip((variance * cases - 1) / np.maximum(cases - 1, 1), 1e-6, 0.999)
    law = betabinom(cases.astype(int), share * (1 / alike - 1), (1 - share) * (1 / alike - 1))
    below, up_to = law.cdf(then - 1), law.cdf(then)
    place = below + rng.random(len(below)) * (up_to - below)
    return float(((place > 0.025) & (place < 0.975)).mean())
