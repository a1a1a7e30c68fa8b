"""Small published folders, made by hand: what an honest release looks like, and where a leak is planted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import shapely

from hotspots.auditing._policy import POLICIES
from hotspots.auditing.published import Published, Table

CITY = "E06000001"
MONTHS = ("2025-01", "2025-02")
NAMES = {"all": "All incidents", "robbery": "Robbery"}
MINIMUM = {"partner": 5, "public": 10}
Key = tuple[str, str, str, str]


def shown(count: int, audience: str) -> int | None:
    """Publish one count by the audience's rule, written here a second time."""
    return None if count < MINIMUM[audience] else int(np.floor(count / 5 + 0.5) * 5)


def squares(level: str, codes: list[str], *, per_ward: float) -> gpd.GeoDataFrame:
    """Lay wards out as a row of squares of 1 km, or LSOAs as equal strips of them."""
    width = 1000 / per_ward
    boxes = [
        shapely.box(400000 + i * width, 300000, 400000 + (i + 1) * width, 301000) for i in range(len(codes))
    ]
    frame = {
        "code": codes,
        "name": [f"{level.title()} {code[-2:]}" for code in codes],
        "level": level,
        "vintage": f"{level}_2023" if level == "ward" else "lsoa_2021",
        "area_km2": [shape.area / 1e6 for shape in boxes],
        "residents": [1000.0 + 10 * i for i in range(len(codes))],
        "households": [400.0 + i for i in range(len(codes))],
    }
    return gpd.GeoDataFrame(frame, geometry=boxes, crs=27700)


