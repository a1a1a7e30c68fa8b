"""
Invent a city to take samples from: places, how busy they are, and planted hot spots.

Only the shipped outlines of the LSOAs are real. Where the places and the hot
spots lie is drawn at random from the seed: no incident, no street and no
ward's name goes into it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from hotspots.resources import shipped

#: Hot spots planted per theme. "all" lifts every kind of incident, "emerging" only grows from July on.
PLANTED: Final = {
    "all": 5,
    "anti-social-behaviour": 4,
    "serious-youth-violence": 3,
    "drugs-and-alcohol-misuse": 3,
    "gangs-and-organised-crime": 2,
    "emerging": 1,
}
#: How far a hot spot reaches: its effect falls to 1/e at this distance, in metres.
REACH: Final = 160.0
_STRENGTH: Final = {"all": 7.0, "emerging": 5.0}
_THEME_STRENGTH: Final = 14.0
#: Places in an average LSOA: about 1,800 in Derby, with a median spacing near 87 m, as real map points have.
_PLACES_PER_LSOA: Final = 12
_LEAST_SPACING: Final = 30.0
_BUSIEST: Final = 12.0
# Written out, so that a shift grid that happens to be installed does not change the sample.
_GRID_FROM_HELMERT = (
    "+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy "
    "+towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489 +units=m +type=crs"
)


@dataclass(frozen=True, eq=False)
class City:
    """
    An invented set of places in the real outline.

    Attributes
    ----------
    places : DataFrame
        easting, northing (m), lsoa_code, lsoa_name, ward_code, street, busy
        (relative, mean about 1, heavy-tailed).
    hotspots : DataFrame
        What was planted: theme, easting, northing, at the place drawn.
    """

    places: pd.DataFrame
    hotspots: pd.DataFrame

    @cached_property
    def degrees(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of the places, to the six decimals that police.uk prints."""
        from pyproj import CRS, Transformer

        transformer = Transformer.from_crs(CRS.from_proj4(_GRID_FROM_HELMERT), "EPSG:4326", always_xy=True)
        longitude, latitude = transformer.transform(self.places["easting"], self.places["northing"])
        return np.round(longitude, 6), np.round(latitude, 6)

    def weights(self, theme: str, month: int) -> np.ndarray:
        """
        Return the chance of each place to be where an incident of a theme happens.

        Parameters
        ----------
        theme : str
            Slug of the theme; any other word means no hot spots of its own.
        month : int
            1 to 12; the emerging hot spot grows from July to December.

        Returns
        -------
        ndarray of shape (places,)
            They sum to 1.
        """
        growth = max(0, month - 6) / 2
        lift = (
            1 + _STRENGTH["all"] * self._near("all") + growth * _STRENGTH["emerging"] * self._near("emerging")
        )
        lift += _THEME_STRENGTH * self._near(theme) if theme not in ("all", "emerging") else 0
        chance = self.places["busy"].to_numpy() * lift
        return chance / chance.sum()

    def _near(self, theme: str) -> np.ndarray:
        """Return for each place how near it is to the planted hot spots of a theme: 1 there, 0 far off."""
        centres = self.hotspots[self.hotspots["theme"] == theme]
        near = np.zeros(len(self.places))
        for x, y in zip(centres["easting"], centres["northing"], strict=True):
            square = (self.places["easting"] - x) ** 2 + (self.places["northing"] - y) ** 2
            near = np.maximum(near, np.exp(-square.to_numpy() / REACH**2))
        return near


def invent_city(seed: int) -> City:
    """
    Draw the places of an invented city inside the shipped LSOAs, and plant its hot spots.

    Parameters
    ----------
    seed : int
        The same seed gives the same city, as long as the shipped outlines stay.
    """
    rng = np.random.default_rng([seed, 0])
    places = _draw_places(seed, _layer("lsoas_2021.geojson"))
    places["ward_code"] = _locate(places, _layer("wards_2023.geojson"))
    places["busy"] = _draw_busyness(rng, places["lsoa_code"])
    # three places to a street, all of one LSOA, since they come in the order of the LSOAs
    places["street"] = [f"On or near Sample Street {number // 3 + 1}" for number in range(len(places))]
    themes = [theme for theme, number in PLANTED.items() for _ in range(number)]
    chosen = rng.permutation(len(places))[: len(themes)]
    hotspots = places.loc[chosen, ["easting", "northing"]].reset_index(drop=True)
    hotspots.insert(0, "theme", themes)
    return City(places, hotspots)


def _layer(name: str) -> list[tuple[str, str, shapely.Geometry]]:
    """Read a shipped layer as (code, name, outline), sorted by code."""
    table = json.loads(shipped("boundaries", name).read_text(encoding="utf-8"))
    areas = [
        (entry["properties"]["code"], entry["properties"]["name"], shape(entry["geometry"]))
        for entry in table["features"]
    ]
    return sorted(areas, key=lambda area: area[0])


def _draw_places(seed: int, lsoas: list[tuple[str, str, shapely.Geometry]]) -> pd.DataFrame:
    """Draw about as many places in every LSOA, for LSOAs hold about as many people each."""
    parts = []
    for code, name, outline in lsoas:
        # its own stream: an outline that is corrected elsewhere leaves these places where they are
        rng = np.random.default_rng([seed, 0, int(code[1:])])
        number = _PLACES_PER_LSOA - 4 + int(rng.integers(0, 9))
        points = _points_within(rng, outline, number)
        parts.append(
            pd.DataFrame(
                {"easting": points[:, 0], "northing": points[:, 1], "lsoa_code": code, "lsoa_name": name}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _points_within(rng: np.random.Generator, outline: shapely.Geometry, number: int) -> np.ndarray:
    """Draw points inside an outline, to the metre, no two nearer than the least spacing."""
    # whole hundreds of metres, so that a corner moved by a metre does not move every point
    x_min, y_min = np.floor(np.array(outline.bounds[:2]) / 100) * 100
    x_max, y_max = np.ceil(np.array(outline.bounds[2:]) / 100) * 100
    # so that a point and its neighbour across the border keep their distance too
    inner = outline.buffer(-_LEAST_SPACING / 2)
    points = np.empty((0, 2))
    while len(points) < number:
        point = np.round([x_min, y_min] + rng.random(2) * [x_max - x_min, y_max - y_min])
        apart = ((points - point) ** 2).sum(axis=1) >= _LEAST_SPACING**2
        if apart.all() and shapely.contains_xy(inner, *point):
            points = np.vstack([points, point])
    return points


def _locate(places: pd.DataFrame, areas: list[tuple[str, str, shapely.Geometry]]) -> np.ndarray:
    """Return the code of the area that holds each place, "" if none does."""
    codes = np.full(len(places), "", dtype=object)
    for code, _, outline in areas:
        codes[shapely.contains_xy(outline, places["easting"], places["northing"])] = code
    return codes


def _draw_busyness(rng: np.random.Generator, lsoa: pd.Series) -> np.ndarray:
    """Draw how busy each place is: few places hold most incidents, and some LSOAs more than others."""
    number, _ = pd.factorize(lsoa)
    busy = np.exp(1.1 * rng.standard_normal(len(lsoa)) + 0.5 * rng.standard_normal(number.max() + 1)[number])
    # the busiest real map point holds about one incident in fifty
    return np.minimum(busy / busy.mean(), _BUSIEST)
