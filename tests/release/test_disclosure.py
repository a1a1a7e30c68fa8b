"""What each audience may see, and what it cannot work out."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from attacker import Attacker

from hotspots.audiences import POLICIES
from hotspots.errors import ParameterError
from hotspots.geography.coarse import coarse_cells
from hotspots.months import period_words
from hotspots.places import coordinates
from hotspots.release.disclose import disclose
from hotspots.release.rounding import rounding_limits
from hotspots.themes.themes import classify


@pytest.fixture(scope="module")
def releases(sample_analysis):
    return {name: sample_analysis.release(audience=name) for name in POLICIES}


def test_internal_figures_are_exact(releases, sample_analysis):
    found = sample_analysis.counts.reset_index(drop=True)
    # How texts are held is of no account.
    pd.testing.assert_frame_equal(
        releases["internal"].counts, found, check_dtype=False, check_column_type=False
    )


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_small_counts_are_withheld_and_others_rounded(releases, sample_analysis, audience):
    policy = POLICIES[audience]
    keys = ["level", "code", "theme", "month"]
    shown = releases[audience].counts.merge(sample_analysis.counts, on=keys, suffixes=("", "_true"))
    shown = shown[shown["theme"].ne("combined")]
    small = shown["count_true"] < policy.minimum
    assert small.any() and (~small).any()
    assert shown.loc[small, ["count", "rate_per_1000", "rate_per_km2"]].isna().all(axis=None)
    large = shown.loc[~small].dropna(subset=["count"])
    assert (large["count"] % policy.base == 0).all()
    assert (abs(large["count"] - large["count_true"]) <= policy.base / 2).all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_a_rate_gives_no_more_than_its_count(releases, audience):
    release = releases[audience]
    shown = release.counts.dropna(subset=["count"]).query("level == 'ward'")
    years = np.where(shown["month"].eq(""), len(release.months), 1) / 12
    back = shown["rate_per_km2"] * release.wards["area_km2"].reindex(shown["code"]).to_numpy() * years
    assert np.allclose(back, shown["count"])


@pytest.mark.parametrize("audience", POLICIES)
def test_every_published_count_bounds_the_true_one(releases, sample_analysis, audience):
    # What the combination adds up goes by what is shown, so its count may be of fewer themes.
    shown = releases[audience].table
    shown = shown.select([group for group in shown.groups if group != "combined"])
    true = sample_analysis.table.select(shown.groups).count
    known = ~np.isnan(shown.count)
    assert known.any() and not (known & ~shown.given).any()
    assert (shown.low[known] <= true[known]).all() and (true[known] <= shown.high[known]).all()
    exact = not POLICIES[audience].minimum
    assert (shown.low[known] == shown.high[known]).all() == exact


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_the_combination_tells_no_more_than_the_sum_of_what_its_themes_publish(releases, audience):
    release = releases[audience]
    counts = release.counts.set_index(["theme", "level", "code", "month"])["count"]
    together = counts["combined"]
    assert together.notna().any()
    for (level, *cell), count in together.items():
        parts = [counts[slug, level, *cell] for slug in release.combined_at[level]]
        np.testing.assert_equal(count, np.sum(parts))
    ranked = release.priority.query("theme == 'combined' and level == 'ward'").set_index("code")["count"]
    pd.testing.assert_series_equal(
        ranked.sort_index(),
        together["ward", :, ""].sort_index(),
        check_names=False,
        check_dtype=False,
        check_index_type=False,
    )


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_months_that_are_left_out_give_no_change(releases, audience):
    release = releases[audience]
    months = release.counts[release.counts["month"].ne("")]
    without = release.results[~release.results["theme"].isin(set(months["theme"]))]
    assert len(without) and without[["change", "change_low", "change_high", "change_q"]].isna().all(axis=None)


def test_the_public_sees_nothing_of_the_most_sensitive_themes(releases):
    public, internal = (releases[name] for name in ("public", "internal"))
    secret = {view.slug for view in internal.themes if view.sensitivity == "secret"}
    assert secret and secret.isdisjoint({view.slug for view in public.themes})
    for frame in (public.counts, public.results, public.priority, public.clusters, public.bands):
        assert secret.isdisjoint(set(frame["theme"]))


def test_restricted_themes_stay_at_ward_level_outside_internal_use(releases):
    for audience in ("partner", "public"):
        release = releases[audience]
        restricted = {view.slug for view in release.themes if view.sensitivity != "open"}
        fine = release.counts[release.counts["level"].eq("lsoa")]
        assert restricted.isdisjoint(set(fine["theme"]))
        assert restricted.isdisjoint(set(release.clusters["theme"]) | set(release.bands["theme"]))
        assert all(view.withheld for view in release.themes if view.slug in restricted)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_types_leave_by_ward_over_the_whole_period_only(releases, audience):
    release = releases[audience]
    types = release.counts[release.counts["theme"].str.startswith("type-")]
    assert len(types) == len(release.types) * len(release.wards)
    assert types["level"].eq("ward").all() and types["month"].eq("").all()
    assert types["count"].notna().mean() > 0.5
    for view in release.types:
        shown = types.loc[types["theme"].eq(view.slug), "count"]
        assert view.total == (None if shown.isna().any() else shown.sum())
        assert "LSOA are for internal use" in view.grain
    assert release.clusters["types"].eq("").all()


def test_types_part_all_incidents_for_internal_use(releases):
    counts = releases["internal"].counts
    types = counts[counts["theme"].str.startswith("type-")]
    keys = ["level", "code", "month"]
    every = counts[counts["theme"].eq("all")].set_index(keys)["count"]
    pd.testing.assert_series_equal(types.groupby(keys)["count"].sum(), every.sort_index(), check_dtype=False)
    # whatever an assessment makes a theme of is a type as well, and is told from it by its slug
    assert {"anti-social-behaviour", "type-anti-social-behaviour"} <= set(counts["theme"])


def test_terrorism_never_has_points_density_or_clusters(releases):
    for release in releases.values():
        for view in release.themes:
            if view.slug == "terrorism-and-extremism":
                assert not view.shows_density and not view.shows_clusters and view.withheld


def test_an_unknown_audience_is_refused(sample_analysis):
    with pytest.raises(ParameterError, match="Audience 'all' is unknown"):
        disclose(sample_analysis, audience="all")


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (("2025-01", "2025-02", "2025-03"), "January to March 2025"),
        (("2024-11", "2024-12", "2025-01"), "November 2024 to January 2025"),
        (("2018-11", "2018-12", "2025-01"), "November to December 2018 and January 2025"),
        (("2025-03",), "March 2025"),
        ((), "no months"),
    ],
)
def test_a_period_is_said_as_people_do(months, words):
    assert period_words(months) == words


@pytest.fixture(scope="module")
def attacked(sample_analysis, releases):
    return {
        audience: whole_program(releases[audience], sample_analysis) for audience in ("partner", "public")
    }


def whole_program(release, analysis):
    """Set a linear program on every number of a release: counts, totals, clusters and bands."""
    policy, lp = POLICIES[release.audience], Attacker()
    true = analysis.counts.set_index(["theme", "level", "code", "month"])["count"]
    # The combination is the sum of published counts: it adds nothing to them.
    for row in release.counts[release.counts["theme"].ne("combined")].itertuples():
        key = (row.theme, row.level, row.code, row.month)
        if np.isnan(row.count):
            # of a type nothing tells whether it is small or withheld for another
            told = true[key] < policy.minimum and not row.theme.startswith("type-")
            lp.unknown(key, 0.0, policy.minimum - 1.0 if told else np.inf)
        else:
            lp.unknown(key, *map(float, rounding_limits(row.count, policy)))
    add_types(lp, release, analysis)
    for view in release.themes:
        if view.kind == "combined":
            continue
        total = analysis.themes[view.slug].total
        known = view.total is not None
        # as if the exact total were known from elsewhere
        lp.unknown(view.slug, *((float(total), float(total)) if known else (0.0, np.inf)))
        for level in ("ward", "lsoa"):
            codes = [key[2] for key in lp.index if key[:2] == (view.slug, level) and key[3:] == ("",)]
            if codes and (true[view.slug, level, :, ""].sum() == total):
                lp.equal(view.slug, [(view.slug, level, code, "") for code in codes])
            for code in codes:
                parts = [
                    key for month in release.months if (key := (view.slug, level, code, month)) in lp.index
                ]
                if parts:
                    lp.equal((view.slug, level, code, ""), parts)
                if view.slug != "all" and ("all", level, code, "") in lp.index:
                    lp.between({("all", level, code, ""): 1.0, (view.slug, level, code, ""): -1.0}, 0.0)
    for frame, number in ((release.clusters, "n"), (release.bands, "incidents")):
        for level in ("ward", "lsoa"):
            add_shapes(lp, frame, number, release.wards if level == "ward" else release.lsoas, level, policy)
    return lp


def add_types(lp, release, analysis):
    """Say that the types make up all incidents, and the themes' parts of them the themes."""
    kind = analysis.type_of.idxmax(axis=1)
    member = classify(analysis.located, [one.theme for one in list(analysis.themes.values())[1:]])
    for code in release.wards.index:
        # Types of which nothing is shown are not named: they may hold anything.
        lp.unknown(("unnamed types", code))
        parts = [*((view.slug, "ward", code, "") for view in release.types), ("unnamed types", code)]
        lp.equal(("all", "ward", code, ""), parts)
        for view in release.themes[1:]:
            key = (view.slug, "ward", code, "")
            if view.kind == "combined" or key not in lp.index or not member[view.slug].any():
                continue
            # A theme may rest on types that are not named.
            hidden = ("unnamed part", view.slug, code)
            lp.unknown(hidden)
            lp.between({hidden: 1.0, ("unnamed types", code): -1.0}, high=0.0)
            terms = {key: -1.0, hidden: 1.0}
            for one in release.types:
                both = int((member[view.slug] & kind.eq(one.slug)).sum())
                if both == kind.eq(one.slug).sum():
                    terms[one.slug, "ward", code, ""] = 1.0
                elif both:
                    part = (view.slug, one.slug, code)
                    lp.unknown(part)
                    lp.between({part: 1.0, (one.slug, "ward", code, ""): -1.0}, high=0.0)
                    terms[part] = 1.0
            lp.between(terms, 0.0, 0.0)


