"""How well each theme was located, and whether what was not could change the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.geography.load import Areas
from hotspots.locating.geocode import Geocoded
from hotspots.locating.hitrate import MINIMUM_HIT_RATE, hit_rates
from hotspots.reading.incidents import Incidents
from hotspots.schema import ALL_INCIDENTS
from hotspots.text import counted, safe_text
from hotspots.themes.themes import LARGE_UNKNOWN_SHARE, Theme, classify, unknown_kinds, unknown_share

_KINDS = ["month", "crime_type", "offence_code", "flags"]


def theme_quality(
    incidents: Incidents, geocoded: Geocoded, areas: Areas, themes: Sequence[Theme]
) -> tuple[dict[str, Any], ...]:
    """
    Say for each theme how many incidents were located, and whether the others matter.

    Parameters
    ----------
    incidents : Incidents
        As read, with the rows that already reading could not place.
    geocoded : Geocoded
        The same, located.
    areas : Areas
        Gives the wards' names.
    themes : sequence of Theme
        From `load_themes`.

    Returns
    -------
    tuple of dict
        Per theme, "all" first, as strict JSON: `theme`, `inside`, `hit_rate`,
        `unlocated_by_month`, and `bounds`: whether the top ward could change
        if every incident of no known ward lay in its rival.
    """
    here = classify(geocoded.frame, themes)
    unlocated = _unlocated(incidents, geocoded)
    lost = classify(unlocated, themes)
    unread = classify(_expanded(incidents.unlocated), themes)
    membership = pd.concat([classify(incidents.frame, themes), unread], ignore_index=True)
    located = np.append(geocoded.located, np.zeros(len(unread), dtype=bool))
    rates = hit_rates(located, membership)
    quality = []
    for rate in rates:
        slug = rate.name
        by_ward = geocoded.frame.loc[here[slug].to_numpy(), "ward_code"].value_counts().astype(int)
        # a row that states its LSOA alone is located, yet in no ward
        wardless = int(by_ward.get("", 0))
        missing = unlocated.loc[lost[slug].to_numpy(), "month"].value_counts().sort_index()
        bounds = top_area_bounds(by_ward.drop("", errors="ignore"), unlocated=int(missing.sum()) + wardless)
        quality.append(
            {
                "theme": slug,
                "inside": int(here[slug].sum()),
                "hit_rate": rate.as_dict(),
                "unlocated_by_month": {str(month): int(n) for month, n in missing.items() if n},
                "bounds": {**bounds.as_dict(), "words": _named(bounds.words, areas.wards["name"])},
            }
        )
    return tuple(quality)


def types_in_no_theme(located: pd.DataFrame, themes: Sequence[Theme]) -> dict[str, int]:
    """Count the incidents in the area that belong to no theme, by crime type, the commonest first."""
    alone = ~classify(located, themes).drop(columns=ALL_INCIDENTS).any(axis=1)
    counts = located.loc[alone, "crime_type"].astype(str).value_counts().sort_index()
    counts = counts.sort_values(ascending=False, kind="stable")
    return {kind: int(n) for kind, n in counts.items()}


def unknown_words(located: pd.DataFrame, themes: Sequence[Theme], *, shown: int = 8) -> tuple[str, ...]:
    """
    Warn where a large share of the incidents goes by words that nothing here knows.

    The words stand in the files, so no release beyond internal use carries the warning.

    Parameters
    ----------
    located : DataFrame
        Incidents in the area.
    themes : sequence of Theme
        From `load_themes`.
    shown : int
        How many words.

    Returns
    -------
    tuple of str
        One warning with the commonest words and lines for a rules file; none where the share is small.
    """
    unknown = unknown_kinds(located, themes)
    if not unknown_share(located, themes) >= LARGE_UNKNOWN_SHARE:
        return ()
    said = (
        f"{sum(unknown.values()) / len(located):.0%} of the incidents in the area go by words that "
        "are not known and "
        "are in no theme, so themes may hold too few"
    )
    words = [safe_text(word, limit=60).replace('"', "'") for word in list(unknown)[:shown]]
    listed = ", ".join(f"'{word}'" for word in words)
    snippet = ", ".join(f'"{word}"' for word in words)
    return (
        f"{said}: {listed}. Where one belongs to a theme, copy "
        f"data/themes.toml, write partner_types = [{snippet}] and the word into the types of the "
        "theme's rule, and "
        "give the copy to --theme-rules.",
    )


def _unlocated(incidents: Incidents, geocoded: Geocoded) -> pd.DataFrame:
    """List the incidents that no place is known of, from reading and geocoding, by what classifies them."""
    both = [frame[_KINDS].astype(object) for frame in (_expanded(incidents.unlocated), geocoded.unlocated)]
    return pd.concat(both, ignore_index=True)


def _expanded(counted: pd.DataFrame) -> pd.DataFrame:
    """Turn counts of unplaced rows into rows again."""
    return counted.loc[counted.index.repeat(counted["rows"])].assign(offence_code="", flags="")


def _named(words: str, names: pd.Series) -> str:
    for code, name in names.items():
        words = words.replace(str(code), str(name))
    return words


def quality_warnings(quality: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Warn of each theme whose hit rate is below the minimum (Ratcliffe 2004)."""
    return tuple(
        f"Only {one['hit_rate']['rate']:.0%} of the incidents of {one['theme']} could be located; "
        f"{MINIMUM_HIT_RATE:.0%} is the first estimate of a reliable minimum (Ratcliffe 2004)."
        for one in quality
        # Of all incidents the report of geocoding warns itself.
        if one["theme"] != ALL_INCIDENTS
        and one["hit_rate"]["total"]
        and one["hit_rate"]["rate"] < MINIMUM_HIT_RATE
    )


