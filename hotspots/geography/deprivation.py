"""Deprivation of the areas that ship, without its crime domain: who lives there, never what happens there."""

from __future__ import annotations

from typing import Final

import pandas as pd

from hotspots.resources import shipped

SOURCE: Final = (
    "Deprivation: English Indices of Deprivation 2025. Contains public sector information licensed under the "
    "Open Government Licence v3.0."
)


def deprivation_scores(areas: pd.DataFrame) -> pd.DataFrame:
    """
    Give scores and shares of ages of areas that ship; see data/README.md.

    Parameters
    ----------
    areas : DataFrame
        Indexed by code, with `vintage`.

    Returns
    -------
    DataFrame
        By code, the columns of data/deprivation.csv; NaN where an area is not known.
    """
    known = pd.read_csv(shipped("data", "deprivation.csv"))
    return _of(known, areas).drop(columns="basis")


def deprivation_deciles(areas: pd.DataFrame) -> pd.DataFrame:
    """
    Give the decile of England in which each LSOA lies, by domain; 1 is the most deprived tenth.

    Parameters
    ----------
    areas : DataFrame
        LSOAs indexed by code, with `vintage`.

    Returns
    -------
    DataFrame
        code and a column for each of `schema.DEPRIVATION`; rows of LSOAs with published deciles alone.
    """
    known = pd.read_csv(shipped("data", "deprivation_deciles.csv"))
    return _of(known, areas).dropna().astype("int64").rename_axis("code").reset_index()


def _of(known: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    vintage = known["vintage"].isin(areas["vintage"].unique())
    return known[vintage].drop(columns="vintage").set_index("code").reindex(areas.index)