@dataclass
class Release:
    """
    What a folder is to state.

    `counts` maps theme, level, code and month ("" for the period) to a published
    count, None where it is withheld; `totals` by theme.
    """

    counts: dict[Key, int | None]
    totals: dict[str, int | None]
    audience: str = "public"
    months: tuple[str, ...] = MONTHS
    wards: gpd.GeoDataFrame | None = None
    lsoas: gpd.GeoDataFrame | None = None
    ward_vintage: str = "ward_2023"
    record: dict = field(default_factory=dict)
    priority: pd.DataFrame | None = None
    clusters: gpd.GeoDataFrame | None = None
    page: str = ""
    data: dict = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the folder."""
        (folder / "tables").mkdir(parents=True)
        (folder / "wards").mkdir()
        table = self.table()
        table.to_csv(folder / "tables" / "areas.csv", index=False)
        if self.priority is not None:
            self.priority.to_csv(folder / "tables" / "priority.csv", index=False)
        if self.clusters is not None:
            plain = pd.DataFrame(self.clusters.drop(columns="geometry"))
            plain.to_csv(folder / "tables" / "clusters.csv", index=False)
        self._workbook(folder / "hotspots.xlsx", table)
        self._geopackage(folder / "hotspots.gpkg")
        self._page(folder)
        (folder / "run.json").write_text(json.dumps(self._record(), indent=1), encoding="utf-8")
        return folder

    def published(self) -> Published:
        """Give what an auditor reads of the table, record and layers, without writing them."""
        layers = {"ward": self.wards, "lsoa": self.lsoas}
        return Published(
            Path("here"),
            self._record(),
            POLICIES[self.audience],
            (Table("tables/areas.csv", self.table()),),
            areas={level: frame.set_index("code") for level, frame in layers.items() if frame is not None},
        )

    def table(self) -> pd.DataFrame:
        """Lay the counts out as tables/areas.csv."""
        areas = pd.concat([f for f in (self.wards, self.lsoas) if f is not None]).set_index("code")
        rows = []
        for (theme, level, code, month), count in self.counts.items():
            area = areas.loc[code]
            rates = (np.nan, np.nan)
            if count is not None:
                years = (1 if month else len(self.months)) / 12
                rates = (1000 * count / years / area["residents"], count / years / area["area_km2"])
            rows.append(
                {
                    "level": level,
                    "vintage": self._vintage(level),
                    "code": code,
                    "name": area["name"],
                    "theme": theme,
                    "month": month,
                    "count": "" if count is None else count,
                    "rate_per_1000": "" if count is None else round(rates[0], 3),
                    "rate_per_km2": "" if count is None else round(rates[1], 3),
                }
            )
        return pd.DataFrame(rows)

    def _vintage(self, level: str) -> str:
        return self.ward_vintage if level == "ward" else "lsoa_2021"

    def _record(self) -> dict:
        themes = [
            {"slug": slug, "name": NAMES.get(slug, slug), "total": total}
            for slug, total in self.totals.items()
        ]
        return {
            "audience": self.audience,
            "seed": 7,
            "area": {"code": CITY, "name": "Testham"},
            "period": {"months": list(self.months)},
            "boundaries": {"wards": self.ward_vintage, "lsoas": "lsoa_2021"},
            "themes": themes,
            "outputs": [{"path": "index.html", "sha256": "a" * 64, "size": 1}],
            **self.record,
        }

    def _workbook(self, path: Path, table: pd.DataFrame) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Areas"
        whole = table[table["month"].eq("")].drop(columns="month")
        sheet.append(list(whole.columns))
        for row in whole.itertuples(index=False):
            sheet.append([None if value == "" else value for value in row])
        book.save(path)

    def _geopackage(self, path: Path) -> None:
        for name, frame in (("wards", self.wards), ("lsoas", self.lsoas)):
            if frame is not None:
                frame.to_file(path, layer=name, driver="GPKG")
        if self.clusters is not None:
            self.clusters.to_file(path, layer="clusters", driver="GPKG")

    def _page(self, folder: Path) -> None:
        levels = {}
        for level, frame in (("ward", self.wards), ("lsoa", self.lsoas)):
            if frame is not None:
                codes = list(frame["code"])
                periods = ["", *self.months]
                themes = sorted({theme for theme, at, *_ in self.counts if at == level})
                held = {
                    theme: [
                        [self.counts.get((theme, level, code, month)) for month in periods] for code in codes
                    ]
                    for theme in themes
                }
                levels[level] = {"codes": codes, "counts": held, "results": {}}
        data = {"months": list(self.months), "levels": levels, **self.data}
        (folder / "index.html").write_text(
            "<!DOCTYPE html><html><head><title>Map</title></head><body>"
            f"{self.page}"
            f'<script type="application/json" id="data">{json.dumps(data)}</script></body></html>',
            encoding="utf-8",
        )
        ward = self.wards.iloc[0]
        count = self.counts.get(("all", "ward", ward["code"], ""))
        rate = (
            "withheld" if count is None else f"{12 / len(self.months) * 1000 * count / ward['residents']:.1f}"
        )
        (folder / "wards" / "first.html").write_text(
            f"<html><head><title>{ward['name']} ward, 2025</title></head><body><table><caption>Here</caption>"
            "<thead><tr><th>Theme</th><th>Incidents</th><th>Rate</th></tr></thead><tbody>"
            f"<tr><th>All incidents</th><td>{'withheld' if count is None else count}</td><td>{rate}</td></tr>"
            "</tbody></table></body></html>",
            encoding="utf-8",
        )


def honest(
    truth: Mapping[Key, int],
    *,
    audience: str = "public",
    wards: int = 2,
    per_ward: int = 2,
    wide: float = 1,
    months: tuple[str, ...] = MONTHS,
    further: tuple[Key, ...] = (),
    **more: object,
) -> Release:
    """
    Release true counts (by theme, level, code and month) by the rules, withholding some more.

    Wards are `wide` kilometres wide, so that those of two vintages can lie on the same LSOAs.
    """
    ward_codes = [f"E0500{n:04d}" for n in range(1, wards + 1)]
    lsoa_codes = [f"E0100{n:04d}" for n in range(1, wards * per_ward + 1)]
    counts = {key: None if key in further else shown(count, audience) for key, count in truth.items()}
    themes = dict.fromkeys(theme for theme, *_ in truth)
    totals = {
        theme: shown(
            sum(
                n for (t, level, _, month), n in truth.items() if t == theme and level == "ward" and not month
            ),
            audience,
        )
        for theme in themes
    }
    return Release(
        counts,
        totals,
        audience=audience,
        months=months,
        wards=squares("ward", ward_codes, per_ward=1 / wide),
        lsoas=squares("lsoa", lsoa_codes, per_ward=per_ward / wide),
        **more,
    )


def town(
    counts: Mapping[str, np.ndarray], *, months: tuple[str, ...] = MONTHS, per_ward: int = 2
) -> dict[Key, int]:
    """Turn arrays of incidents by LSOA and month, one a theme, into true counts at every grain."""
    truth: dict[Key, int] = {}
    for theme, table in counts.items():
        for at, row in enumerate(table):
            truth[theme, "lsoa", f"E0100{at + 1:04d}", ""] = int(row.sum())
        by_ward = table.reshape(-1, per_ward, table.shape[1]).sum(axis=1)
        for at, row in enumerate(by_ward):
            code = f"E0500{at + 1:04d}"
            truth[theme, "ward", code, ""] = int(row.sum())
            if len(months) > 1:
                for month, number in zip(months, row, strict=True):
                    truth[theme, "ward", code, month] = int(number)
    return truth


#: A town in which each withheld count is one of several, so that nothing gives it back.
QUIET = {
    "all": np.array([[40, 35], [52, 47], [61, 38], [44, 57]]),
    "robbery": np.array([[2, 1], [1, 3], [0, 2], [3, 1]]),
}


def quiet(audience: str = "public", **more: object) -> Release:
    """Give the release of the quiet town: robberies are withheld, all else is shown."""
    truth = town(QUIET)
    truth = {key: n for key, n in truth.items() if key[0] == "all" or (key[1] == "ward" and not key[3])}
    return honest(truth, audience=audience, **more)
