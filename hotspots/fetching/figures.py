"""
Residents and households from Nomis, and the Indices of Deprivation, for the layers that were fetched.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots.authorities import Authority, place_folder, quoted_word
from hotspots.errors import DataMissingError, NetworkError
from hotspots.fetching.boundaries import LOOKUP_FILE
from hotspots.fetching.services import Services
from hotspots.fetching.web import Web, remedy, write
from hotspots.text import counted

#: Codes in one request to Nomis: an address of some 1,100 characters.
BATCH: Final = 100
#: Nomis tables in turn, each with what selects all persons or households: census 2021 TS001, then the yearly
#: estimates for small areas, which know wards drawn since (TYPE182 there); census 2021 TS041.
TABLES: Final = {
    "residents": (
        ("NM_2021_1", {"c2021_restype_3": "0"}),
        ("NM_2014_1", {"gender": "0", "c_age": "200"}),
    ),
    "households": (("NM_2059_1", {}),),
}
#: Our columns of the Indices' file 7, by what their headings begin with.
SCORES: Final = {
    "imd": "Index of Multiple Deprivation (IMD) Score",
    "income": "Income Score",
    "employment": "Employment Score",
    "education": "Education, Skills and Training Score",
    "health": "Health Deprivation and Disability Score",
    "barriers": "Barriers to Housing and Services Score",
    "environment": "Living Environment Score",
}
PEOPLE: Final = "Total population"


def fetch_population(
    authority: Authority, *, services: Services, web: Web, folder: Path | None = None
) -> tuple[Path, ...]:
    """
    Fetch residents and households of the fetched wards and LSOAs of an authority from Nomis.

    The 2021 census; wards that were drawn since have yearly estimates of residents and no households.
    `load_areas` reads the file from the folder of the layers.

    Returns
    -------
    tuple of Path
        residents_households.csv: code, residents, households; blank where Nomis has none.

    Raises
    ------
    DataMissingError
        If the layers have not been fetched.
    NetworkError
        If Nomis does not deliver, or has no residents of an LSOA of 2021.
    """
    target = folder or place_folder(authority.code)
    codes = layer_codes(target, authority)
    every = sorted({code for codes_of in codes.values() for code in codes_of})
    columns = {figure: _figure(figure, every, services.address("census"), web) for figure in TABLES}
    table = pd.DataFrame(columns, index=pd.Index(every, name="code")).astype("Int64")
    lacking = table.loc[sorted(codes["lsoas_2021"]), "residents"].isna().sum()
    if lacking:
        raise NetworkError(f"Nomis has no residents of {counted(int(lacking), 'LSOA')}: try again later.")
    known = table[table.notna().any(axis=1)]
    return (write(target / "residents_households.csv", known.to_csv(lineterminator="\n")),)


def layer_codes(folder: Path, authority: Authority) -> dict[str, set[str]]:
    """
    List the codes of the fetched layers by name of the layer.

    Raises
    ------
    DataMissingError
        If the wards or the LSOAs of 2021 are not there.
    """
    import geopandas as gpd

    paths = {path.stem: path for path in sorted(folder.glob("*.geojson"))}
    if "lsoas_2021" not in paths or not any(name.startswith("wards_") for name in paths):
        raise DataMissingError(
            f"The layers of {authority.name} are not at hand: "
            f"run hotspots fetch boundaries --area {quoted_word(authority.name)}."
        )
    found = {}
    for name, path in paths.items():
        kind = "WD" if name.startswith("wards") else "LSOA"
        frame = gpd.read_file(path, engine="pyogrio")
        column = next((one for one in frame.columns if re.fullmatch(rf"{kind}\d\dCD", str(one))), None)
        found[name] = set(frame[column]) if column else set()
    return found


def _figure(figure: str, codes: Sequence[str], service: str, web: Web) -> pd.Series:
    """Give a figure by code from the first table that has it."""
    found = pd.Series(dtype="Int64")
    for table, selection in TABLES[figure]:
        left = [code for code in codes if code not in found.index]
        for start in range(0, len(left), BATCH):
            batch = left[start : start + BATCH]
            found = pd.concat([found, _nomis(f"{service}/{table}.data.csv", batch, selection, web)])
    return found[~found.index.duplicated()]


def _nomis(address: str, codes: Sequence[str], selection: Mapping[str, str], web: Web) -> pd.Series:
    """Ask for one figure of some areas; Nomis leaves areas out that it does not know."""
    parameters = {
        "date": "latest",
        "geography": ",".join(codes),
        "measures": "20100",
        "select": "GEOGRAPHY_CODE,OBS_VALUE",
        **selection,
    }
    text = web.get(address, parameters).text
    if not text.strip():
        return pd.Series(dtype="Int64")
    frame = pd.read_csv(io.StringIO(text))
    if list(frame.columns) != ["GEOGRAPHY_CODE", "OBS_VALUE"]:
        raise NetworkError(f"Nomis answered with another table than was asked for: {remedy('status 400')}.")
    known = frame[frame["GEOGRAPHY_CODE"].isin(codes)].dropna()
    return known.set_index("GEOGRAPHY_CODE")["OBS_VALUE"].astype("Int64")


def read_indices(*, services: Services, web: Web) -> tuple[dict[str, str], ...]:
    """
    Fetch file 7 of the English Indices of Deprivation 2025, a row an LSOA of all England.

    Raises
    ------
    NetworkError
        If the file is not delivered.
    """
    answer = web.get(services.address("deprivation", "2025"))
    answer.encoding = "utf-8-sig"
    return tuple(csv.DictReader(io.StringIO(answer.text)))


def keep_deprivation(
    authority: Authority, indices: Sequence[Mapping[str, str]], *, folder: Path | None = None
) -> tuple[Path, ...]:
    """
    Keep the Indices' scores of the fetched LSOAs of an authority of England, and of their wards.

    A ward has the mean of the LSOAs that lie in it by best fit, weighted by their people.

    Returns
    -------
    tuple of Path
        deprivation.csv in the columns of the shipped one, but for the ages.

    Raises
    ------
    DataMissingError
        If the layers have not been fetched.
    NetworkError
        If the file lacks a column or an LSOA.
    """
    target = folder or place_folder(authority.code)
    lsoas = layer_codes(target, authority)["lsoas_2021"]
    table = _scores(indices, lsoas)
    if len(table) < len(lsoas):
        lacking = counted(len(lsoas) - len(table), "LSOA")
        raise NetworkError(f"The Indices lack {lacking} of {authority.name}: {remedy('status 400')}.")
    lookup = pd.read_csv(target / LOOKUP_FILE, dtype=str)
    ward = table.index.map(dict(zip(lookup["lsoa"], lookup["ward"], strict=True)))
    people, scores = table["people"], table.drop(columns="people")
    wards = scores.mul(people, axis=0).groupby(ward).sum().div(people.groupby(ward).sum(), axis=0)
    both = pd.concat(
        [
            wards.round(3).assign(vintage="ward", basis="mean over people of LSOAs by best fit"),
            scores.assign(vintage="lsoa_2021", basis="as published"),
        ]
    )
    both = both.rename_axis("code").reset_index()[["vintage", "code", *SCORES, "basis"]]
    return (write(target / "deprivation.csv", both.to_csv(index=False, lineterminator="\n")),)


def _scores(rows: Sequence[Mapping[str, Any]], lsoas: set[str]) -> pd.DataFrame:
    """Pick our columns and the authority's rows from file 7."""
    headings = list(rows[0]) if rows else []
    code = next((one for one in headings if one.startswith("LSOA code")), "")
    wanted = {
        ours: next((one for one in headings if one.startswith(theirs)), "")
        for ours, theirs in {**SCORES, "people": PEOPLE}.items()
    }
    if not code or not all(wanted.values()):
        raise NetworkError(f"The file of the Indices has other columns: {remedy('status 400')}.")
    kept = {
        row[code]: {ours: float(row[theirs].replace(",", "")) for ours, theirs in wanted.items()}
        for row in rows
        if row[code] in lsoas
    }
    return pd.DataFrame.from_dict(kept, orient="index").sort_index()
