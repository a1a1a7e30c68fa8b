"""The tables as CSV that spreadsheets open safely."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import pandas as pd

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """
    Write a frame as CSV that Excel opens rightly and cannot be made to run.

    UTF-8 with a byte order mark, line feeds, and an apostrophe before any text
    that begins like a formula. What a column holds more than once is told once:
    in tables of areas, themes and months nearly all is.
    """
    alone = frame.shape[1] == 1
    heading = ",".join(_quoted(map(str, frame.columns), alone=alone))
    columns = [_fields(frame[column], alone=alone) for column in frame.columns]
    lines = [heading, *map(",".join, zip(*columns, strict=True)), ""]
    return "\n".join(lines).encode("utf-8-sig")


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write a CSV file of each of `tables.all_tables` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        (folder / f"{name}.csv").write_bytes(csv_bytes(frame))


def _fields(values: pd.Series, *, alone: bool) -> list[str]:
    """Give the field of each row, empty where nothing is known."""
    places, different = _distinct(values)
    # The last stands for what is missing, whose place is -1.
    texts = np.array(_quoted([*different, ""], alone=alone), dtype=object)
    return list(texts[places])


def _distinct(values: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """Give each row's place among what differs, and that; texts are disarmed."""
    if values.dtype == np.float64:
        # By their bits, as 0.0 and -0.0 are equal.
        places, bits = pd.factorize(values.to_numpy().view(np.int64))
        return places, ["" if np.isnan(number) else number for number in bits.view(np.float64).tolist()]
    places, different = pd.factorize(values)
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return places, different.tolist()
    return places, [_disarmed(text) for text in different]


def _quoted(values: Iterable[Any], *, alone: bool) -> list[str]:
    """Write values as the standard library writes fields; only a lone empty one has to be quoted."""
    lines: list[str] = []
    beside = [] if alone else [""]
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\n")
    writer.writerows([value, *beside] for value in values)
    return [line[: -1 - len(beside)] for line in lines]


def _disarmed(text: object) -> str:
    plain = str(text)
    return "'" + plain if plain.startswith(_FORMULA_STARTS) else plain
