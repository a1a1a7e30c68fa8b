"""Small inputs in the middle of Derby, made in code for tests of the whole command."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

HEADER = (
    *("Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location"),
    *("LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context"),
)
TYPES = ("Anti-social behaviour", "Drugs", "Possession of weapons", "Burglary")
STREETS = ("Café Row", "Sadler Gate", "Iron Gate", "Friar Lane", "The Strand")
#: Few draws keep the whole command below a second or two; the results stay real.
QUICK = "draws = 20\npermutations = 99\n"


def incident_rows(
    n: int = 240, *, months: tuple[str, ...] = ("2024-01", "2024-02", "2024-03"), seed: int = 1
):
    """Give rows of a police.uk street file: n incidents on 24 map points, most of them in the centre."""
    rng = np.random.default_rng(seed)
    longitudes = -1.4767 + np.round(rng.normal(0, 0.012, 24), 6)
    latitudes = 52.9225 + np.round(rng.normal(0, 0.008, 24), 6)
    spot = np.minimum(rng.geometric(0.15, n) - 1, 23)
    rows = []
    for k, place in enumerate(spot):
        kind = TYPES[int(rng.integers(len(TYPES)))]
        rows.append(
            {
                "Crime ID": "" if kind == TYPES[0] else f"{seed:04x}{k:060x}",
                "Month": months[k % len(months)],
                "Reported by": "Derbyshire Constabulary",
                "Falls within": "Derbyshire Constabulary",
                "Longitude": f"{longitudes[place]:.6f}",
                "Latitude": f"{latitudes[place]:.6f}",
                "Location": f"On or near {STREETS[place % len(STREETS)]}",
                "LSOA code": "",
                "LSOA name": "",
                "Crime type": kind,
                "Last outcome category": "",
                "Context": "",
            }
        )
    return rows


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    """Write rows as a CSV file with the columns of the first."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
