"""
What follows from released counts, and from nothing else.

Outside internal use every rank, class, verdict, share, change and local statistic,
what is said of a theme, and every warning is a function of the counts as they are
published and of what was public before: areas, residents, the definitions of themes,
the settings. Computing on published figures can give nothing back that they did not.
Nothing in this file sees a finding.

What rounding does: a count of 20 may be 18 to 22, so areas of nearly the same rate may
change places, and a change of a few per cent between small counts may be rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.findings.by_area import area_results, rank_all
from hotspots.findings.by_theme import by_area_only
from hotspots.findings.combination import (
    NOTHING_COMBINED,
    combined_at,
    combined_weights,
    left_out_of_combination,
    together,
)
from hotspots.findings.findings import ThemeFindings
from hotspots.geography.load import Areas
from hotspots.settings import Settings
from hotspots.statistics.counts import Counts
from hotspots.themes.themes import Theme

#: Said wherever figures are shown outside internal use.
ROUNDING_WORDS: Final = (
    "Counts are rounded to {base} and those below {minimum} are withheld. Ranks, chances, shares and changes "
    "are computed from these rounded counts: areas of nearly the same rate may change places, and a change "
    "of a few incidents may be rounding. An area with a withheld count is not ranked."
)
NOT_SHOWN: Final = "Not visible in these data, or too few to show."


@dataclass(frozen=True, eq=False)
class Shown:
    """
    Released counts, and what was public before them.

    Attributes
    ----------
    counts : Counts
        As released: small ones missing, the others rounded.
    totals : mapping of str to int or None
        The city's total by theme, None where withheld.
    themes : mapping of str to Theme
        Definitions of the themes that the audience may know of, "all" first.
    types : mapping of str to Theme
        The types of incidents of which any count is shown.
    areas : Areas
    incomplete : tuple of str
        Months of which the files hold a part only.
    settings : Settings
        Gives `top`, `seed`, `permutations` and `weights`.
    """

    counts: Counts
    totals: Mapping[str, int | None]
    themes: Mapping[str, Theme]
    types: Mapping[str, Theme]
    areas: Areas
    incomplete: tuple[str, ...]
    settings: Settings

    def visible(self, slug: str) -> bool:
        """Tell whether any figure of a theme is shown."""
        known = ~np.isnan(self.counts.count[self.counts.position(slug)])
        return self.totals[slug] is not None or bool(known.any())

    def observability(self, slug: str) -> str:
        """Say what the data show of a theme: as its definition says of police.uk, or by its rules."""
        theme = self.themes[slug]
        if not self.visible(slug):
            return schema.NOT_VISIBLE
        if theme.observability != schema.NOT_VISIBLE:
            return theme.observability
        return schema.PROXY if any(r.evidence == schema.PROXY for r in theme.rules) else schema.DIRECT

    def observability_words(self, slug: str) -> str:
        """Say by what a theme is counted, without telling which of it occurs in these data."""
        theme = self.themes[slug]
        if not self.visible(slug):
            return NOT_SHOWN
        if not theme.rules:
            return "Every incident in the files."
        kinds = list(dict.fromkeys(rule.words for rule in theme.rules))
        proxy = " In part a proxy." if any(rule.evidence == schema.PROXY for rule in theme.rules) else ""
        return f"Counted where the data have {'; or '.join(kinds)}.{proxy}"

    @cached_property
    def combined(self) -> list[str]:
        """The themes that enter the ranking over themes together: place-based, open, and shown."""
        return [
            slug
            for slug, theme in self.themes.items()
            if slug != schema.ALL_INCIDENTS
            and theme.geography == "place-based"
            and theme.sensitivity == "open"
            and self.visible(slug)
        ]

    @cached_property
    def combined_at(self) -> dict[str, tuple[str, ...]]:
        """By level, the themes whose counts the combination adds up; empty where none can be combined."""
        used = combined_at(self.counts, self.combined, self.settings.weights)
        return used if self.combined_themes else {}

    @cached_property
    def table(self) -> Counts:
        """The released counts, with those of the themes together, which are their sum."""
        return self.counts.with_sum(schema.COMBINED, self.combined_at) if self.combined_at else self.counts

    def combination(self) -> ThemeFindings | None:
        """Describe the themes together; None where none can be combined."""
        used = self.combined_at.get(schema.WARD, ())
        views = {
            slug: by_area_only(
                self.themes[slug],
                self.totals[slug] or 0,
                (self.observability(slug), self.observability_words(slug)),
                "",
            )
            for slug in used
        }
        return together(views, used, 0.0).get(schema.COMBINED)

    @cached_property
    def combined_total(self) -> int | None:
        """The released totals of the combined themes added up; None where one of them is withheld."""
        parts = [self.totals[slug] for slug in self.combined_at.get(schema.WARD, ())]
        known = [n for n in parts if n is not None]
        return sum(known) if known and len(known) == len(parts) else None

    @cached_property
    def combined_themes(self) -> dict[str, float]:
        """The weights of the themes in the combined ranking of the wards."""
        return combined_weights(self.counts, self.combined, self.settings.weights)

    @cached_property
    def priority(self) -> pd.DataFrame:
        """The ranking per theme and of the combination; see `by_area.rank_all`."""
        ranked = [slug for slug in (*self.themes, *self.types) if slug != schema.ALL_INCIDENTS]
        combined = self.combined if self.combined_at else ()
        return rank_all(self.counts, self.areas, themes=ranked, combined=combined, settings=self.settings)

    @cached_property
    def results(self) -> pd.DataFrame:
        """One row per theme and area with the local statistics; see `by_area.area_results`."""
        return area_results(
            self.table,
            self.priority,
            self.areas,
            themes=[*self.themes, *self.types, *([schema.COMBINED] if self.combined_at else [])],
            months=self.counts.months,
            settings=self.settings,
            incomplete=self.incomplete,
            totals={**self.totals, schema.COMBINED: self.combined_total},
        )

    def warnings(self, *, base: int, minimum: int) -> tuple[str, ...]:
        """Say what a reader must know to read the figures rightly."""
        return (
            ROUNDING_WORDS.format(base=base, minimum=minimum),
            *(
                f"The files hold only a part of {month}: it is counted, but compared with nothing."
                for month in self.incomplete
            ),
            *([] if self.combined else [NOTHING_COMBINED]),
            *left_out_of_combination(self.counts, self.combined, self.settings.weights),
        )
