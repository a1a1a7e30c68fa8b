"""Which themes the combined ranking rests on, and with what weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from hotspots import schema
from hotspots.errors import ConfigError
from hotspots.findings._rankings import combinable, weights_here
from hotspots.findings.by_theme import ALL_THEME, by_area_only
from hotspots.findings.findings import ThemeFindings
from hotspots.geography.denominator import Denominator
from hotspots.geography.load import Areas
from hotspots.settings import Settings
from hotspots.statistics.combining import fewest_to_combine
from hotspots.statistics.counts import Counts
from hotspots.text import counted, join_words, nearest
from hotspots.themes.themes import load_themes

NOTHING_COMBINED: Final = (
    "No incident belongs to a place-based, open theme that these data show: "
    "the areas are ranked over all incidents alike."
)


def themes_with_incidents(found: Mapping[str, ThemeFindings]) -> list[str]:
    return [slug for slug, one in found.items() if one.total and slug != schema.ALL_INCIDENTS]


def combined_themes(found: Mapping[str, ThemeFindings]) -> list[str]:
    """Name the themes that enter the combined ranking: place-based, open, visible in the data."""
    return [
        slug
        for slug in themes_with_incidents(found)
        if found[slug].observability not in schema.UNSEEN
        and found[slug].theme.geography == "place-based"
        and found[slug].theme.sensitivity == "open"
    ]


def check_weights(settings: Settings) -> None:
    known = [theme.slug for theme in load_themes(settings.theme_rules)]
    unknown = sorted(set(settings.weights) - set(known))
    if unknown:
        raise ConfigError(
            f"[weights] names '{unknown[0]}', which is not a theme: the themes are {', '.join(known)}."
            f"{nearest(unknown[0], known)}"
        )


def idle_weights(weights: Mapping[str, float], combined: Sequence[str]) -> list[str]:
    idle = sorted(set(weights) - set(combined))
    return [
        f"The weight of {slug} has no effect: the theme has no incident here, or is not combined."
        for slug in idle
    ]


def idle_denominator(own: Denominator | None, areas: Areas) -> list[str]:
    """Say so if the user's denominator knows no area of a level."""
    if own is None:
        return []
    return [
        f"--denominator: {own.name} has no figure for the {schema.LEVEL_PLURALS[level]}, "
        "which are not ranked by it."
        for level in schema.LEVELS
        if not own.values.reindex(areas.level(level).index).gt(0).any()
    ]


def combined_at(
    counts: Counts, combined: Sequence[str], weights: Mapping[str, float]
) -> dict[str, tuple[str, ...]]:
    """Name by level the themes whose counts the combination adds up: those that its ranking rests on."""
    if not combined:
        return {}
    used = {level: combined_weights(counts, combined, weights, level=level) for level in schema.LEVELS}
    return {level: tuple(found or combined) for level, found in used.items()}


def together(
    found: Mapping[str, ThemeFindings], used: Sequence[str], held: float
) -> dict[str, ThemeFindings]:
    """
    Describe the combination, which is shown by area only.

    Parameters
    ----------
    found : mapping of str to ThemeFindings
    used : sequence of str
        The themes that are combined in the wards.
    held : float
        Share of all incidents that belong to at least one of them.
    """
    if not used:
        return {}
    views = [found[slug] for slug in used]
    names = join_words([one.theme.name for one in views])
    text = f"The sum of {names}. An incident that belongs to two of them counts twice."
    theme = replace(
        ALL_THEME,
        slug=schema.COMBINED,
        name="Themes together",
        description="The place-based, open themes that these data show, taken together.",
        note="",
        density=False,
        clusters=False,
    )
    seen = schema.DIRECT if all(one.observability == schema.DIRECT for one in views) else schema.PROXY
    shown = "Shown by area only: density and hot spots are drawn theme by theme."
    return {theme.slug: by_area_only(theme, sum(one.total for one in views), (seen, text), shown, share=held)}


def with_harm(ranking: pd.DataFrame, harm: pd.DataFrame, *, combined: Sequence[str]) -> pd.DataFrame:
    """Set the harm of the whole period beside each count, of the same incidents; never in its place."""
    keys = ["theme", "level", "code"]
    if combined:
        summed = harm[harm["theme"].isin(combined)].groupby(["level", "code"])["harm"].sum(min_count=1)
        harm = pd.concat([harm, summed.reset_index().assign(theme=schema.COMBINED)], ignore_index=True)
    return ranking.merge(harm[[*keys, "harm"]], on=keys, how="left")


def combined_weights(
    counts: Counts,
    combined: Sequence[str],
    weights: Mapping[str, float],
    *,
    level: str = schema.WARD,
) -> dict[str, float]:
    """Say which themes the combined ranking of a level's areas rests on, with weights that sum to 1."""
    if not combined:
        return {}
    return combinable(counts.level(level).whole(), combined, weights)


def left_out_of_combination(
    counts: Counts, combined: Sequence[str], weights: Mapping[str, float]
) -> tuple[str, ...]:
    """Say at which level a theme has too few incidents to be combined with the others."""
    said = []
    for level in schema.LEVELS:
        used = combined_weights(counts, combined, weights, level=level)
        whole = counts.level(level).whole()
        needed = fewest_to_combine({slug: whole[slug] for slug in combined if slug in whole})
        wanted = weights_here(weights, combined) or dict.fromkeys(combined, 1.0)
        said += [
            f"The combined ranking of the {schema.LEVEL_PLURALS[level]} leaves out {slug}: "
            f"{_lack(whole.get(slug), needed)}."
            for slug in combined
            if len(combined) > 1 and slug not in used and wanted.get(slug)
        ]
    return tuple(said)


def _lack(count: pd.Series | None, needed: int) -> str:
    """Say why a theme is not combined with others."""
    if count is None or count.isna().any():
        return "too many of its counts are withheld"
    return f"it has {counted(int(count.sum()), 'incident')}, fewer than the {needed} needed"
