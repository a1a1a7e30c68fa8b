"""Whatever leaves outside internal use is a function of the released counts: equal tables, equal bytes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hotspots import schema
from hotspots.audiences import POLICIES
from hotspots.outputs.record import manifest
from hotspots.outputs.tables import area_table, cluster_table, month_table, priority_table
from hotspots.pages import map_payload, ward_pages
from hotspots.release import disclose as door
from hotspots.release.disclose import disclose
from hotspots.release.rounding import round_counts, rounding_limits
from hotspots.release.withholding import withhold

OUTSIDE = ("partner", "public")


def shown_bytes(release):
    """Give all that a reader sees but the shapes, as text."""
    tables = [table(release).to_csv() for table in (area_table, priority_table, month_table)]
    payload = map_payload.build_payload(release)
    payload |= dict.fromkeys(("clusters", "bands"))
    record = {**manifest(release), "marking": ""}
    return "".join([*tables, release.results.to_csv(), repr(payload), repr(record)])


@pytest.fixture(scope="module", params=OUTSIDE)
def released(request, sample_analysis):
    """Release the sample once for each audience: the audience, the release and its bytes."""
    release = disclose(sample_analysis, audience=request.param)
    return request.param, release, shown_bytes(release)


def other_counts(analysis, seed):
    """Move counts about within their rounding, and hidden ones anywhere below the minimum, at random."""
    rng = np.random.default_rng(seed)
    table = analysis.table
    policy = POLICIES["public"]
    count = table.count.astype(float)
    low, high = rounding_limits(np.maximum(count, policy.minimum), policy)
    inside = rng.integers(np.minimum(low, high), high + 1).astype(float)
    moved = np.select([count < 5, count < policy.minimum], [rng.integers(0, 5, count.shape), count], inside)
    return replace(table, count=moved, low=moved, high=moved)


@pytest.mark.parametrize("seed", [20230504])
def test_equal_released_tables_give_equal_bytes_whatever_was_found(sample_analysis, released, seed):
    """Exchange every exact finding for another behind equal released tables: nothing that is read changes."""
    audience, _, before = released
    rng = np.random.default_rng(seed)
    scrambled = replace(
        sample_analysis,
        results=sample_analysis.results.sample(frac=1, random_state=seed).assign(rank=1.0, gi_star=9.0),
        priority=sample_analysis.priority.assign(rank=rng.permutation(len(sample_analysis.priority)) + 1.0),
        warnings=("3 rows of secret.csv were odd",),
        geocoding={**sample_analysis.geocoding, "hit_rate": {"rate": rng.random()}, "themes": []},
        rejected=sample_analysis.rejected.iloc[: int(rng.integers(1, 9))],
        combined={"drugs-and-alcohol-misuse": 1.0},
        themes={
            slug: replace(
                one,
                observability="direct",
                observability_text=f"Seen in {rng.integers(100)} % of 7 incidents.",
                bandwidth=None,
                parameters=None,
                withheld="" if one.theme.density else one.withheld,
            )
            for slug, one in sample_analysis.themes.items()
        },
    )
    assert shown_bytes(disclose(scrambled, audience=audience)) == before


def test_other_counts_behind_the_same_released_table_give_the_same_bytes(
    sample_analysis, released, monkeypatch
):
    """Release two different sets of exact counts by one table: ranks, words and pages are the same."""
    audience, truth, _ = released
    kept, totals = {}, {view.slug: view.total for view in truth.themes}
    for name in ("release_counts", "release_types"):
        kept[name] = getattr(door, name)
    first = {}

    def counts(findings, *args, **kwargs):
        return first.setdefault("counts", kept["release_counts"](findings, *args, **kwargs))

    def types(findings, table, **kwargs):
        return first.setdefault("types", kept["release_types"](findings, table, **kwargs))

    monkeypatch.setattr(door, "release_counts", counts)
    monkeypatch.setattr(door, "release_types", types)
    monkeypatch.setattr(door, "_totals", lambda tables, states, slugs, policy: {s: totals[s] for s in slugs})

    def states(tables, policy, **kwargs):
        # The public's goes by the partner's, whose states are its own.
        return first.setdefault(policy.audience, withhold(tables, policy, **kwargs))

    monkeypatch.setattr(door, "withhold", states)
    disclose(sample_analysis, audience=audience)
    other = replace(sample_analysis, table=other_counts(sample_analysis, 5))
    assert not np.array_equal(other.table.count, sample_analysis.table.count)
    assert shown_bytes(disclose(other, audience=audience)) == released[2]


def test_ranks_go_by_the_rounded_counts(released):
    release = released[1]
    rows = release.priority[release.priority["theme"].eq("all") & release.priority["level"].eq(schema.WARD)]
    assert rows["count"].dropna().eq(round_counts(rows["count"].dropna(), 5)).all()
    again = rows.sort_values("rank")
    # With residents alike the shrunk rates order as the counts do.
    assert np.corrcoef(again["rank"], -again["shrunk_rate"])[0, 1] > 0.8
    assert (np.diff(again["shrunk_rate"].dropna()) <= 1e-9).all()


def test_every_page_and_the_workbook_say_what_rounding_does_to_ranks_and_changes(sample_analysis, released):
    release = released[1]
    said = "Ranks, chances, shares and changes are computed from these rounded counts"
    assert any(said in text for text in release.warnings)
    pages = ward_pages.render_all(release)
    assert all(said in text for name, text in pages.items() if name != "index.html")
    assert not any(said in text for text in disclose(sample_analysis).warnings)
    assert len(cluster_table(release))
