"""
Derive the figures by area that ship in data/ from the reference data.

Run it with `python data/makers/derive_figures.py`. It writes, beside
this script:

- residents_households.csv: residents and households of every LSOA and ward;
- lsoa_2011_2021.csv: how the LSOAs of 2011 became those of 2021;
- postcode_sectors.csv: the middle of every postcode sector of the DE area.

LSOAs of 2021 have their census figures. An LSOA of 2011 has the sum of the
LSOAs that it became: exact in Derby, where 150 were kept and one was split.
Wards have an estimate: each LSOA's residents and households are shared out
among the wards in proportion to the labelled points (postcodes and output-area
centres) that it has in each. Shares are whole persons and add up to the LSOA.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE.parent.parent / "shared" / "derby"
FIGURES = ("residents", "households")
CENSUS = "census 2021"
SUMMED = "sum of the census 2021 figures of the LSOAs it became"
SHARED = "estimate: census 2021 LSOA figures shared out by postcodes and output areas"


def read_census(source: Path) -> pd.DataFrame:
    """Read residents and households, indexed by the code of the LSOA of 2021."""
    table = pd.read_csv(source / "statistics" / "census2021_residents_households_lsoa21.csv")
    table.columns = pd.Index(["code", "name", *FIGURES])
    return table.set_index("code").sort_index()


def read_changes(source: Path) -> pd.DataFrame:
    """Read what became of each LSOA of 2011: change code U is unchanged, S split, M merged, X reshaped."""
    columns = ["lsoa11_code", "lsoa11_name", "change_code", "lsoa21_code", "lsoa21_name"]
    table = pd.read_csv(source / "lookups" / "lsoa11_lsoa21_ltla22_derby.csv", usecols=columns)
    return table[columns].sort_values(["lsoa11_code", "lsoa21_code"]).reset_index(drop=True)


def sum_by_old_lsoa(census: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Add up the census figures of the LSOAs that each LSOA of 2011 became."""
    inexact = set(changes.change_code) - {"U", "S"}
    if inexact:
        raise SystemExit(f"LSOAs with change code {', '.join(sorted(inexact))} are no sum of those of 2021.")
    joined = changes.join(census[list(FIGURES)], on="lsoa21_code")
    return joined.groupby("lsoa11_code")[list(FIGURES)].sum()


def share_out(total: int, weights: np.ndarray) -> np.ndarray:
    """
    Split a total in proportion to weights into whole numbers that add up to it.

    Largest remainders: round down, then give one to the largest remainders;
    among equals the first.

    Parameters
    ----------
    total : int
        At least 0.
    weights : ndarray of shape (n,)
        At least one above 0.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    exact = total * weights / weights.sum()
    shares = np.floor(exact).astype(int)
    order = np.argsort(shares - exact, kind="stable")
    shares[order[: total - shares.sum()]] += 1
    return shares


def estimate_wards(census: pd.DataFrame, points: pd.DataFrame, ward_column: str) -> pd.DataFrame:
    """Share the figures of the LSOAs out among the wards in proportion to their points."""
    pieces = points.groupby(["lsoa_2021", ward_column]).size()
    totals = {figure: {lsoa: int(n) for lsoa, n in census[figure].items()} for figure in FIGURES}
    rows = []
    for lsoa, counts in pieces.groupby(level=0):
        wards, weights = counts.index.get_level_values(1), counts.to_numpy()
        shares = {figure: share_out(totals[figure][lsoa], weights) for figure in FIGURES}
        rows.append(pd.DataFrame(shares, index=wards))
    return pd.concat(rows).groupby(level=0).sum()


def figures_table(source: Path) -> pd.DataFrame:
    """Put the figures of both levels and both vintages under one another."""
    census, changes = read_census(source), read_changes(source)
    points = pd.read_csv(source / "area_points.csv.gz")
    parts = {
        ("ward_2003", SHARED): estimate_wards(census, points, "ward_2003"),
        ("ward_2023", SHARED): estimate_wards(census, points, "ward_2023"),
        ("lsoa_2011", SUMMED): sum_by_old_lsoa(census, changes),
        ("lsoa_2021", CENSUS): census[list(FIGURES)],
    }
    table = pd.concat(
        part.rename_axis("code").reset_index().assign(vintage=vintage, basis=basis)
        for (vintage, basis), part in parts.items()
    )
    unchanged = changes.loc[changes.change_code == "U", "lsoa11_code"]
    table.loc[(table.vintage == "lsoa_2011") & table.code.isin(unchanged), "basis"] = CENSUS
    return table[["vintage", "code", *FIGURES, "basis"]]


def sector_table(source: Path) -> pd.DataFrame:
    """
    Average the postcodes of each sector ("DE1 2") that have a coordinate.

    The mean counts every live postcode once, so it lies where the addresses
    are and not in the middle of the sector's ground.
    """
    path = source / "postcodes" / "codepointopen_DE_area_raw_2025-11.csv.gz"
    codes = pd.read_csv(path, header=None, usecols=[0, 2, 3], names=["postcode", "easting", "northing"])
    codes = codes[codes.easting > 0]
    sector = codes.postcode.str.replace(" ", "").str[:-2]
    sector = (sector.str[:-1] + " " + sector.str[-1]).rename("sector")
    grouped = codes.groupby(sector)
    table = grouped[["easting", "northing"]].mean().round().astype(int)
    return table.assign(n=grouped.size()).reset_index()


def main(arguments: Sequence[str] | None = None) -> None:
    """Derive the three tables and write them."""
    parser = argparse.ArgumentParser(description="Derive the figures by area that ship in data/.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder with the reference data")
    parser.add_argument("--out", type=Path, default=HERE, help="where the tables go")
    chosen = parser.parse_args(arguments)
    tables = {
        "residents_households.csv": figures_table(chosen.source),
        "lsoa_2011_2021.csv": read_changes(chosen.source),
        "postcode_sectors.csv": sector_table(chosen.source),
    }
    for name, table in tables.items():
        table.to_csv(chosen.out / name, index=False, lineterminator="\n")
        print(f"{chosen.out / name}: {len(table)} rows")  # noqa: T201


if __name__ == "__main__":
    main()
