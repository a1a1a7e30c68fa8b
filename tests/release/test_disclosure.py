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
from hotspots.months import period_words
from hotspots.release.disclose import disclose
from hotspots.release.rounding import rounding_limits
from hotspots.themes.themes import classify


@pytest.fixture(scope="module")
def releases(sample_analysis):
    return {name: disclose(sample_analysis, audience=name) for name in POLICIES}


def test_internal_figures_are_exact(releases, sample_analysis):
    pd.testing.assert_frame_equal(
        releases["internal"].counts, sample_analysis.counts.reset_index(drop=True), check_dtype=False
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
    back = shown["rate_per_km2"] * release.wards["area_km2"].reindex(shown["code"]).to_numpy()
    assert np.allclose(back, shown["count"])


@pytest.mark.parametrize("audience", POLICIES)
def test_every_published_count_bounds_the_true_one(releases, sample_analysis, audience):
    shown = releases[audience].table
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
        ranked.sort_index(), together["ward", :, ""].sort_index(), check_names=False, check_dtype=False
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
        parts = [(view.slug, "ward", code, "") for view in release.types]
        lp.equal(("all", "ward", code, ""), parts)
        for view in release.themes[1:]:
            key = (view.slug, "ward", code, "")
            if view.kind == "combined" or key not in lp.index or not member[view.slug].any():
                continue
            terms = {key: -1.0}
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
        assert len(release.bands)
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
def test_every_shape_holds_enough_incidents_at_enough_places(releases, sample_analysis, audience):
    policy, release, places = POLICIES[audience], releases[audience], sample_analysis.places
    tested = 0
    for theme, rows in release.bands.groupby("theme"):
        n = places.weights(theme)
        points = places.frame.geometry[n > 0]
        for k in range(len(rows)):
            for part in shapely.get_parts(shapely.union_all(rows.geometry.to_numpy()[k:])):
                inside = points.distance(part) < 1
                tested += 1
                assert inside.sum() >= policy.shape_places
                assert n[n > 0][inside].sum() >= policy.shape_minimum
    assert tested and (release.clusters["n"].dropna() >= policy.shape_minimum).all()
    assert (release.clusters["monthly"] == "").all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_statistics_are_absent_beside_a_withheld_count_and_coarse_elsewhere(releases, audience):
    results = releases[audience].results
    hidden = results[results["count"].isna()]
    numbers = ["share", "rate_per_1000", "rate_per_km2", "change", "change_low", "gi_star", "gi_q", "p_top"]
    assert len(hidden) and hidden[numbers].isna().all(axis=None)
    assert hidden["rank"].notna().any()
    assert set(results["gi_star"].abs().dropna()) <= {0.0, 1.645, 1.96, 2.576, 3.291}
    assert np.allclose(results["p_top"].dropna() * 10 % 1, 0)
    priority = releases[audience].priority
    assert priority["shrunk_rate"].isna().all()
    assert not priority["verdict"].str.contains("chance").any()
    beside = priority[priority["p_top"].isna() & priority["class"].ne("")]
    assert len(beside) and beside.filter(regex="^(rank|chance)_by_").isna().all(axis=None)
    assert beside["verdict"].eq("").all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_reports_hold_no_exact_count(releases, sample_analysis, audience):
    release, text = releases[audience], str(releases[audience].reading) + str(releases[audience].geocoding)
    exact = sample_analysis.geocoding["inside"]
    assert exact % 5, "the sample must not be a multiple of the base"
    assert str(exact) not in text and f"{exact:,}" not in text
    assert "by_source" not in release.geocoding and "unlocated_by_month" not in text
    assert not len(release.rejected)
    assert set(release.rejects) == set(sample_analysis.rejected["reason"].unique())


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
def test_harm_is_for_internal_use_because_it_divides_back_into_counts(sample_analysis, audience):
    weighed = replace(
        sample_analysis,
        priority=sample_analysis.priority.assign(harm=10.0 * sample_analysis.priority["count"]),
        settings=replace(sample_analysis.settings, harm="cambridge"),
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
def test_only_police_uk_files_are_under_the_open_government_licence(sample_analysis, kinds, police, others):
    incidents = sample_analysis.incidents
    first = incidents.report.sources[0]
    report = replace(incidents.report, sources=tuple(replace(first, kind=kind) for kind in kinds))
    real = replace(sample_analysis, synthetic=False, incidents=replace(incidents, report=report))
    said = [line for line in disclose(real).sources if line.startswith("Incidents")]
    assert any("Open Government Licence" in line for line in said) == police
    assert any("files given to this run" in line for line in said) == others


def test_pages_say_what_share_could_not_be_located(sample_analysis):
    one = {"theme": "anti-social-behaviour", "hit_rate": {"rate": 0.885, "total": 5020, "reliable": True}}
    known = replace(sample_analysis, geocoding={**sample_analysis.geocoding, "themes": [one]})
    notes = {view.slug: view.note for view in disclose(known).themes}
    assert "12 % of the incidents in the files could not be located" in notes["anti-social-behaviour"]
    assert "could not be located" not in notes["drugs-and-alcohol-misuse"]


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_addresses_and_rare_streets_are_not_named_outside(sample_analysis, audience):
    places = sample_analysis.places
    street = places.frame["street"].astype(object).to_numpy(copy=True)
    busiest = np.argsort(-places.frame["n"].to_numpy(), kind="stable")[:3]
    street[busiest] = ["10 Acacia Avenue, Mr A Smith", "Flat 3, Hill House", "On or near 1st Avenue"]
    frame = places.frame.assign(street=street)
    themes = dict(sample_analysis.themes)
    found = themes["all"]
    named = found.clusters.assign(streets="10 Acacia Avenue, Mr A Smith; 1st Avenue; Rare Lane")
    themes["all"] = replace(found, clusters=named)
    release = disclose(
        replace(sample_analysis, places=replace(places, frame=frame), themes=themes), audience=audience
    )
    shown = release.clusters.query("theme == 'all'")
    assert len(shown) and set(shown["streets"]) == {"1st Avenue"}
    labels = set(release.streets["street"])
    assert "On or near 1st Avenue" in labels
    assert not labels & {"10 Acacia Avenue, Mr A Smith", "Flat 3, Hill House"}
