"""
Derive deprivation and ages by area, which say what wards are alike in.

Run it with `python data/makers/derive_deprivation.py`. It writes
deprivation.csv into data/: the Indices of Deprivation 2025 and the age groups of the
census 2021 for every LSOA and ward; and deprivation_deciles.csv: the deciles of England
in which each LSOA lies, domain by domain.

LSOAs of 2021 have their published scores. A ward, or an LSOA of 2011 that was
split, has the mean over its residents: each LSOA counts by its residents, and
for wards by the labelled points (postcodes and output-area centres) that it
has in the ward. The crime domain is left out: wards alike in crime would make
every ward look ordinary beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent.parent
SOURCE = HERE.parent.parent / "shared" / "derby"
DOMAINS = {
    "IMD_score": "imd",
    "Income_score": "income",
    "Employment_score": "employment",
    "Education_score": "education",
    "Health_score": "health",
    "Housing_and_Services_score": "housing_and_services",
    "Environment_score": "environment",
}
AGES = {
    "under_16": "Aged 15 years and under",
    "aged_16_24": "Aged 16 to 24 years",
    "aged_65_over": "Aged 65 years and over",
}
PUBLISHED = "indices of deprivation 2025, census 2021"
MEAN = "mean over residents of the LSOAs' figures"


def read_figures(source: Path) -> pd.DataFrame:
    """Read scores and shares of ages, with residents, by the code of the LSOA of 2021."""
    folder = source / "statistics"
    scores = pd.read_csv(folder / "imd2025_england_lsoa21_derby.csv").set_index("lsoa21_code")
    ages = pd.read_csv(folder / "census2021_age_groups_lsoa21.csv")
    groups = ages.pivot(index="lsoa21_code", columns="age_group", values="usual_residents")
    residents = groups.sum(axis=1)
    shares = pd.DataFrame({name: groups[group] / residents for name, group in AGES.items()})
    figures = scores[list(DOMAINS)].rename(columns=DOMAINS).join(shares)
    return figures.assign(residents=residents).sort_index()


def decile_table(source: Path) -> pd.DataFrame:
    """Give the published deciles (1: the most deprived tenth) of LSOAs of 2021, and of 2011 if kept."""
    folder = source / "statistics"
    published = pd.read_csv(folder / "imd2025_england_lsoa21_derby.csv").rename(
        columns={"lsoa21_code": "code"}
    )
    names = {column.replace("_score", "_decile"): name for column, name in DOMAINS.items() if name != "imd"}
    deciles = published[["code", *names]].rename(columns=names)
    points = pd.read_csv(source / "area_points.csv.gz")
    parts = [deciles.assign(vintage=v) for v in ("lsoa_2011", "lsoa_2021")]
    table = pd.concat(part[part["code"].isin(points[v])] for part in parts for v in part["vintage"].unique())
    return table[["vintage", "code", *names.values()]].sort_values(["vintage", "code"])


def mean_by(figures: pd.DataFrame, pieces: pd.Series) -> pd.DataFrame:
    """
    Average LSOAs over the areas that hold them.

    Parameters
    ----------
    figures : DataFrame
        By LSOA, with `residents`.
    pieces : Series
        Share of an LSOA in an area, indexed by (lsoa, area).
    """
    columns = [*DOMAINS.values(), *AGES]
    lsoa, area = pieces.index.get_level_values(0), pieces.index.get_level_values(1)
    weight = pieces.to_numpy() * figures["residents"].reindex(lsoa).to_numpy()
    weighted = figures[columns].reindex(lsoa).mul(weight, axis=0)
    total = pd.Series(weight).groupby(area.to_numpy()).sum()
    return weighted.groupby(area.to_numpy()).sum().div(total, axis=0).rename_axis("code")


def deprivation_table(source: Path) -> pd.DataFrame:
    """Put the figures of both levels and both vintages under one another."""
    figures = read_figures(source)
    points = pd.read_csv(source / "area_points.csv.gz")
    parts = [
        figures.drop(columns="residents").rename_axis("code").assign(vintage="lsoa_2021", basis=PUBLISHED)
    ]
    for vintage in ("lsoa_2011", "ward_2003", "ward_2023"):
        count = points.groupby(["lsoa_2021", vintage]).size()
        parts.append(
            mean_by(figures, count / count.groupby(level=0).sum()).assign(vintage=vintage, basis=MEAN)
        )
    table = pd.concat(part.reset_index() for part in parts).sort_values(["vintage", "code"])
    # An LSOA that was kept unchanged is averaged with nothing.
    table.loc[table.code.isin(figures.index), "basis"] = PUBLISHED
    columns = [*DOMAINS.values(), *AGES]
    return table[["vintage", "code", *columns, "basis"]].round(dict.fromkeys(columns, 4))


def main(arguments: Sequence[str] | None = None) -> None:
    """Derive the tables and write them."""
    parser = argparse.ArgumentParser(description="Derive deprivation and ages by area that ship in data/.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder with the reference data")
    parser.add_argument("--out", type=Path, default=HERE, help="where the table goes")
    chosen = parser.parse_args(arguments)
    table = deprivation_table(chosen.source)
    table.to_csv(chosen.out / "deprivation.csv", index=False, lineterminator="\n")
    deciles = decile_table(chosen.source)
    deciles.to_csv(chosen.out / "deprivation_deciles.csv", index=False, lineterminator="\n")
    for name, rows in (("deprivation.csv", table), ("deprivation_deciles.csv", deciles)):
        print(f"{chosen.out / name}: {len(rows)} rows")  # noqa: T201


if __name__ == "__main__":
    main()
