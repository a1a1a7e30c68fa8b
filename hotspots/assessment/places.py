"""Where a theme concentrates and on whom it falls, from one folder's published tables."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.assessment.folders import Folder
from hotspots.geography.deprivation import deprivation_deciles
from hotspots.geography.shipped import known_figures

#: Wards, hot spots and beats that are named of each theme.
NAMED: Final = 5
#: Deciles of England that make its most deprived fifth.
_FIFTH: Final = 2


class Places:
    """
    What one folder says of places.

    Parameters
    ----------
    folder : Folder
        The latest run.
    whole : DataFrame
        Its counts of the whole period.
    """

    def __init__(self, folder: Folder, whole: pd.DataFrame) -> None:
        self._whole = whole
        self._priority = folder.table("priority")
        self._clusters = folder.table("clusters")
        self._beats = folder.table("beats")
        self._names = dict(zip(whole["code"], whole["name"], strict=True))
        wards = whole[whole["level"].eq(schema.WARD) & whole["theme"].eq(schema.ALL_INCIDENTS)]
        codes = pd.Index(whole.loc[whole["level"].eq(schema.LSOA), "code"].unique(), name="code")
        self._lsoas = pd.DataFrame({"vintage": self._vintage(schema.LSOA)}, index=codes)
        figures = known_figures().drop_duplicates("code").set_index("code")
        self._people = figures["residents"]
        self.residents = float(self._people.reindex(wards["code"]).sum(skipna=False))
        self.households = float(figures["households"].reindex(wards["code"]).sum(skipna=False))
        self.wards, self.lsoas = len(wards), len(codes)
        # Areas are in the rates alone.
        known = wards[wards["rate_per_km2"].gt(0)]
        self.km2 = (
            float((known["count"] / known["rate_per_km2"]).sum()) if len(known) == len(wards) else np.nan
        )

    def _vintage(self, level: str) -> str:
        found = self._whole.loc[self._whole["level"].eq(level), "vintage"]
        return str(found.iloc[0]) if len(found) else ""

    def total(self, theme: str) -> float:
        """Add the wards up; NaN where one is withheld, or the theme is not there."""
        rows = self._ward_rows(theme)
        return float(rows["count"].sum(skipna=False)) if len(rows) else float("nan")

    def _ward_rows(self, theme: str) -> pd.DataFrame:
        return self._whole[self._whole["level"].eq(schema.WARD) & self._whole["theme"].eq(theme)]

    def wards_of(self, theme: str) -> list[dict[str, Any]]:
        """Give the wards that rank first by residents: name, count, rate, rank with its range, chance."""
        rows = self._priority[self._priority["level"].eq(schema.WARD) & self._priority["theme"].eq(theme)]
        first = rows.dropna(subset=["rank"]).sort_values(["rank", "code"]).head(NAMED)
        return first[
            ["name", "count", "rate_per_1000", "rank", "rank_low", "rank_high", "p_top", "class"]
        ].to_dict("records")

    def harm(self, theme: str) -> float:
        """Add up the harm of the wards; NaN where none was computed."""
        if "harm" not in self._priority:
            return float("nan")
        rows = self._priority[self._priority["level"].eq(schema.WARD) & self._priority["theme"].eq(theme)]
        return float(rows["harm"].sum(min_count=1))

    def spread(self, theme: str) -> tuple[int, int]:
        """Say in how many of the busiest wards half of the theme lies, and of how many; (0, 0) if unknown."""
        counts = self._ward_rows(theme)["count"]
        if counts.isna().any() or not counts.sum() > 0:
            return 0, 0
        held = np.cumsum(np.sort(counts.to_numpy())[::-1]) / counts.sum()
        return int(np.searchsorted(held, 0.5 - 1e-12) + 1), len(counts)

    def hotspots(self, theme: str) -> dict[str, Any]:
        """Give the hot spots of a theme: how many, their share of incidents and of area, the biggest."""
        rows = self._clusters[self._clusters["theme"].eq(theme) & self._clusters["part_of"].eq("")]
        rows = rows.sort_values("order")
        total = self.total(theme)
        return {
            "number": len(rows),
            "share": float(rows["n"].sum(skipna=False) / total) if len(rows) and total > 0 else float("nan"),
            "area": float(rows["area_km2"].sum() / self.km2) if len(rows) and self.km2 > 0 else float("nan"),
            "rows": [
                {
                    "number": row["order"],
                    "name": row["name"],
                    "streets": row["streets"],
                    "wards": [
                        self._names.get(code, code) for code in str(row["ward_codes"]).split(";") if code
                    ],
                    "n": row["n"],
                    "confidence": row["confidence"],
                    "status": row["status"],
                }
                for row in rows.head(NAMED).to_dict("records")
            ],
        }

    def beats(self, theme: str) -> dict[str, Any]:
        """Give the beats of a theme: how many, what they are expected to hold, their share of area."""
        rows = self._beats[self._beats["theme"].eq(theme)].sort_values("order")
        return {
            "number": len(rows),
            "expected": float(rows["expected"].sum(min_count=1)) if len(rows) else float("nan"),
            "area": float(rows["area_km2"].sum() / self.km2) if len(rows) and self.km2 > 0 else float("nan"),
            "names": [str(name) for name in rows["name"].head(NAMED)],
        }

    def deprived(self, theme: str) -> dict[str, float] | None:
        """
        Say what share of a theme, and of residents, lies in the most deprived fifth of England by income.

        Returns
        -------
        dict or None
            incidents, residents (shares), areas (number); None where deciles or counts are not known.
        """
        deciles = deprivation_deciles(self._lsoas).set_index("code")["income"]
        rows = self._whole[self._whole["level"].eq(schema.LSOA) & self._whole["theme"].eq(theme)].set_index(
            "code"
        )
        counts, people = rows["count"], self._people.reindex(rows.index)
        if (
            len(rows) != len(deciles)
            or rows.empty
            or counts.isna().any()
            or people.isna().any()
            or not counts.sum()
        ):
            return None
        poor = deciles.reindex(rows.index).le(_FIFTH)
        return {
            "incidents": float(counts[poor].sum() / counts.sum()),
            "residents": float(people[poor].sum() / people.sum()),
            "areas": float(poor.sum()),
        }
