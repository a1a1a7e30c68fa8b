"""The tables as CSV that spreadsheets open safely."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from hotspots.outputs.tables import all_tables
from hotspots.release.release import Release

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """
    Write a frame as CSV that Excel opens rightly and cannot be made to run.

    UTF-8 with a byte order mark, line feeds, and an apostrophe before any text
    that begins like a formula.
    """
    return _guarded(frame).to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def write_tables(release: Release, folder: Path) -> None:
    """Write the CSV files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in all_tables(release).items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(frame))


def _guarded(frame: pd.DataFrame) -> pd.DataFrame:
    guarded = {}
    for column in frame.columns:
        values = frame[column]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            continue
        texts = values.astype("category").cat
        guarded[column] = texts.rename_categories(_disarmed)
    return frame.assign(**guarded)


def _disarmed(text: object) -> str:
    plain = str(text)
    return "'" + plain if plain.startswith(_FORMULA_STARTS) else plain