def add_shapes(lp, frame, number, areas, level, policy):
    """Say that each shape's incidents lie in the areas that it reaches into; bands hold the denser ones."""
    for theme, rows in frame.groupby("theme"):
        if not any(key[:2] == (theme, level) for key in lp.index):
            continue
        held = {code: [] for code in areas.index}
        rings = []
        for at, row in enumerate(rows.itertuples()):
            shape, total = (number, level, theme, at), getattr(row, number)
            lp.unknown(shape)
            parts = [(*shape, code) for code in areas.index[areas.intersects(row.geometry)]]
            for part in parts:
                lp.unknown(part)
                held[part[-1]].append(part)
            lp.equal(shape, parts)
            rings.append((shape, total))
        for at, (shape, total) in enumerate(rings):
            inside = [one for one, _ in rings[at:]] if number == "incidents" else [shape]
            if not np.isnan(total):
                low, high = rounding_limits(total, policy)
                lp.between(dict.fromkeys(inside, 1.0), float(low), float(high))
        for code, parts in held.items():
            lp.between({(theme, level, code, ""): 1.0, **dict.fromkeys(parts, -1.0)}, 0.0)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_no_published_number_narrows_a_small_count(attacked, releases, sample_analysis, audience):
    policy = POLICIES[audience]
    true = sample_analysis.counts.set_index(["theme", "level", "code", "month"])["count"]
    hidden = releases[audience].counts
    hidden = hidden[hidden["count"].isna()]
    keys = hidden[["theme", "level", "code", "month"]].itertuples(index=False, name=None)
    small = [key for key in keys if key[0] != "combined" and true[key] < policy.minimum]
    assert small
    assert any(key[0].startswith("type-") for key in small)
    # the largest small counts are nearest to being narrowed from above, the smallest from below
    order = sorted(small, key=lambda key: (true[key], key))
    types = [key for key in order if key[0].startswith("type-")]
    beside = {key[2] for key in types}
    themes = [key for key in order if key[1] == "ward" and key[3] == "" and key[2] in beside]
    picked = [*types[:: max(len(types) // 8, 1)], *themes[:: max(len(themes) // 6, 1)]]
    for key in dict.fromkeys([*order[:4], *order[-4:], *order[:: max(len(order) // 6, 1)], *picked]):
        low, high = attacked[audience].interval(key)
        assert high - low >= policy.protection - 1e-6, (key, low, high)


def analyse_file(path):
    from hotspots.analysis import analyse_files
    from hotspots.settings import Settings

    return analyse_files(Settings(inputs=(path,), draws=20, permutations=99))


@pytest.mark.shared
@pytest.mark.parametrize("where", ["-1.540000,52.869000", "-1.540000,52.905000"])
def test_nothing_points_to_a_lone_incident(shared, tmp_path, where):
    # as it came, beyond the city's border, and moved to its western edge
    text = (shared / "badinput" / "180_lone_incident.csv").read_text(encoding="utf-8")
    path = tmp_path / "lone.csv"
    path.write_text(text.replace("-1.540000,52.869000", where), encoding="utf-8")
    analysis = analyse_file(path)
    longitude, latitude = map(float, where.split(","))
    points = gpd.GeoSeries(gpd.points_from_xy([longitude], [latitude], crs=4326)).to_crs(27700)
    lone = points.iloc[0]
    for audience, policy in POLICIES.items():
        release = disclose(analysis, audience=audience)
        assert len(release.bands) or audience != "internal"
        for shapes in (release.clusters, release.bands):
            assert (shapes.distance(lone) > 1000).all()
        if policy.minimum:
            assert (release.streets.distance(lone) > 1000).all()
            assert not (release.counts["count"] < policy.minimum).any()
            wards = release.wards.index[release.wards.contains(lone)]
            own = release.results[release.results["code"].isin(wards)]
            assert own[["count", "gi_star", "p_top", "rate_per_km2"]].isna().all(axis=None)


@pytest.mark.shared
@pytest.mark.parametrize("audience", ["partner", "public"])
def test_an_area_minus_its_parts_gives_no_small_count(shared, audience):
    analysis = analyse_file(shared / "badinput" / "181_area_minus_parts.csv")
    policy, release = POLICIES[audience], disclose(analysis, audience=audience)
    lp = whole_program(release, analysis)
    true = analysis.counts.set_index(["theme", "level", "code", "month"])["count"]
    keys = release.counts[["theme", "level", "code", "month"]].itertuples(index=False, name=None)
    small = [key for key in keys if key[0] != "combined" and true[key] < policy.minimum]
    assert small
    for key in small[:: max(len(small) // 8, 1)]:
        low, high = lp.interval(key)
        assert high - low >= policy.protection - 1e-6, (key, low, high)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_every_shape_holds_enough_incidents_on_both_sides_of_its_cell(releases, sample_analysis, audience):
    policy, release, places = POLICIES[audience], releases[audience], sample_analysis.places
    assert len(release.clusters) and len(release.bands)
    half = coarse_cells(release.outline).halve(coordinates(places.frame))
    for row in release.clusters.itertuples():
        n = places.weights(row.theme)
        # The border of the city is drawn by hand: a place may lie a few metres beyond.
        inside = (n > 0) & (places.frame.geometry.distance(row.geometry).to_numpy() < 20)
        assert n[inside].sum() >= policy.shape_minimum
        sides = np.bincount(half[inside] % 2, weights=n[inside], minlength=2)
        assert sides.min() >= policy.shape_places
        assert np.isnan(row.n) or row.n % policy.base == 0 <= n[inside].sum() - row.n + policy.base
    blank = [
        "streets",
        "monthly",
        "status",
        "first_month",
        "last_month",
        "flags",
        "part_of",
        "types",
        "hours",
    ]
    assert release.clusters[blank].eq("").all(axis=None)
    assert release.clusters[["places", "confidence"]].isna().all(axis=None)
    assert release.bands[["incidents", "incident_share"]].isna().all(axis=None)
    assert not len(release.streets)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_corners_of_shapes_lie_on_a_coarse_grid_or_on_the_border(releases, audience):
    release, step = releases[audience], POLICIES[audience].snap
    corners = shapely.get_coordinates([*release.clusters.geometry, *release.bands.geometry])
    inner = shapely.distance(shapely.points(corners), shapely.boundary(release.outline)) > 1
    off = np.abs(corners / step - np.round(corners / step)).max(axis=1) * step > 1e-3
    assert len(corners) > 50 and not (off & inner).any()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_an_area_with_a_withheld_count_is_not_ranked_and_says_only_that(releases, audience):
    release = releases[audience]
    numbers = ["rank", "rank_low", "rank_high", "p_top", "rate_per_1000", "rate_per_km2"]
    for frame in (release.priority, release.results):
        hidden = frame[frame["count"].isna()]
        assert len(hidden) and hidden[numbers].isna().all(axis=None)
        assert hidden["class"].eq("").all() and not hidden["denominator_sensitive"].any()
    hidden = release.priority[release.priority["count"].isna()]
    assert set(hidden["verdict"]) == {"too few to show"} and hidden["top_by"].eq("").all()
    shown = release.priority[release.priority["count"].notna()]
    assert not shown["verdict"].eq("too few to show").any() and shown["rank"].notna().any()
    assert not release.priority["verdict"].str.contains("needed").any()
    results = release.results[release.results["count"].isna()]
    local = ["share", "change", "change_low", "change_q", "gi_star", "gi_q"]
    assert results[local].isna().all(axis=None) and results["category"].eq("").all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_the_record_of_the_inputs_names_nothing_and_counts_nothing(releases, sample_analysis, audience):
    from hotspots.outputs.record import manifest

    release, record = releases[audience], manifest(releases[audience])
    assert {name: set(record[name]) for name in ("reading", "rejected", "geocoding")} == {
        "reading": {"sources"},
        "rejected": set(),
        "geocoding": {"projection"},
    }
    assert {name for one in record["reading"]["sources"] for name in one} == {"name", "kind"}
    assert record["reading"]["sources"][0]["name"] == "file 1"
    text = str({name: value for name, value in record.items() if name != "themes"})
    for source in sample_analysis.incidents.report.sources:
        assert source.name not in text and source.sha256 not in text
    assert not len(release.rejected) and "columns" not in record["parameters"]


def test_settings_do_not_name_a_theme_that_the_audience_may_not_know_of(town_analysis):
    slugs = ("anti-social-behaviour", "terrorism-and-extremism")
    named = replace(
        town_analysis,
        settings=replace(
            town_analysis.settings,
            themes=slugs,
            columns={"crime_type": "Offence Title"},
            weights=dict.fromkeys(slugs, 1.0),
        ),
    )
    public, internal = (disclose(named, audience=name).parameters for name in ("public", "internal"))
    assert public["themes"] == ["anti-social-behaviour"] == list(public["weights"])
    assert "Offence Title" not in str(public)
    assert internal["themes"] == list(slugs) and internal["columns"] == {"crime_type": "Offence Title"}


def test_a_theme_says_which_grain_it_lacks(releases):
    for audience in ("partner", "public"):
        for view in releases[audience].themes:
            rows = releases[audience].counts.query("theme == @view.slug")
            assert ("LSOA" in view.grain) == (not rows["level"].eq("lsoa").any())
            assert ("by month" in view.grain) == (not rows["month"].ne("").any())
            assert view.note.endswith(view.grain)
    assert not any(view.grain for view in releases["internal"].themes)


def test_only_restricted_themes_are_called_restricted(releases):
    for audience in ("partner", "public"):
        for view in releases[audience].themes:
            assert ("the theme is restricted" in view.grain) == (view.sensitivity != "open"), view.slug


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_harm_is_for_internal_use_because_it_divides_back_into_counts(town_analysis, audience):
    weighed = replace(
        town_analysis,
        priority=town_analysis.priority.assign(harm=10.0 * town_analysis.priority["count"]),
        settings=replace(town_analysis.settings, harm="cambridge"),
    )
    inside, outside = disclose(weighed), disclose(weighed, audience=audience)
    assert "harm" in inside.priority and any("Cambridge" in line for line in inside.sources)
    assert "harm" not in outside.priority and not any("Cambridge" in line for line in outside.sources)


@pytest.mark.parametrize(
    ("kinds", "police", "others"),
    [
        (["police.uk street"], True, False),
        (["table"], False, True),
        (["police.uk street", "table"], True, True),
    ],
)
def test_only_police_uk_files_are_under_the_open_government_licence(town_analysis, kinds, police, others):
    incidents = town_analysis.incidents
    first = incidents.report.sources[0]
    report = replace(incidents.report, sources=tuple(replace(first, kind=kind) for kind in kinds))
    real = replace(town_analysis, synthetic=False, incidents=replace(incidents, report=report))
    said = [line for line in disclose(real).sources if line.startswith("Incidents")]
    assert any("Open Government Licence" in line for line in said) == police
    assert any("files given to this run" in line for line in said) == others


def test_pages_say_what_share_could_not_be_located(town_analysis):
    one = {"theme": "anti-social-behaviour", "hit_rate": {"rate": 0.885, "total": 5020, "reliable": True}}
    known = replace(town_analysis, geocoding={**town_analysis.geocoding, "themes": [one]})
    notes = {view.slug: view.note for view in disclose(known).themes}
    assert "12 % of the incidents in the files could not be located" in notes["anti-social-behaviour"]
    assert "could not be located" not in notes["drugs-and-alcohol-misuse"]


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_pages_outside_do_not_say_how_many_could_not_be_located(town_analysis, audience):
    one = {"theme": "anti-social-behaviour", "hit_rate": {"rate": 0.885, "total": 5020, "reliable": True}}
    known = replace(town_analysis, geocoding={**town_analysis.geocoding, "themes": [one]})
    for view in disclose(known, audience=audience).themes:
        assert "Incidents without a known place are missing" in view.note and "%" not in view.note


def test_a_theme_whose_figures_are_all_withheld_is_told_like_one_that_is_not_there(releases):
    views = {view.slug: view for view in releases["partner"].themes}
    terrorism = views["terrorism-and-extremism"]
    assert terrorism.total is None and terrorism.observability == "not visible"
    assert terrorism.observability_text == "Not visible in these data, or too few to show."


def test_hot_spots_tell_their_busiest_hours_where_they_are_known(sample_analysis):
    clusters = sample_analysis.release().clusters
    said = clusters[clusters["hours"].ne("")]
    assert len(said) > 3
    known = said["hours"].str.extract(r"^\d\d:00 to \d\d:00, (\d+) % of the (\d+) whose hour is known$")
    share, n = known[0].astype(int), known[1].astype(int)
    assert (n >= 10).all() and (n <= said["n"]).all()
    # Four hours in a row that hold most hold a sixth at least.
    assert share.between(16, 100).all()
