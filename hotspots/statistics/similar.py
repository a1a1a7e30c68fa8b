"""The wards most like a ward, by who lives there: company for a figure, never an excuse for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError

SIMILAR_COLUMNS: Final = ("code", "place", "similar_code", "similar_name", "distance", "alike_in")
#: Figures named as what two wards are most alike in.
_NAMED: Final = 2
#: What the columns of data/deprivation.csv, and those made from the census, are called in a sentence.
WORDS: Final = {
    "imd": "deprivation",
    "income": "income deprivation",
    "employment": "employment deprivation",
    "education": "education deprivation",
    "health": "health deprivation",
    "housing_and_services": "barriers to housing and services",
    "environment": "living environment",
    "under_16": "share aged under 16",
    "aged_16_24": "share aged 16 to 24",
    "aged_65_over": "share aged 65 and over",
    "household_size": "residents a household",
    "residents_per_km2": "residents per km2",
}


def ward_figures(areas: pd.DataFrame, deprivation: pd.DataFrame) -> pd.DataFrame:
    """
    Put census and deprivation figures of the same areas side by side.

    Parameters
    ----------
    areas : DataFrame
        By code: residents, households, area_km2.
    deprivation : DataFrame
        By code: any of the columns of data/deprivation.csv that are numbers.

    Returns
    -------
    DataFrame
        By code, in the order of `areas`; `imd` is left out, as its parts are there.
    """
    numbers = deprivation.select_dtypes("number").drop(columns="imd", errors="ignore")
    residents = areas["residents"].astype(float)
    made = pd.DataFrame(
        {
            "household_size": residents / areas["households"].where(areas["households"] > 0),
            "residents_per_km2": residents / areas["area_km2"].where(areas["area_km2"] > 0),
        }
    )
    return made.join(numbers)


def similar_wards(figures: pd.DataFrame, *, names: pd.Series, number: int = 3) -> pd.DataFrame:
    """
    Find for every ward the others most like it.

    Each figure is put on one scale (mean 0, standard deviation 1 over the
    wards) and the distance is the root mean square of the differences: 0 is
    equal in all, 1 is one standard deviation apart in each on average, about
    1.4 is as far as two wards picked at random. A ward unlike all others has
    neighbours too; the distance says so.

    Parameters
    ----------
    figures : DataFrame
        By code; figures only, none of them about crime.
    names : Series
        By code.
    number : int, default 3
        Fewer are given where there are fewer wards.

    Returns
    -------
    DataFrame
        The columns of `SIMILAR_COLUMNS`, nearest first: code, place (1, 2, 3), the
        similar ward's code and name, distance, alike_in (the two figures in which
        they differ least). Wards with a figure missing take no part.

    Raises
    ------
    ParameterError
        If `number` is below 1 or there is no figure.
    """
    if number < 1:
        raise ParameterError(f"{number} similar wards are asked for: give at least 1.")
    if not figures.shape[1]:
        raise ParameterError("There is no figure to compare wards by: give census or deprivation figures.")
    known = figures.dropna().sort_index()
    if len(known) < 2:
        return pd.DataFrame(columns=list(SIMILAR_COLUMNS))
    from sklearn.neighbors import NearestNeighbors
    from sklearn.preprocessing import StandardScaler

    # Rounded, so that the last bit never decides between equals.
    scaled = np.round(StandardScaler().fit_transform(known.to_numpy(float)), 9)
    nearest = NearestNeighbors(n_neighbors=min(number, len(known) - 1)).fit(scaled)
    # Without an argument a row is not its own neighbour, even where two are equal.
    apart, which = nearest.kneighbors()
    rows = [
        {
            "code": known.index[row],
            "place": place + 1,
            "similar_code": known.index[other],
            "similar_name": names.get(known.index[other], known.index[other]),
            "distance": float(apart[row, place]) / np.sqrt(known.shape[1]),
            "alike_in": _alike(np.abs(scaled[row] - scaled[other]), known.columns),
        }
        for row in range(len(known))
        for place, other in enumerate(which[row])
    ]
    return pd.DataFrame(rows, columns=list(SIMILAR_COLUMNS))


def _alike(apart: np.ndarray, columns: Sequence[str]) -> str:
    """Name the figures that differ least."""
    order = np.argsort(apart, kind="stable")[:_NAMED]
    return " and ".join(WORDS.get(columns[place], columns[place].replace("_", " ")) for place in order)
