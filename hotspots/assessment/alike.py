"""The authorities most like one, and their rates, from a folder that `hotspots national` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots.audiences import POLICIES
from hotspots.errors import InputError
from hotspots.text import safe_text


def authorities_alike(folder: Path, code: str, *, audience: str) -> list[dict[str, Any]]:
    """
    Name the authorities most like one by people and ground, never by crime.

    Parameters
    ----------
    folder : Path
        Of `hotspots national`.
    code : str
        GSS code of the authority that is assessed.
    audience : str
        Of the assessment: figures of a country made for fewer people must not enter it.

    Returns
    -------
    list of dict
        name, distance (in standard deviations), incidents and rate_per_1000 (NaN where withheld), the
        authority itself first with distance 0; empty where no other is known to be like it.

    Raises
    ------
    InputError
        If the folder is none of `hotspots national`, is for fewer people than the assessment, or
        does not hold the authority.
    """
    _check_audience(folder, audience)
    likes, authorities = (_read(folder, name) for name in ("similar.csv", "authorities.csv"))
    known = authorities.set_index("code")
    if code not in known.index:
        raise InputError(f"{safe_text(str(folder))} does not hold {code}: name a folder that does, or none.")
    mine = likes[likes["code"].eq(code)].assign(order=lambda rows: rows["order"].astype(int))
    mine = mine[mine["similar"].isin(known.index)].sort_values("order")
    if mine.empty:
        return []
    pairs = [(code, 0.0), *zip(mine["similar"], mine["distance"].astype(float), strict=True)]
    return [
        {
            "name": str(known.loc[one, "name"]),
            "distance": distance,
            "incidents": _number(known.loc[one, "incidents"]),
            "rate_per_1000": _number(known.loc[one, "rate_per_1000"]),
        }
        for one, distance in pairs
    ]


def _check_audience(folder: Path, audience: str) -> None:
    name = safe_text(str(folder))
    try:
        theirs = POLICIES[json.loads((folder / "national.json").read_text("utf-8"))["audience"]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(
            f"{name} holds no national.json that can be read: name a folder that `hotspots national` wrote."
        ) from error
    if theirs.minimum < POLICIES[audience].minimum:
        raise InputError(
            f"{name} is for the audience '{theirs.audience}' and the assessment for '{audience}', who may "
            "not see its figures: name a folder that was made for them."
        )


def _read(folder: Path, name: str) -> pd.DataFrame:
    try:
        return pd.read_csv(folder / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        where = safe_text(str(folder / name))
        raise InputError(f"{where} cannot be read: name a folder that `hotspots national` wrote.") from error


def _number(text: str) -> float:
    return float(text) if text else float("nan")
