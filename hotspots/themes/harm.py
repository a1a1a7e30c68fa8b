"""
Weigh incidents by the harm of their offence, beside counting them.

Two indices ship with the project and disagree by theme; neither has a weight
for anti-social behaviour. Where only police.uk's category is known, the weight
is an average over the offences that the category mixes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ConfigError, ParameterError
from hotspots.resources import shipped
from hotspots.text import counted
from hotspots.themes.offences import code_within, distinct_rows, normalise_code, normalise_type

_COLUMNS: Final = ("index", "kind", "key", "offence", "weight", "share", "edition", "unit", "source")
_TEXTS: Final = [name for name in _COLUMNS if name not in ("weight", "share")]


@dataclass(frozen=True)
class HarmIndex:
    """
    Weights of one index.

    Attributes
    ----------
    name, edition, unit, source : str
        "cambridge" or "ons", its full name with the year, what a weight
        counts, and who published it.
    codes : dict of str to float
        Weight of an offence code, normalised.
    types : dict of str to float
        Weight of a police.uk category, normalised; an average where it mixes offences.
    """

    name: str
    edition: str
    unit: str
    source: str
    codes: dict[str, float]
    types: dict[str, float]

    def weight(self, crime_type: str, code: str) -> float:
        """Return the weight of an offence code, else of its category, else NaN; both as files have them."""
        normal = normalise_code(code)
        if normal and code_within(normal, self.codes):
            return self.codes.get(normal, self.codes.get(normal.partition("/")[0], np.nan))
        return self.types.get(normalise_type(crime_type), np.nan)


def load_harm(index: str = "cambridge", path: Path | str | None = None) -> HarmIndex:
    """
    Read the weights of a harm index.

    Parameters
    ----------
    index : {"cambridge", "ons"}
        Which one.
    path : Path or str, optional
        A table shaped like data/harm_weights.csv; the shipped one when left out.

    Raises
    ------
    ParameterError
        If the index is not in the table.
    ConfigError
        If the table cannot be used: one error lists every fault.

    References
    ----------
    Sherman, L., Neyroud, P. W. and Neyroud, E. (2016). The Cambridge Crime Harm
    Index. Policing 10(3), 171-183.
    Office for National Statistics. Crime Severity Score.
    """
    source = Path(path) if path is not None else shipped("data", "harm_weights.csv")
    table = _read_table(source)
    known = tuple(table["index"].drop_duplicates())
    if index not in known:
        raise ParameterError(f"There is no harm index {index!r}; choose {' or '.join(known)}.")
    rows = table[table["index"] == index]
    first = rows.iloc[0]
    return HarmIndex(
        name=index,
        edition=first["edition"],
        unit=first["unit"],
        source=first["source"],
        codes=_weights(rows[rows["kind"] == "code"]),
        types=_weights(rows[rows["kind"] == "type"]),
    )


def harm_scores(incidents: pd.DataFrame, index: str | HarmIndex = "cambridge") -> pd.Series:
    """
    Weigh each incident by the harm of its offence.

    Parameters
    ----------
    incidents : DataFrame
        With `crime_type` and `offence_code`.
    index : {"cambridge", "ons"} or HarmIndex
        Days of imprisonment, or the ONS severity weight.

    Returns
    -------
    Series of float
        Index as `incidents`, named `harm`; NaN where the index has no weight.
    """
    weights = _index(index)
    kinds, kind_of = distinct_rows(incidents, ("crime_type", "offence_code"))
    scores = np.array([weights.weight(*kind) for kind in kinds], dtype=float)
    return pd.Series(scores[kind_of], index=incidents.index, name="harm")


def harm_words(incidents: pd.DataFrame, index: str | HarmIndex = "cambridge") -> str:
    """Say for the page what the harm figures rest on: index, edition, and how many incidents it covers."""
    weights = _index(index)
    known = harm_scores(incidents, weights).notna().to_numpy()
    kinds, kind_of = distinct_rows(incidents, ("crime_type", "offence_code"))
    by_code = np.array([code_within(normalise_code(code), weights.codes) for _, code in kinds], dtype=bool)
    size = max(len(incidents), 1)
    covered, exact = 100 * known.sum() / size, 100 * by_code[kind_of].sum() / size
    return (
        f"{weights.edition} ({weights.unit}): {covered:.0f} % of the incidents carry a weight, {exact:.0f} % "
        f"by their offence code and {covered - exact:.0f} % by their category, which is an average over "
        "an assumed mix of offences. Anti-social behaviour carries none. Harm stands beside the count, "
        "not in its place."
    )


def _index(index: str | HarmIndex) -> HarmIndex:
    return index if isinstance(index, HarmIndex) else load_harm(index)


def _weights(rows: pd.DataFrame) -> dict[str, float]:
    """Average the weights of each key over the shares of its offences."""
    sums = (rows["weight"] * rows["share"]).groupby(rows["normal"]).sum()
    return dict(zip(map(str, sums.index), map(float, sums), strict=True))


def _read_table(source: Path) -> pd.DataFrame:
    """Read and check a table of weights, and add each key in its normal form."""
    try:
        table = pd.read_csv(source, dtype=dict.fromkeys(_TEXTS, str), encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{source.name} cannot be read as CSV: {error}. Correct the file.") from error
    missing = [name for name in _COLUMNS if name not in table]
    if missing:
        raise ConfigError(f"{source.name} lacks the columns {', '.join(missing)}. Add them.")
    table["normal"] = [
        normalise_code(key) if kind == "code" else normalise_type(key)
        for kind, key in table[["kind", "key"]].fillna("").itertuples(index=False)
    ]
    faults = _faults(table)
    if faults:
        raise ConfigError(
            f"{source.name} has {counted(len(faults), 'fault')}: {'; '.join(faults)}. Correct the file."
        )
    return table


def _faults(table: pd.DataFrame) -> list[str]:
    """List what is wrong with the rows of a table of weights."""
    faults = []
    for name in ("weight", "share"):
        numbers = pd.to_numeric(table[name], errors="coerce")
        bad = table.index[~(numbers >= 0)]
        faults += [f"line {row + 2}: {name} is not a number of 0 or more" for row in bad]
    faults += [f"line {row + 2}: a text is missing" for row in table.index[table[_TEXTS].isna().any(axis=1)]]
    strange = table.index[~table["kind"].isin(["code", "type"]) & table["kind"].notna()]
    faults += [f"line {row + 2}: kind is not code or type" for row in strange]
    if faults:
        return faults
    keys = table[["index", "kind", "normal"]].agg(" ".join, axis=1)
    sums = table["share"].groupby(keys).sum()
    return [
        f"the shares of {key} sum to {share:g} and not to 1"
        for key, share in sums.items()
        if abs(share - 1) > 1e-6
    ]
