"""
A planned shift as an audience may see it.

The rounds are the same for whoever walks them; what is expected, what the
next officer buys and what stays uncovered are model figures of the whole
city, and for internal use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.release.door import check_frame
from hotspots.release.release import Release
from hotspots.targeting.patrol import Patrol
from hotspots.targeting.plan import Walked
from hotspots.targeting.returned import Returned


@dataclass(frozen=True)
class Shift:
    """
    Everything that the pages and tables of a shift show beside a `Release`.

    Attributes
    ----------
    audience : str
        Who it is for.
    theme, theme_name : str
        For which the beats were chosen.
    asked : mapping
        What was asked for: officers, hours, visit, and so on.
    cover, rounds, curve, uncovered : DataFrame
        As in `targeting.patrol`; the latter two empty outside internal use.
    notes : tuple of str
        What has to stand beside the figures.
    returned : DataFrame or None
        What came back of past shifts by beat, as in `targeting.returned`.
    """

    audience: str
    theme: str
    theme_name: str
    asked: Mapping[str, Any]
    cover: pd.DataFrame
    rounds: pd.DataFrame
    curve: pd.DataFrame
    uncovered: pd.DataFrame
    notes: tuple[str, ...] = field(default_factory=tuple)
    returned: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        """Let no frame out that holds a column without a rule."""
        for name, frame in self.frames().items():
            check_frame(frame, f"shift_{name}", audience=self.audience)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give every frame by its name: cover, rounds, curve, uncovered, and returned if there is any."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in own.items() if isinstance(value, pd.DataFrame)}


def release_shift(
    patrol: Patrol,
    beats: Walked,
    release: Release,
    *,
    asked: Mapping[str, Any],
    notes: Sequence[str] = (),
    returned: Returned | None = None,
) -> Shift:
    """
    Give a shift the names and places under which its beats are released.

    Parameters
    ----------
    patrol : Patrol
        Planned over `beats`.
    beats : Walked
        Those of the release alone, in its order.
    release : Release
        Tells the audience.
    asked : mapping
        What was asked for.
    notes : sequence of str
        Stand before those of the patrol.
    returned : Returned, optional
        Filled-in forms of past shifts.
    """
    exact = release.policy.exact
    shown = release.beats[release.beats["theme"].eq(beats.theme)]
    row = pd.Series(range(len(beats)), index=beats.frame["beat"])
    cover = _renamed(patrol.cover, row, shown)
    uncovered = patrol.uncovered.assign(
        ward=patrol.uncovered["ward_code"].map(release.wards["name"]).fillna("not known")
    )[list(schema.columns("shift_uncovered"))]
    return Shift(
        audience=release.audience,
        theme=beats.theme,
        theme_name=next(view.name for view in release.themes if view.slug == beats.theme),
        asked=dict(asked),
        cover=cover if exact else cover.assign(**dict.fromkeys(_hidden(release.audience), np.nan)),
        rounds=_renamed(patrol.rounds, row, shown),
        curve=patrol.curve if exact else patrol.curve.iloc[:0],
        uncovered=uncovered if exact else uncovered.iloc[:0],
        notes=(*notes, *patrol.notes),
        returned=None if returned is None else returned.by_beat(shown.set_index("beat")["name"]),
    )


def _hidden(audience: str) -> list[str]:
    """Name the columns of the cover that are for internal use."""
    return [
        name for name, column in schema.COLUMNS["shift_cover"].items() if column.rules[audience] == "internal"
    ]


def _renamed(frame: pd.DataFrame, row: pd.Series, shown: pd.DataFrame) -> pd.DataFrame:
    """Take what names or places a beat from the row of the release that shows it."""
    at = row.loc[frame["beat"]].to_numpy()
    names = [name for name in ("order", "beat", "name", "easting", "northing") if name in frame.columns]
    return frame.assign(**{name: shown[name].to_numpy()[at] for name in names})
