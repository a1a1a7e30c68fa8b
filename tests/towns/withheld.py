"""Small towns withheld by the project's rule and published by the small releases' own."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from small_releases import honest, town

from hotspots.audiences import POLICIES
from hotspots.auditing.bounds import bounds
from hotspots.release.beside import Allowed, Layout, withhold_beside
from hotspots.release.further import EVERYWHERE, Further, earlier_of
from hotspots.release.withholding import SHOWN, CountTables, Marks


@st.composite
def hierarchies(draw):
    """Draw all incidents and a theme among them, by LSOA and month, with LSOAs in wards."""
    wards, per_ward, months = draw(st.integers(2, 4)), draw(st.integers(2, 3)), draw(st.integers(1, 3))
    shape = (wards * per_ward, months)
    most = draw(st.sampled_from([12, 40, 90]))
    cells = draw(st.lists(st.integers(0, most), min_size=shape[0] * months, max_size=shape[0] * months))
    every = np.array(cells).reshape(shape)
    part = draw(st.lists(st.sampled_from([0.0, 0.1, 0.4, 0.9, 1.0]), min_size=shape[0], max_size=shape[0]))
    return {"all": every, "robbery": np.floor(every * np.array(part)[:, None]).astype(int)}, per_ward


def released(
    counts,
    per_ward,
    audience,
    *,
    first=0,
    months=None,
    beside=(),
    cells=frozenset(),
    vintage="ward_2023",
    wide=1,
):
    """
    Release the months from `first` on, withholding what `beside`, some `Earlier`, asks for, and `cells`.

    Counts are by LSOA and month, with LSOAs in wards of a vintage, so many kilometres wide.
    """
    policy, cube = POLICIES[audience], np.stack(list(counts.values()))[..., first:months]
    _, lsoas, months = cube.shape
    wards = lsoas // per_ward
    names = tuple(f"2025-{first + m + 1:02d}" for m in range(months))
    codes = [f"E0500{w + 1:04d}" for w in range(wards)], [f"E0100{s + 1:04d}" for s in range(lsoas)]
    states = _states(
        cube,
        per_ward,
        policy,
        Layout(tuple(counts), *map(tuple, codes), names, vintage, "lsoa_2021", cube),
        Further(cells, tuple(beside)),
    )
    hidden, dropped = set(), set()
    for t, theme in enumerate(counts):
        for w, code in enumerate(codes[0]):
            at = (theme, "ward", code)
            hidden |= {(*at, "")} if states.ward[t, w] != SHOWN else set()
            keys = [(*at, name) for name in names if months > 1]
            dropped |= set() if states.monthly[t] else set(keys)
            hidden |= {key for key, state in zip(keys, states.month[t, w], strict=False) if state != SHOWN}
        keys = [(theme, "lsoa", code, "") for code in codes[1]]
        dropped |= set() if states.fine[t] else set(keys)
        hidden |= {key for key, state in zip(keys, states.lsoa[t], strict=True) if state != SHOWN}
    truth = town(dict(zip(counts, cube, strict=True)), months=names, per_ward=per_ward)
    truth = {key: n for key, n in truth.items() if key not in dropped}
    release = honest(
        truth,
        audience=audience,
        wards=wards,
        per_ward=per_ward,
        months=names,
        further=tuple(hidden),
        ward_vintage=vintage,
        wide=wide,
    )
    for t, theme in enumerate(counts):
        if states.total[t] != SHOWN:
            release.totals[theme] = None
    return release.published()


def _states(cube, per_ward, policy, layout, further):
    themes, lsoas, months = cube.shape
    wards = lsoas // per_ward
    by_month = cube.reshape(themes, wards, per_ward, months).sum(axis=2)
    ward = by_month.sum(axis=2)
    inside = np.arange(lsoas)[None] // per_ward == np.arange(wards)[:, None]
    listed = by_month if months > 1 else by_month[..., :0]
    tables = CountTables(ward.sum(axis=1), ward, listed, cube.sum(axis=2), *[inside] * 3)
    marks = Marks(
        np.zeros(tables.total.shape, bool),
        further.marks(layout.themes, "ward", layout.wards),
        np.zeros(listed.shape, bool),
        further.marks(layout.themes, "lsoa", layout.lsoas),
    )
    allowed = Allowed(marks, np.ones(themes, bool), np.ones(themes, bool))
    return withhold_beside(tables, policy, layout, further=further, allowed=allowed)


def held(counts, per_ward, audience, *, before, **more):
    """Release beside others, and withhold a theme's areas where it does not hold, as a run does."""
    cells = frozenset()
    for _ in range(4):
        beside = map(earlier_of, before)
        after = released(counts, per_ward, audience, beside=beside, cells=cells, **more)
        found = below(after, *before)
        if not found:
            return after, len(cells)
        cells |= {(one.cell.theme, level, EVERYWHERE) for one in found for level in ("ward", "lsoa")}
    raise AssertionError([one.cell.words() for one in found])


def below(*releases):
    return [bound for table in bounds(releases).tables for bound in table.below]
