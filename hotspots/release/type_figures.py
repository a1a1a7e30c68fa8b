"""Counts of types as an audience other than the internal one may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.findings import Findings
from hotspots.policeuk import POLICE_STREET, RAREST_FIRST
from hotspots.release.attack import Bounds
from hotspots.release.parting import TypeTables, withhold_types
from hotspots.release.rounding import round_counts, rounding_limits
from hotspots.release.withholding import SHOWN, States
from hotspots.statistics.counts import Counts
from hotspots.themes.themes import classify
from hotspots.themes.types import OTHER, first_folded, other_types


def with_other_types(findings: Findings) -> Findings:
    """
    Count one type under "Other types", which is there where a type of a secret theme was folded too.

    Else its being there would tell that secret incidents occur. Of police.uk's own files that is known
    not to be: they have no flags and no codes, so they keep all of their types.
    """
    kinds = {source.kind for source in findings.incidents.report.sources if source.rows_kept}
    public = kinds <= {POLICE_STREET} and findings.settings.theme_rules is None
    if OTHER in findings.types or not findings.types or public:
        return findings
    slug = first_folded({name: one.theme.name for name, one in findings.types.items()})
    types = {name: one for name, one in findings.types.items() if name != slug}
    types[OTHER] = replace(findings.types[slug], theme=other_types(findings.types[slug].theme.sensitivity))
    groups = tuple(OTHER if name == slug else name for name in findings.table.groups)
    return replace(
        findings,
        types=types,
        type_of=findings.type_of.rename(columns={slug: OTHER})[list(types)],
        table=replace(findings.table, groups=groups),
    )


def release_types(
    findings: Findings,
    counts: Counts,
    *,
    states: States,
    bounds: Bounds,
    slugs: Sequence[str],
    policy: Policy,
    also: np.ndarray | None = None,
) -> tuple[Counts, dict[str, int | None]]:
    """
    Add the types to published counts: by ward over the whole period, and nothing finer.

    Parameters
    ----------
    findings : Findings
    counts : Counts
        From `release_counts`.
    states, bounds : States, Bounds
        What of the themes is published, and what can be worked out of them.
    slugs : sequence of str
        The themes of `states`, all incidents first.
    policy : Policy
    also : ndarray of bool, shape (types, wards), optional
        What is withheld in any case; see `hidden_types`.

    Returns
    -------
    counts : Counts
        With the types.
    totals : dict of str to int or None
        By type, the sum of what is published; None where a ward is withheld. A type of
        which no ward's count is shown is not named at all: that it occurs is a count.
    """
    every = list(findings.types)
    exact = findings.table.select(every)
    wards = exact.areas["level"].eq(schema.WARD).to_numpy()
    true = exact.count[:, wards, 0]
    hidden = hidden_types(findings, states=states, bounds=bounds, slugs=slugs, policy=policy, also=also)
    count, given = np.full(exact.count.shape, np.nan), np.zeros(exact.count.shape, dtype=bool)
    count[:, wards, 0] = np.where(hidden, np.nan, round_counts(true, policy.base))
    given[:, wards, 0] = True
    low, high = rounding_limits(count, policy)
    names = [slug for slug, table in zip(every, count, strict=True) if not np.isnan(table).all()]
    added = replace(exact, count=count, low=low, high=high, given=given).select(names)
    summed = added.count[:, wards, 0].sum(axis=1)
    totals = {slug: None if np.isnan(n) else int(n) for slug, n in zip(names, summed, strict=True)}
    return counts.joined(added), totals


def hidden_types(
    findings: Findings,
    *,
    states: States,
    bounds: Bounds,
    slugs: Sequence[str],
    policy: Policy,
    also: np.ndarray | None = None,
) -> np.ndarray:
    """Mark the counts of types, by type and ward, that an audience is not shown; see `release_types`."""
    tables = replace(_tables(findings, states, bounds, slugs), hidden=also)
    return withhold_types(tables, policy) != SHOWN


def _tables(findings: Findings, states: States, bounds: Bounds, slugs: Sequence[str]) -> TypeTables:
    """Count the wards' incidents by type, and by theme and type."""
    codes = findings.areas.level(schema.WARD).index
    ward = codes.get_indexer(findings.located["ward_code"].astype(object))
    kind = findings.type_of.to_numpy(dtype=bool).argmax(axis=1)
    themes = [findings.themes[slug].theme for slug in slugs[1:]]
    inside = classify(findings.located, themes).to_numpy(dtype=bool)
    n_types, n_wards = len(findings.types), len(codes)
    cell = kind * n_wards + ward

    def count(rows: np.ndarray) -> np.ndarray:
        kept = cell[rows & (ward >= 0)]
        return np.bincount(kept, minlength=n_types * n_wards).reshape(n_types, n_wards)

    by_group = np.array([count(column) for column in inside.T])
    return TypeTables(
        every=by_group[0].sum(axis=0),
        shown=states.ward[0] == SHOWN,
        types=by_group[0],
        both=by_group[1:],
        low=bounds.ward[0],
        high=bounds.ward[1],
        order=np.array([_commonness(findings.types[slug].theme.name) for slug in findings.types]),
    )


def _commonness(name: str) -> int:
    """Rank a type by what is known of England and Wales; others, such as a force's own, are rarer."""
    return RAREST_FIRST.index(name) if name in RAREST_FIRST else -1
