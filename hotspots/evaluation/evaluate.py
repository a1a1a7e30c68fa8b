"""From a file of interventions to what each of them changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.evaluation.case import SIMILAR, SYNTHETIC, Case, Options
from hotspots.evaluation.compare import Finding, compare
from hotspots.evaluation.interventions import Intervention
from hotspots.evaluation.series import ThemeIncidents
from hotspots.evaluation.windows import comparisons
from hotspots.places import check_classified

if TYPE_CHECKING:
    import geopandas as gpd

#: Columns of tables/interventions.csv, one row per switch.
EVALUATION_COLUMNS: Final = (
    "name",
    "theme",
    "area",
    "switch",
    "day",
    "before_from",
    "before_to",
    "after_from",
    "after_to",
    "months",
    "seasonal",
    "months_between",
    "months_mixed",
    "control_method",
    "control",
    "control_areas",
    "treated_before",
    "treated_after",
    "control_before",
    "control_after",
    "ring_before",
    "ring_after",
    "rate_ratio",
    "ratio_low",
    "ratio_high",
    "p",
    "q",
    "dispersion",
    "difference_place",
    "difference_ring",
    "difference_total",
    "difference_low",
    "difference_high",
    "smallest_fall",
    "found",
    "verdict",
)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """
    What became of every intervention.

    Attributes
    ----------
    findings : tuple of Finding
        One per switch, in the order of the file; q-values and doubts included.
    """

    findings: tuple[Finding, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """EVALUATION_COLUMNS, one row per switch."""
        rows = [_row(finding) for finding in self.findings]
        return pd.DataFrame(rows, columns=list(EVALUATION_COLUMNS))

    def __repr__(self) -> str:
        """Say how many were found, not every series."""
        found = sum(finding.found for finding in self.findings)
        plural = "" if len(self.findings) == 1 else "es"
        return f"<Evaluation of {len(self.findings)} switch{plural}, {found} with a change found>"


def evaluate(
    incidents: pd.DataFrame,
    membership: pd.DataFrame,
    *,
    interventions: Sequence[Intervention],
    areas: Mapping[str, gpd.GeoDataFrame],
    months: Sequence[str],
    length: int | None = None,
    ring_width: float = 250.0,
    method: str = "similar",
    elsewhere: Mapping[str, pd.DataFrame] | None = None,
    theme_names: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Evaluation:
    """
    Evaluate interventions: at every switch, before against after, with a control.

    Where several switches are evaluated together, a change counts as found only
    if it also holds at a false discovery rate of 5 % over all of them.

    Parameters
    ----------
    incidents : DataFrame
        Located incidents: `month`, `easting`, `northing` (NaN without a point), and for
        every level of `areas` a column of codes, such as `ward_code`.
    membership : DataFrame of bool
        One column per theme, rows as in `incidents`.
    interventions : sequence of Intervention
        From `interventions.read_interventions`.
    areas : mapping of str to GeoDataFrame
        By level: polygons in EPSG:27700 with `name`, indexed by GSS code.
    months : sequence of str
        The months that were read whole, YYYY-MM.
    length : int, optional
        At most so many months on each side.
    ring_width : float, default 250
        Metres around a place in which displacement is looked for, and that no control may touch.
    method : {"similar", "synthetic"}
        How a control is found where the file gives none.
    elsewhere : mapping of str to DataFrame, optional
        By theme: incidents of other authorities (rows) by month (columns), for what covers the whole city.
    theme_names : mapping of str to str, optional
        Words for themes; their slugs without.
    confidence : float, default 0.95
        Of every interval.

    Returns
    -------
    Evaluation

    Raises
    ------
    ParameterError
        If the frames do not have the same rows, a theme is not among them, or `method` is unknown.
    """
    check_classified(incidents, membership, use="evaluated")
    if method not in (SIMILAR, SYNTHETIC):
        raise ParameterError(f'The method {method!r} is not known: choose "similar" or "synthetic".')
    options = Options(
        treated=[one.place.shape for one in interventions],
        ring_width=ring_width,
        method=method,
        elsewhere=dict(elsewhere or {}),
        theme_names=dict(theme_names or {}),
        confidence=confidence,
    )
    read = tuple(sorted(set(months)))
    themes: dict[str, ThemeIncidents] = {}
    findings: list[Finding] = []
    for one in interventions:
        if one.theme not in membership.columns:
            raise ParameterError(f"There is no theme {one.theme!r} among these incidents.")
        if one.theme not in themes:
            kept = incidents[membership[one.theme].to_numpy(bool)]
            themes[one.theme] = ThemeIncidents(kept[kept["month"].isin(read)], areas, read)
        findings += [
            compare(Case(one, windows, themes[one.theme], options))
            for windows in comparisons(one.ranges, read, length=length)
        ]
    return Evaluation(_with_doubts(findings))


def _with_doubts(findings: list[Finding]) -> tuple[Finding, ...]:
    """Give every finding its q-value over all that were tested together."""
    from scipy.stats import false_discovery_control

    p = np.array([finding.effect.p for finding in findings], dtype=float)
    tested = ~np.isnan(p)
    q = np.full(len(p), np.nan)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return tuple(finding.with_q(float(value)) for finding, value in zip(findings, q, strict=True))


def _row(finding: Finding) -> dict[str, Any]:
    case, effect, moved = finding.case, finding.effect, finding.displacement
    intervention, windows = case.intervention, case.windows
    before, after = windows.before, windows.after
    return {
        "name": intervention.name,
        "theme": intervention.theme,
        "area": intervention.place.label,
        "switch": windows.switch,
        "day": windows.day.isoformat(),
        "before_from": before[0] if before else "",
        "before_to": before[-1] if before else "",
        "after_from": after[0] if after else "",
        "after_to": after[-1] if after else "",
        "months": len(after),
        "seasonal": windows.seasonal,
        "months_between": len(windows.between),
        "months_mixed": len(windows.mixed),
        "control_method": finding.control.method,
        "control": finding.control.words,
        "control_areas": ";".join(finding.control.codes),
        "treated_before": finding.treated_pair[0],
        "treated_after": finding.treated_pair[1],
        "control_before": finding.control_pair[0],
        "control_after": finding.control_pair[1],
        "ring_before": finding.ring_pair[0],
        "ring_after": finding.ring_pair[1],
        "rate_ratio": effect.ratio,
        "ratio_low": effect.low,
        "ratio_high": effect.high,
        "p": effect.p,
        "q": finding.q,
        "dispersion": effect.dispersion,
        "difference_place": moved.place if moved else np.nan,
        "difference_ring": moved.ring if moved else np.nan,
        "difference_total": moved.total if moved else np.nan,
        "difference_low": moved.low if moved else np.nan,
        "difference_high": moved.high if moved else np.nan,
        "smallest_fall": finding.smallest_fall if np.isfinite(finding.smallest_fall) else np.nan,
        "found": finding.found,
        "verdict": finding.verdict.sentence,
    }
