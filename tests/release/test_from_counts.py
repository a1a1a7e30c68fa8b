"""Whatever leaves outside internal use is a function of the released counts: equal tables, equal bytes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import alike
import numpy as np
import pytest
from badinput import digests
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots import schema
from hotspots.outputs.publish import publish
from hotspots.outputs.record import manifest
from hotspots.outputs.tables import area_table, cluster_table, month_table, priority_table
from hotspots.pages import map_payload, ward_pages
from hotspots.release import disclose as door
from hotspots.release.disclose import disclose
from hotspots.release.rounding import round_counts
from hotspots.release.type_figures import with_other_types
from hotspots.themes.types import OTHER

OUTSIDE = ("partner", "public")


def shown_bytes(release):
    """Give all that a reader sees but the shapes, as text."""
    tables = [table(release).to_csv() for table in (area_table, priority_table, month_table)]
    payload = map_payload.build_payload(release)
    payload |= dict.fromkeys(("clusters", "bands"))
    record = {**manifest(release), "marking": ""}
    return "".join([*tables, release.results.to_csv(), repr(payload), repr(record)])


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Analyse a random town once: the town and what was found."""
    homes = alike.random_town(3, n=4000, months=6)
    return homes, homes.analyse(tmp_path_factory.mktemp("town") / "base")


@pytest.fixture(scope="module", params=OUTSIDE)
def released(request, town):
    """Release the town once for each audience: the audience, the release and its bytes."""
    release = town[1].release(audience=request.param)
    return request.param, release, shown_bytes(release)


@pytest.mark.parametrize("seed", [20230504])
def test_equal_released_tables_give_equal_bytes_whatever_was_found(town, released, seed):
    """Exchange every exact finding for another behind equal released tables: nothing that is read changes."""
    audience, _, before = released
    found, rng = town[1], np.random.default_rng(seed)
    scrambled = replace(
        found,
        results=found.results.sample(frac=1, random_state=seed).assign(rank=1.0, gi_star=9.0),
        priority=found.priority.assign(rank=rng.permutation(len(found.priority)) + 1.0),
        warnings=("3 rows of secret.csv were odd",),
        geocoding={**found.geocoding, "hit_rate": {"rate": rng.random()}, "themes": []},
        rejected=found.rejected.iloc[: int(rng.integers(1, 9))],
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
            for slug, one in found.themes.items()
        },
    )
    assert shown_bytes(disclose(scrambled, audience=audience)) == before


@pytest.fixture(scope="module")
def search(town, released):
    """Look for twins of the town beside the release of an audience."""
    return released[0], released[1], alike.Search(*town, released[1])


# `make attack` tries hundreds of them.
@settings(max_examples=1)
@given(st.integers(0, 2**32 - 1))
def test_incidents_moved_about_behind_equal_tables_change_nothing_but_shapes(search, seed):
    audience, release, found = search
    for kept in alike.KEPT:
        taken = found.moved(np.random.default_rng(seed), kept)
        assert taken is not None
        twin = disclose(found.findings(taken), audience=audience)
        if alike.same_tables(release, twin):
            break
    else:
        raise AssertionError("no twin was found")
    assert set(alike.differences(release, twin)) <= set(alike.SHAPES)


def test_a_twin_from_files_of_its_own_gives_the_same_bytes_of_every_file(town, tmp_path):
    """Other rows, names, streets, order and refused rows: pages, tables, workbook, layers, record alike."""
    homes, found = town
    one = found.release(audience="partner")
    search = alike.Search(homes, found, one)
    rng, twins = np.random.default_rng(4), []
    for kept in alike.KEPT[1:]:
        twin = search.twin(search.moved(rng, kept)).analyse(tmp_path / f"{kept}", seed=9)
        twins.append(twin.release(audience="partner"))
        if alike.same_tables(one, twins[-1]):
            break
    other = twins[-1]
    assert alike.same_tables(one, other)
    for name, release in (("one", one), ("other", alike.with_shapes_of(other, one))):
        publish(release, tmp_path / name)
    assert len(digests(tmp_path / "one")) > 30
    assert digests(tmp_path / "other") == digests(tmp_path / "one")


def test_other_types_are_there_whether_or_not_a_secret_type_is_counted_with_them(town):
    """Without, the public learns from "Other types" that a type of a secret theme occurs."""
    found, release = town[1], town[1].release(audience="public")
    folded = with_other_types(found)
    assert {*found.types} - {*folded.types} == {"type-pedlars"} and list(folded.types)[-1] == OTHER
    assert folded.types[OTHER].total == found.types["type-pedlars"].total
    assert folded.type_of.sum(axis=1).eq(1).all() and list(folded.type_of) == list(folded.types)
    assert with_other_types(folded) is folded
    again = disclose(folded, audience=release.audience)
    assert alike.differences(release, again) == []
    assert "Pedlars" not in {view.name for view in release.types}


def test_types_of_police_uk_files_are_all_named(town):
    sources = [
        SimpleNamespace(kind="police.uk street", rows_kept=9),
        SimpleNamespace(kind="table", rows_kept=0),
    ]
    files = SimpleNamespace(report=SimpleNamespace(sources=sources))
    found = replace(town[1], incidents=files)
    assert with_other_types(found) is found


def test_circles_are_sought_by_what_is_released_and_not_by_what_was_found(town, released, monkeypatch):
    found, asked = town[1], []
    monkeypatch.setattr(door, "scan_release", lambda *_, themes, **__: asked.append(themes))
    told = {slug: replace(one, withheld="found to be too few") for slug, one in found.themes.items()}
    for themes in (found.themes, told):
        door._scanned(
            replace(found, themes=themes, settings=replace(found.settings, scan=True)),
            found.table,
            released[1].themes,
            released[1].policy,
        )
    assert asked[0] == asked[1] and "all" in asked[0]


def test_ranks_go_by_the_rounded_counts(released):
    release = released[1]
    rows = release.priority[release.priority["theme"].eq("all") & release.priority["level"].eq(schema.WARD)]
    assert rows["count"].dropna().eq(round_counts(rows["count"].dropna(), 5)).all()
    again = rows.dropna(subset=["rank"]).sort_values("rank")
    assert len(again) > 5
    # With residents alike the shrunk rates order as the counts do.
    assert np.corrcoef(again["rank"], -again["shrunk_rate"])[0, 1] > 0.8
    assert (np.diff(again["shrunk_rate"].dropna()) <= 1e-9).all()


def test_every_page_and_the_workbook_say_what_rounding_does_to_ranks_and_changes(town, released):
    found, release = town[1], released[1]
    said = "Ranks, chances, shares and changes are computed from these rounded counts"
    assert any(said in text for text in release.warnings)
    pages = ward_pages.render_all(release)
    assert all(said in text for name, text in pages.items() if name != "index.html")
    assert not any(said in text for text in disclose(found).warnings)
    assert len(cluster_table(release))
