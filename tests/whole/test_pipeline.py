"""The whole job: the figures of a real year, and the same bytes whatever cannot matter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import towns
from badinput import digests

from hotspots.analysis import analyse_files
from hotspots.checking import check_files
from hotspots.errors import ConfigError, InputError
from hotspots.months import months_between
from hotspots.outputs.tables import month_table
from hotspots.reading.incidents import read_incidents
from hotspots.settings import Settings
from hotspots.statistics.counts import count_areas
from hotspots.themes.themes import classify, load_themes

QUICK = Settings(draws=20, permutations=99)
#: What the reference layers say of 2025: incidents of the force's files by ward.
BY_WARD = {
    "Arboretum": 6932,
    "Darley": 4189,
    "Alvaston North": 3031,
    "Abbey": 2965,
    "Normanton": 2688,
}


# A real year.


@pytest.mark.shared
def test_a_year_of_derby_gives_the_known_figures(derby_analysis):
    located = derby_analysis.located
    force = located[~located["source"].astype(str).str.contains("btp")]
    assert len(force) == pytest.approx(35_878, rel=0.001)
    wards = derby_analysis.areas.wards["name"]
    counted = force["ward_code"].astype(str).map(wards).value_counts()
    assert {name: counted[name] for name in BY_WARD} == pytest.approx(BY_WARD, rel=0.001)


@pytest.mark.shared
def test_other_police_files_are_recognised_and_not_counted(derby_analysis):
    kinds = {source.kind: source for source in derby_analysis.incidents.report.sources}
    assert kinds["police.uk outcomes"].rows_kept == 0
    assert set(derby_analysis.located["source"].unique()) <= {
        source.name for source in derby_analysis.incidents.report.sources if source.rows_kept
    }
    assert derby_analysis.months == months_between("2025-01", "2025-12")


@pytest.mark.shared
def test_every_row_of_the_year_is_accounted_for(derby_analysis):
    report = derby_analysis.incidents.report
    others = sum(source.out_of_period + source.rows_other_kind for source in report.sources)
    rejected = int(derby_analysis.rejected["rows"].sum())
    assert len(derby_analysis.located) + rejected + others == report.rows_read


@pytest.mark.shared
def test_counts_add_up_from_rows_to_areas(derby_analysis):
    counts = derby_analysis.counts
    whole = counts[counts["month"].eq("") & counts["theme"].eq("all")]
    for level in ("ward", "lsoa"):
        assert whole.loc[whole["level"].eq(level), "count"].sum() == len(derby_analysis.located)
    monthly = counts[counts["month"].ne("") & counts["theme"].eq("all") & counts["level"].eq("ward")]
    assert monthly["count"].sum() == len(derby_analysis.located)


@pytest.mark.shared
def test_the_shipped_wards_come_within_four_per_cent_of_the_reference(derby_analysis):
    settings = derby_analysis.settings
    shipped = check_files(replace(settings, boundaries=None)).geocoded.frame
    ours = shipped["ward_code"].astype(str).value_counts()
    reference = derby_analysis.located["ward_code"].astype(str).value_counts()
    assert len(reference) == 18
    assert ours.reindex(reference.index).tolist() == pytest.approx(reference.tolist(), rel=0.04)


@pytest.mark.shared
def test_two_vintages_of_lsoa_make_one_result_with_a_warning(shared, derby_analysis):
    folder = shared / "derby" / "police"
    paths = (
        folder / "2018-12-derbyshire-street.csv.gz",
        folder / "2025-01-derbyshire-street.csv.gz",
    )
    checked = check_files(Settings(inputs=paths, boundaries=shared / "derby" / "boundaries"))
    report = checked.geocoded.report.as_dict()
    assert report["lsoa_vintages"] == {"2018-12": "lsoa_2011", "2025-01": "lsoa_2021"}
    assert set(checked.geocoded.frame["lsoa_code"].astype(str)) <= {"", *derby_analysis.areas.lsoas.index}
    assert any("map point" in text for text in checked.warnings)


# The same bytes.


@pytest.fixture(scope="module")
def rows():
    """Give the rows of the town that all tests share."""
    return towns.incident_rows()


def _but_for_sources(files: dict[str, str]) -> dict[str, str]:
    """Leave out what names the input files and counts by them."""
    return {name: digest for name, digest in files.items() if name != "run.json"}


def test_the_library_gives_what_the_command_gives(town, town_analysis, tmp_path):
    town_analysis.publish(tmp_path / "out")
    assert digests(tmp_path / "out") == digests(town / "out")


def test_neither_the_order_of_rows_nor_their_files_are_of_account(rows, town, tmp_path):
    order = np.random.default_rng(5).permutation(len(rows))
    parts = [[rows[k] for k in part] for part in np.array_split(order, 3)]
    paths = [towns.write_rows(tmp_path / f"part{k}.csv", part) for k, part in enumerate(parts)]
    analyse_files(replace(QUICK, inputs=tuple(paths[k] for k in (2, 0, 1)))).publish(tmp_path / "out")
    # The pages and tables name their input files nowhere but in the notes of the workbook.
    assert _but_for_sources(digests(tmp_path / "out")) == _but_for_sources(digests(town / "out"))


def test_surroundings_are_of_no_account(town, tmp_path):
    strange = {"PYTHONHASHSEED": "77", "TZ": "Pacific/Auckland", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    words = ["run", str(town / "town.csv"), "--config", str(town / "quick.toml"), "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "hotspots", *words, "--out", str(tmp_path / "out")],
        env={**os.environ, **strange},
        check=True,
        capture_output=True,
    )
    assert digests(tmp_path / "out") == digests(town / "out")


# Small inputs and odd ones.


def test_check_and_run_agree(town_analysis):
    checked = check_files(town_analysis.settings)
    assert checked.as_dict()["geocoding"]["inside"] == len(town_analysis.located)
    assert checked.as_dict()["rejected"] == town_analysis.record()["rejected"]


def test_incidents_outside_the_area_are_an_error_not_an_empty_map(tmp_path):
    rows = [{**row, "Longitude": "-0.127600", "Latitude": "51.507400"} for row in towns.incident_rows(20)]
    path = towns.write_rows(tmp_path / "london.csv", rows)
    with pytest.raises(InputError, match=r"^london\.csv: none of 20 rows lies in Derby"):
        analyse_files(replace(QUICK, inputs=(path,)))


def test_types_outside_every_theme_are_ranked_over_all_incidents(tmp_path):
    rows = [{**row, "Crime type": "Burglary"} for row in towns.incident_rows(80)]
    analysis = analyse_files(replace(QUICK, inputs=(towns.write_rows(tmp_path / "town.csv", rows),)))
    ranked = analysis.priority.query("theme == 'all' and level == 'ward'").set_index("code")
    counted = analysis.located["ward_code"].astype(str).value_counts()
    assert ranked.loc[counted.index, "count"].tolist() == counted.tolist()
    assert any("ranked over all incidents" in text for text in analysis.warnings)
    # nothing to combine: no page and no table has a combination
    release = analysis.release()
    assert "combined" not in set(analysis.counts["theme"]) | set(analysis.priority["theme"])
    assert release.overall == "all" and release.held == ""


def test_an_analysis_says_in_a_line_what_it_is(tmp_path):
    path = towns.write_rows(tmp_path / "town.csv", towns.incident_rows(40))
    analysis = analyse_files(replace(QUICK, inputs=(path,), themes=("anti-social-behaviour",)))
    assert repr(analysis) == "<Analysis of Derby, 2024-01 to 2024-03: 40 incidents, 1 theme>"
    assert repr(analysis.incidents) == "<Incidents: 40 incidents from 1 source, 0 rejected>"
    assert re.fullmatch(r"<Places: 40 incidents at \d+ places, 3 months>", repr(analysis.places))
    partner = analysis.release(audience="partner")
    assert re.fullmatch(
        r"<Release of Derby, January to March 2024, partner: \d+ wards, \d+ LSOAs>", repr(partner)
    )


@pytest.mark.parametrize("shown", ["density", "clusters"])
def test_density_and_clusters_of_a_theme_are_switched_apart(tmp_path, shown):
    other = {"density": "clusters", "clusters": "density"}[shown]
    rules = tmp_path / "themes.toml"
    rules.write_text(
        '[[theme]]\nslug = "sheds"\nname = "Sheds"\ndescription = "Burglary."\nobservability = "direct"\n'
        'sensitivity = "open"\ngeography = "place-based"\nnote = "None."\n'
        f"{shown} = true\n{other} = false\n"
        '[[theme.rule]]\ntypes = ["Burglary"]\nevidence = "direct"\nwords = "burglary"\n',
        encoding="utf-8",
    )
    rows = [{**row, "Crime type": "Burglary"} for row in towns.incident_rows(240)]
    path = towns.write_rows(tmp_path / "town.csv", rows)
    analysis = analyse_files(replace(QUICK, inputs=(path,), theme_rules=rules))
    found = analysis.themes["sheds"]
    (view,) = [one for one in analysis.release().themes if one.slug == "sheds"]
    assert (found.bandwidth is not None, view.shows_density) == (shown == "density",) * 2
    assert (found.parameters is not None, view.shows_clusters) == (shown == "clusters",) * 2


def test_rows_of_no_known_ward_count_in_what_could_change_the_top(tmp_path):
    street = towns.write_rows(tmp_path / "town.csv", towns.incident_rows(60))
    # an LSOA that no single ward holds
    stated = [{"Date": "2024-02-03", "Crime type": "Burglary", "LSOA code": "E01013453"}] * 40
    partner = towns.write_rows(tmp_path / "partner.csv", stated)
    checked = check_files(replace(QUICK, inputs=(street, partner)))
    (everything,) = [one for one in checked.as_dict()["themes"] if one["theme"] == "all"]
    wards = checked.geocoded.frame["ward_code"].astype(str)
    assert (wards == "").sum() == 40
    assert everything["bounds"]["unlocated"] == 40


def test_all_is_every_incident_and_combined_the_themes_in_every_table(tmp_path):
    rows = [
        {**row, "Crime type": ("Drugs", "Anti-social behaviour", "Burglary")[i % 3]}
        for i, row in enumerate(towns.incident_rows(240))
    ]
    analysis = analyse_files(replace(QUICK, inputs=(towns.write_rows(tmp_path / "town.csv", rows),)))
    for frame in (analysis.priority, analysis.results, analysis.counts.query("month == ''")):
        sums = frame.query("level == 'ward'").groupby("theme")["count"].sum()
        located = analysis.located["ward_code"].astype(str).ne("").sum()
        assert sums["all"] == located and sums["combined"] == pytest.approx(located * 2 / 3, abs=1)
    assert analysis.release().held.startswith("The themes together hold 67 % of the incidents")


def test_harm_of_the_combination_is_that_of_its_own_themes(tmp_path):
    path = towns.write_rows(tmp_path / "town.csv", towns.incident_rows(240))
    analysis = analyse_files(replace(QUICK, inputs=(path,), harm="cambridge"))
    ranked = analysis.priority.query("level == 'ward'").set_index(["theme", "code"])["harm"]
    parts = sum(ranked[slug].fillna(0) for slug in analysis.combined)
    assert analysis.combined and ranked["combined"].sum() == pytest.approx(parts.sum())


def test_weights_serve_data_that_lack_a_theme_and_refuse_what_is_no_theme(tmp_path):
    rows = [{**row, "Crime type": "Drugs"} for row in towns.incident_rows(80)]
    settings = replace(QUICK, inputs=(towns.write_rows(tmp_path / "town.csv", rows),))
    weights = {"anti-social-behaviour": 1.0, "drugs-and-alcohol-misuse": 2.0}
    analysis = analyse_files(replace(settings, weights=weights))
    assert analysis.combined == {"drugs-and-alcohol-misuse": 1.0}
    assert any("The weight of anti-social-behaviour has no effect" in text for text in analysis.warnings)
    with pytest.raises(ConfigError, match="names 'weather', which is not a theme"):
        analyse_files(replace(settings, weights={"weather": 1.0}))


def test_a_month_that_the_file_leaves_in_the_middle_is_counted_and_compared_with_nothing(tmp_path):
    days = pd.date_range("2024-01-01", "2024-12-08").strftime("%Y-%m-%d")
    rows = [
        {**{name: value for name, value in row.items() if name != "Month"}, "Date": day}
        for row, day in zip(towns.incident_rows(2 * len(days)), [*days, *days], strict=True)
        if row["Crime type"] in ("Drugs", "Burglary")
    ]
    path = towns.write_rows(tmp_path / "town.csv", rows)
    settings = replace(QUICK, inputs=(path,), themes=("drugs-and-alcohol-misuse",))
    cut = analyse_files(settings)
    assert cut.months == months_between("2024-01", "2024-12")
    assert cut.incomplete == ("2024-12",) and cut.complete_months == cut.months[:-1]
    (said,) = [text for text in cut.warnings if "up to 8 December" in text]
    assert said.startswith("December 2024 is in the files only up to 8 December")
    # What compares months is as if December had not been read; what counts is not.
    before = analyse_files(replace(settings, to_month="2024-11"))
    # Which rare types go by their own name depends on all incidents.
    own, others = (
        found.results[~found.results["theme"].str.startswith("type-")].reset_index(drop=True)
        for found in (cut, before)
    )
    for column in ("change", "change_q"):
        np.testing.assert_allclose(own[column], others[column], rtol=1e-9)
    assert own["category"].equals(others["category"])
    assert cut.results["count"].sum() > before.results["count"].sum()
    release = cut.release()
    assert cut.record()["period"]["incomplete"] == ["2024-12"]
    table = month_table(release)
    december = table[table["month"].eq("2024-12")]
    assert december["count"].sum() > 0 and december["usual_low"].isna().all()
    public = cut.release(audience="partner")
    assert public.complete_months == cut.complete_months


def test_weights_change_the_combined_ranking(town_analysis):
    weights = {"anti-social-behaviour": 1.0, "drugs-and-alcohol-misuse": 9.0}
    heavy = analyse_files(replace(town_analysis.settings, weights=weights))
    found = [a.priority.query("theme == 'combined'")["p_top"].tolist() for a in (town_analysis, heavy)]
    assert found[0] != found[1]


def test_a_denominator_of_the_user_s_ranks_as_well_and_leaves_the_others_as_they_are(town_analysis, tmp_path):
    plain, settings = town_analysis, town_analysis.settings
    wards = plain.areas.level("ward").index
    path = tmp_path / "jobs.csv"
    lines = [f"{code},{100 + 1000 * (code == wards[-1])}" for code in wards]
    path.write_text("\n".join(["code,jobs_here", *lines]), encoding="utf-8")
    weighted = analyse_files(replace(settings, denominator=path, weights={"anti-social-behaviour": 1.0}))
    one, other = (
        a.priority.query("level == 'ward' and theme == 'all'").set_index("code") for a in (plain, weighted)
    )
    assert "rank_by_own" not in one and other["rank_by_own"].notna().all()
    assert other["rank"].equals(one["rank"]) and other["rank_by_own"].ne(other["rank_by_residents"]).any()
    assert other["verdict"].str.contains("by jobs here").all()
    assert any("jobs here has no figure for the LSOAs" in text for text in weighted.warnings)
    together = weighted.priority.query("theme == 'combined' and level == 'ward'")
    assert together["rank_equal"].notna().all()
    said = weighted.release().leaders()
    assert said.startswith("At the top: by residents ") and "by jobs here " in said
    assert "with equal weights of the themes" in said and "% of the residents." in said
    public = weighted.release(audience="public").priority
    chances = public.filter(like="chance_by_").to_numpy(float)
    assert np.allclose(chances[~np.isnan(chances)] * 10 % 1, 0)
    assert not public["verdict"].str.contains("chance").any()


def test_a_single_point_in_another_coordinate_system_is_read(tmp_path):
    import geopandas as gpd
    import shapely

    # Web Mercator by its formula.
    radius = 6_378_137.0
    point = shapely.Point(
        radius * np.radians(-1.4767), radius * np.log(np.tan(np.pi / 4 + np.radians(52.9225) / 2))
    )
    frame = gpd.GeoDataFrame({"Month": ["2024-01"], "Crime type": ["Drugs"]}, geometry=[point], crs=3857)
    frame.to_file(tmp_path / "one.gpkg", layer="incidents")
    found = read_incidents([tmp_path / "one.gpkg"]).frame
    assert (found["longitude"][0], found["latitude"][0]) == pytest.approx((-1.4767, 52.9225))


def test_months_without_an_incident_in_the_area_are_months_of_the_period(tmp_path):
    rows = [{**row, "Crime type": "Drugs"} for row in towns.incident_rows(90)]
    away = [
        {**row, "Longitude": "-1.900000", "Latitude": "53.200000"} if row["Month"] == "2024-02" else row
        for row in rows
    ]
    path = towns.write_rows(tmp_path / "town.csv", away)
    analysis = analyse_files(replace(QUICK, inputs=(path,), themes=("drugs-and-alcohol-misuse",)))
    assert analysis.months == ("2024-01", "2024-02", "2024-03")
    quiet = analysis.counts.query("month == '2024-02' and theme == 'all'")
    assert len(quiet) and quiet["count"].sum() == 0


def test_counts_equal_a_plain_count_of_rows(rows, town_analysis):
    analysis, themes = town_analysis, load_themes()
    located = analysis.located
    again = count_areas(located, classify(located, themes), analysis.areas, months=analysis.months)
    drugs = analysis.counts.query("theme == 'drugs-and-alcohol-misuse' and level == 'lsoa' and month == ''")
    assert drugs["count"].sum() == sum(row["Crime type"] == "Drugs" for row in rows)
    single = analysis.counts[~analysis.counts["theme"].str.startswith(("combined", "type-"))]
    assert again.long()["count"].sum() == single["count"].sum()


def test_months_between_spans_years():
    assert months_between("2024-11", "2025-02") == ("2024-11", "2024-12", "2025-01", "2025-02")
