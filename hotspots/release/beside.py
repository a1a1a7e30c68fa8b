"""
What a release withholds because earlier ones of the same incidents are known.

Where an earlier release counts the same wards and some of the new one's months,
the months are cut where it begins or ends. Each piece is protected as a release of
its own, for a reader has it as a difference, and the whole is withheld wherever a
piece is: then the whole says nothing that the pieces do not say by themselves. What
the earlier release withholds stays withheld, and a grain that it lacks is not given.

Where it counts other wards, or months that the new one lacks, the difference cannot
be laid out in areas that both have. Then a theme of which either withholds a count
is given for the city alone, and nothing is given by month, by LSOA or by type.

References
----------
Hundepool, A. et al. (2012). Statistical Disclosure Control, sections 4.5 and 4.7. Wiley.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.release.further import Earlier, Further
from hotspots.release.withholding import COVER, SHOWN, CountTables, Marks, States, withhold


@dataclass(frozen=True)
class Layout:
    """
    What the tables' axes are called.

    Attributes
    ----------
    themes, wards, lsoas, months : tuple of str
    ward_vintage, lsoa_vintage : str
    lsoa_month : ndarray of int, shape (themes, lsoas, months)
        Exact counts by LSOA and month, which no release gives.
    """

    themes: tuple[str, ...]
    wards: tuple[str, ...]
    lsoas: tuple[str, ...]
    months: tuple[str, ...]
    ward_vintage: str
    lsoa_vintage: str
    lsoa_month: np.ndarray


@dataclass(frozen=True)
class Allowed:
    """
    What may be given at most.

    Attributes
    ----------
    marks : Marks
        Counts that are withheld in any case.
    monthly, fine : ndarray of bool, shape (themes,)
        Which themes may have counts by month and by LSOA.
    """

    marks: Marks
    monthly: np.ndarray
    fine: np.ndarray


def withhold_beside(
    tables: CountTables, policy: Policy, layout: Layout, *, further: Further, allowed: Allowed
) -> States:
    """
    Decide which counts are withheld where earlier releases are known.

    Parameters
    ----------
    tables : CountTables
    policy : Policy
    layout : Layout
    further : Further
        With the earlier releases.
    allowed : Allowed
        What may be given without them.

    Returns
    -------
    States
        As from `withhold`.
    """
    known = [one for one in further.earlier if set(one.months) & set(layout.months)]
    within = [one for one in known if one.within(layout.months, wards=layout.ward_vintage)]
    for one in within:
        if one.minimum <= policy.minimum:
            allowed = _as_before(one, layout, allowed)
    pieces = _pieces([one.months for one in within], layout.months)
    for piece in pieces:
        allowed = _as_pieces(_piece_states(tables, policy, layout, piece, allowed), piece, allowed)
    foreign = [one for one in known if one not in within]
    if foreign:
        allowed = _city_alone(tables, policy, layout, foreign, allowed)
    states = _withhold(tables, policy, allowed)
    return replace(states, month=_months_of_pieces(states, allowed)) if pieces else states


def _withhold(tables: CountTables, policy: Policy, allowed: Allowed) -> States:
    return withhold(tables, policy, monthly=allowed.monthly, fine=allowed.fine, further=allowed.marks)


def _months_of_pieces(states: States, allowed: Allowed) -> np.ndarray:
    """
    Withhold no month for the sake of the whole that no piece withholds.

    The whole less the other piece would narrow it, and the pieces hold by themselves.
    """
    free = (states.month == COVER) & ~allowed.marks.month & (states.ward == SHOWN)[..., None]
    return np.where(free, SHOWN, states.month)


def types_before(layout: Layout, policy: Policy, further: Further) -> np.ndarray:
    """
    Mark the counts of types, by type and ward, that earlier releases ask to be withheld.

    What one within the new release withholds stays withheld; beside one that counts
    otherwise no type is given.
    """
    marks = np.zeros((len(layout.themes), len(layout.wards)), dtype=bool)
    if counts_otherwise(further, layout.months, layout.ward_vintage):
        return ~marks
    for one in further.earlier:
        if set(one.months) & set(layout.months) and one.minimum <= policy.minimum:
            for row, slug in enumerate(layout.themes):
                for at, code in enumerate(layout.wards):
                    marks[row, at] |= (slug, schema.WARD, code, schema.WHOLE_PERIOD) in one.withheld
    return marks


def counts_otherwise(further: Further, months: Sequence[str], wards: str) -> bool:
    """Tell whether an earlier release counts other wards, or months that the new one lacks."""
    shared = [one for one in further.earlier if set(one.months) & set(months)]
    return any(not one.within(months, wards=wards) for one in shared)


def _city_alone(
    tables: CountTables, policy: Policy, layout: Layout, foreign: Sequence[Earlier], allowed: Allowed
) -> Allowed:
    """Give by ward the themes alone of which neither release withholds any count."""
    none = np.zeros(len(layout.themes), dtype=bool)
    plain = replace(allowed, monthly=none, fine=none)
    whole = (_withhold(tables, policy, plain).ward == SHOWN).all(axis=1)
    for one in foreign:
        whole &= one.whole_themes(layout.themes)
    return replace(plain, marks=replace(allowed.marks, ward=allowed.marks.ward | ~whole[:, None]))


def _as_before(one: Earlier, layout: Layout, allowed: Allowed) -> Allowed:
    """Withhold what an earlier release withholds, and give no grain that it lacks."""
    marks, same = allowed.marks, one.lsoas == layout.lsoa_vintage
    at = {
        schema.WARD: {code: k for k, code in enumerate(layout.wards)},
        schema.LSOA: {code: k for k, code in enumerate(layout.lsoas)} if same else {},
    }
    ward, month, lsoa = marks.ward.copy(), marks.month.copy(), marks.lsoa.copy()
    for theme, level, code, when in one.withheld:
        if theme not in layout.themes or code not in at[level]:
            continue
        row, area = layout.themes.index(theme), at[level][code]
        if level == schema.LSOA:
            lsoa[row, area] = True
        elif when and month.shape[2]:
            month[row, area, layout.months.index(when)] = True
        else:
            ward[row, area] = True
    # Of a single month the whole is the month.
    monthly = np.array([theme in one.monthly or len(one.months) == 1 for theme in layout.themes])
    fine = np.array([theme in one.fine and same for theme in layout.themes])
    return Allowed(
        replace(marks, ward=ward, month=month, lsoa=lsoa), allowed.monthly & monthly, allowed.fine & fine
    )


def _pieces(periods: Sequence[Sequence[str]], months: Sequence[str]) -> list[tuple[int, ...]]:
    """Cut months where a period begins or ends, as positions; one piece is no piece."""
    groups: dict[tuple[bool, ...], list[int]] = defaultdict(list)
    for at, month in enumerate(months):
        groups[tuple(month in period for period in periods)].append(at)
    return [tuple(piece) for piece in groups.values()] if len(groups) > 1 else []


def _piece_states(
    tables: CountTables, policy: Policy, layout: Layout, piece: tuple[int, ...], allowed: Allowed
) -> States:
    """Protect a piece of the period as if it were released by itself."""
    at = list(piece)
    months = tables.month[..., at]
    ward = months.sum(axis=2)
    listed = months if len(at) > 1 else months[..., :0]
    lsoa = layout.lsoa_month[..., at].sum(axis=2)
    part = replace(tables, total=ward.sum(axis=1), ward=ward, month=listed, lsoa=lsoa)
    return withhold(part, policy, monthly=allowed.monthly, fine=allowed.fine)


def _as_pieces(states: States, piece: tuple[int, ...], allowed: Allowed) -> Allowed:
    """Withhold the whole wherever a piece is withheld, and the piece's months as it does."""
    marks, hidden, month = allowed.marks, states.ward != SHOWN, allowed.marks.month.copy()
    single = len(piece) == 1
    month[..., list(piece)] |= hidden[..., None] if single else states.month != SHOWN
    return Allowed(
        Marks(
            marks.total | (states.total != SHOWN),
            marks.ward | hidden,
            month,
            marks.lsoa | (states.lsoa != SHOWN),
        ),
        allowed.monthly & (states.monthly | single),
        allowed.fine & states.fine,
    )