@dataclass(frozen=True)
class TopAreaBounds:
    """
    Whether the area with most incidents would still lead if all unlocated ones lay in its rival.

    The worst case, not a likely one: a top area that survives it stands on the
    located incidents alone. `top` and `rival` are "" where there is no such area.
    """

    top: str
    top_count: int
    rival: str
    rival_count: int
    unlocated: int

    @property
    def could_change(self) -> bool:
        """Whether the rival could draw level or pass; areas that tie already count as such."""
        return bool(self.top) and self.rival_count + self.unlocated >= self.top_count

    @property
    def words(self) -> str:
        """The finding in a sentence."""
        if not self.top:
            return "No area holds an incident."
        ahead = self.top_count - self.rival_count
        if not ahead:
            return f"{self.top} and {self.rival} lead together: the unlocated could put either first."
        lead = f"{self.top} leads {self.rival or 'every other area'} by {ahead:,}"
        verdict = "could change" if self.could_change else "could not change"
        return f"{lead}; with {counted(self.unlocated, 'incident')} unlocated the top area {verdict}."

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "top": self.top,
            "top_count": self.top_count,
            "rival": self.rival,
            "rival_count": self.rival_count,
            "unlocated": self.unlocated,
            "could_change": self.could_change,
        }


def top_area_bounds(counts: pd.Series, *, unlocated: int) -> TopAreaBounds:
    """
    Compare the two areas with most incidents against the number left unlocated.

    Parameters
    ----------
    counts : Series of int
        Incidents by area, indexed by GSS code.
    unlocated : int
        Incidents of the same kind that have no area.

    Raises
    ------
    ParameterError
        If `unlocated` is negative.
    """
    if unlocated < 0:
        raise ParameterError(f"unlocated is {unlocated}: it must not be negative.")
    # Code first, then a stable sort by count: ties go to the lowest code.
    ordered = counts.sort_index().sort_values(ascending=False, kind="stable")
    ordered = ordered[ordered.to_numpy() > 0] if unlocated == 0 else ordered
    places = [(str(code), int(n)) for code, n in ordered.iloc[:2].items()]
    (top, top_count), (rival, rival_count) = (*places, ("", 0), ("", 0))[:2]
    if top_count == 0:
        return TopAreaBounds("", 0, "", 0, unlocated)
    return TopAreaBounds(top, top_count, rival, rival_count, unlocated)
