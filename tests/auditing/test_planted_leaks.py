"""A clean folder passes; each leak planted in it, one at a time, is caught and named."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from small_releases import quiet

from hotspots.auditing._packed import unpacked
from hotspots.auditing.audit import audit_folders

WARD = "E05000001"


def ranking(filled):
    """Rank two wards by robberies, which are withheld; `filled` says whether the rank is given."""
    return pd.DataFrame(
        {
            "theme": ["all", "all", "combined", "robbery", "robbery"],
            "level": "ward",
            "code": [WARD, "E05000002", WARD, WARD, "E05000002"],
            "rank": [2, 1, "", *((1, 2) if filled else ("", ""))],
            "p_top": [0.2, 0.8, "", *((0.9, 0.1) if filled else ("", ""))],
            "count": [175, 200, "", "", ""],
            "verdict": ["possible", "possible", *["too few to show"] * 3],
        }
    )


def cluster(n=20, share=0.0533, corner=400100.0):
    """One cluster in the first ward, on the grid of 50 m."""
    shape = shapely.box(corner, 300100, 400400, 300400)
    frame = {
        "theme": ["all"],
        "cluster": [1],
        "n": [n],
        "area_km2": [0.09],
        "density_per_km2": [round(20 / 0.09, 1)],
        "share": [share],
    }
    return gpd.GeoDataFrame(frame, geometry=[shape], crs=27700)


def clean(folder, **more):
    return quiet(**{"priority": ranking(False), "clusters": cluster(), **more}).write(folder)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Write the clean folder once; workbooks and layers take long."""
    return clean(tmp_path_factory.mktemp("template") / "a")


@pytest.fixture
def folder(template, tmp_path):
    return shutil.copytree(template, tmp_path / "a")


def audited(folder):
    return audit_folders([folder])


def change_record(folder, **more):
    path = folder / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, **more}), encoding="utf-8")


def change_page(folder, text, page="index.html"):
    path = folder / page
    path.write_text(path.read_text(encoding="utf-8").replace("</body>", f"{text}</body>"), encoding="utf-8")


def change_data(folder, change):
    path = folder / "index.html"
    before, _, rest = path.read_text(encoding="utf-8").partition('id="data">')
    data, _, after = rest.partition("</script>")
    data = unpacked(json.loads(data))
    change(data)
    path.write_text(f'{before}id="data">{json.dumps(data)}</script>{after}', encoding="utf-8")


def change_table(folder, change, name="areas"):
    path = folder / "tables" / f"{name}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(frame)
    frame.to_csv(path, index=False)


def theme(**more):
    return [
        {"slug": "all", "name": "All incidents", "total": 375, **more},
        {"slug": "robbery", "name": "Robbery", "total": 15},
    ]


def test_a_clean_folder_holds(folder):
    report = audited(folder)
    assert report.leaks == () and report.ok, report.text()
    assert report.text().endswith("Held: nothing was narrower than policy.")


def plant_ranks(folder):
    ranking(True).to_csv(folder / "tables" / "priority.csv", index=False)


def plant_verdict(folder):
    frame = ranking(False)
    frame.loc[3, "verdict"] = "Not ranked: too few incidents (2; 10 needed)."
    frame.to_csv(folder / "tables" / "priority.csv", index=False)


def plant_located_share(folder):
    change_page(folder, "<p>Robbery. 25 % of the incidents in the files could not be located.</p>")


def plant_secret_theme(folder):
    change_record(folder, geocoding={"themes": [{"theme": "secret-thing", "total": 25}]})


def plant_shipped_secret(folder):
    change_page(folder, "<p>Terrorism and extremism: withheld.</p>")


def plant_bandwidth(folder):
    change_record(folder, themes=theme(bandwidth={"metres": 480.4944706493828}))


def plant_min_samples(folder):
    change_record(folder, themes=theme(cluster_parameters={"eps": 150.0, "min_samples": 232}))


def plant_reason(folder):
    change_record(folder, themes=theme(bandwidth={"metres": 480, "reason": "rule of thumb, 371 incidents"}))


def plant_file_name(folder):
    change_record(folder, reading={"sources": [{"name": "ward 12 sexual offences.csv"}]})


def plant_heading(folder):
    change_record(folder, reading={"sources": [{"columns_used": {"street": "Victim address"}}]})


def plant_digest(folder):
    change_record(folder, reading={"sources": [{"sha256": "b" * 64}]})


def plant_hit_rate(folder):
    change_record(folder, geocoding={"hit_rate": {"rate": 0.99, "total": 375}})


def plant_exact_total(folder):
    change_record(folder, reading={"rows_kept": 374})


def plant_crime_id(folder):
    change_page(folder, f"<!-- {'c4' * 32} -->", "wards/first.html")


def plant_harm(folder):
    frame = ranking(False).assign(harm=[812.5, 90.0, "", "", ""])
    frame.to_csv(folder / "tables" / "priority.csv", index=False)


def plant_coordinate(folder):
    change_page(folder, "<p data-at='52.9212345,-1.4765432'></p>")


def plant_count_in_page_data(folder):
    change_data(folder, lambda data: data["levels"]["ward"]["counts"]["robbery"][0].__setitem__(0, 7))


def plant_count_in_profile(folder):
    page = folder / "wards" / "first.html"
    text = page.read_text(encoding="utf-8")
    row = "<tr><th>Robbery</th><td>10</td><td>10.0</td></tr></tbody>"
    page.write_text(text.replace("</tbody>", row), encoding="utf-8")


def plant_months_in_a_drawing(folder):
    page = folder / "wards" / "first.html"
    text = page.read_text(encoding="utf-8").replace(">Rate</th>", ">Rate</th><th>By month</th>")
    bars = '<td><svg role="img" aria-label="Incidents by month: 2025-01: 4, 2025-02: 3"></svg></td>'
    row = f"<tr><th>Robbery</th><td>withheld</td><td>withheld</td>{bars}</tr></tbody>"
    page.write_text(text.replace("</tbody>", row), encoding="utf-8")


def plant_sentence(folder):
    change_page(folder, "<p>373 incidents were recorded in Testham.</p>")


def plant_workbook(folder):
    book = openpyxl.load_workbook(folder / "hotspots.xlsx")
    sheet = book["Areas"]
    head = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[head.index("theme")].value == "robbery":
            row[head.index("count")].value = 10
            break
    book.save(folder / "hotspots.xlsx")


def plant_layer(folder):
    wards = gpd.read_file(folder / "hotspots.gpkg", layer="wards")
    wards = wards.assign(count_robbery=[7.0, 6.0])
    wards.to_file(folder / "hotspots.gpkg", layer="wards", driver="GPKG", mode="w")


def plant_rate(folder):
    # 174 incidents of 1,000 residents, beside the released 175
    change_table(folder, lambda frame: frame.__setitem__("rate_per_1000", _exact_rates(frame)))


def _exact_rates(frame):
    first = frame["code"].eq(WARD) & frame["theme"].eq("all") & frame["month"].eq("")
    return frame["rate_per_1000"].mask(first, "174.0")


def plant_rate_beside_withheld(folder):
    def change(frame):
        mine = frame["code"].eq(WARD) & frame["theme"].eq("robbery")
        frame.loc[mine, "rate_per_1000"] = "7.0"

    change_table(folder, change)


def plant_share(folder):
    cluster(share=0.0561).to_file(folder / "hotspots.gpkg", layer="clusters", driver="GPKG", mode="w")


def plant_outline_in_a_further_format(folder):
    (folder / "layers").mkdir()
    cluster(corner=400113.7).to_file(folder / "layers" / "clusters.fgb", driver="FlatGeobuf")


def plant_share_in_a_further_format(folder):
    (folder / "layers").mkdir()
    cluster(share=0.051234).to_parquet(folder / "layers" / "clusters.parquet")


def plant_outline(folder):
    cluster(corner=400113.7).to_file(folder / "hotspots.gpkg", layer="clusters", driver="GPKG", mode="w")


def plant_cluster_count(folder):
    frame = pd.read_csv(folder / "tables" / "clusters.csv").assign(n=21)
    frame.to_csv(folder / "tables" / "clusters.csv", index=False)


def plant_gap(folder):
    frame = pd.read_csv(folder / "tables" / "clusters.csv").assign(cluster=4)
    frame.to_csv(folder / "tables" / "clusters.csv", index=False)


def plant_change(folder):
    def change(data):
        data["change"] = {"before": "January 2025", "after": "February 2025"}
        # 87 after 87, per day: 31/28, where released counts give the same; 1.2 follows from neither
        data["levels"]["ward"]["results"]["all"] = {"change": [1.2, None]}

    change_data(folder, change)


def plant_word_document(folder):
    with zipfile.ZipFile(folder / "assessment.docx", "w") as archive:
        archive.writestr("word/document.xml", f"<w:t>{'d5' * 32}</w:t>")


def plant_exact_hours(folder):
    table = pd.DataFrame({"theme": ["all"], "weekday": ["Monday"], "hour": [3], "incidents": [2.5]})
    table.to_csv(folder / "tables" / "hours.csv", index=False)


def package(folder, *statements):
    with closing(sqlite3.connect(folder / "hotspots.gpkg")) as database:
        for statement in statements:
            database.execute(statement)
            database.commit()


def plant_deleted_rows(folder):
    package(folder, "CREATE TABLE t AS SELECT 'd5' AS x", "DROP TABLE t")


def plant_extent(folder):
    package(folder, "UPDATE gpkg_contents SET min_x = 400113.724 WHERE table_name = 'clusters'")


def plant_order_of_rows(folder):
    def change(table):
        rows = table.index[table["theme"].eq("robbery") & table["level"].eq("ward")]
        table.loc[rows] = table.loc[rows[::-1]].to_numpy()

    change_table(folder, change)


def plant_comment(folder):
    change_page(folder, "<!-- 17 incidents -->")


def plant_attribute(folder):
    change_page(folder, '<td title="17 incidents"></td>')


def plant_title_of_a_drawing(folder):
    change_page(folder, "<svg><title>Robbery: 17 incidents</title></svg>")


def plant_bound(folder):
    change_page(folder, "<p>At least 7 incidents were robberies.</p>")


def plant_words(folder):
    change_page(folder, "<p>Fewer than nine recorded incidents were robberies.</p>")


def plant_further_data(folder):
    change_page(folder, '<script type="application/json">{"robbery": {"E05000001": 7}}</script>')


def plant_rows_of_the_record(folder):
    row = {"theme": "robbery", "level": "ward", "code": WARD, "observed": 7}
    change_record(folder, emerging=[row])


PLANTS = {
    plant_ranks: "beside a withheld count",
    plant_verdict: "figure in a verdict",
    plant_located_share: "share not located",
    plant_secret_theme: "secret theme",
    plant_shipped_secret: "secret theme",
    plant_bandwidth: "parameter",
    plant_min_samples: "parameter",
    plant_reason: "figure in a note",
    plant_file_name: "input file name",
    plant_heading: "input heading",
    plant_digest: "input digest",
    plant_hit_rate: "hit rate",
    plant_exact_total: "count as it was",
    plant_crime_id: "Crime ID or digest",
    plant_harm: "harm",
    plant_coordinate: "coordinate",
    plant_count_in_page_data: "finer than the table",
    plant_count_in_profile: "finer than the table",
    plant_months_in_a_drawing: "finer than the table",
    plant_sentence: "count as it was",
    plant_workbook: "finer than the table",
    plant_layer: "finer than the table",
    plant_rate: "finer than the table",
    plant_rate_beside_withheld: "finer than the table",
    plant_share: "finer than the table",
    plant_outline: "outline",
    plant_outline_in_a_further_format: "outline",
    plant_share_in_a_further_format: "finer than the table",
    plant_cluster_count: "count as it was",
    plant_gap: "gap in numbers",
    plant_change: "finer than the table",
    plant_word_document: "Crime ID or digest",
    plant_exact_hours: "count as it was",
    plant_deleted_rows: "deleted rows",
    plant_extent: "outline",
    plant_order_of_rows: "order of rows",
    plant_comment: "count as it was",
    plant_attribute: "count as it was",
    plant_title_of_a_drawing: "count as it was",
    plant_bound: "count as it was",
    plant_words: "count as it was",
    plant_further_data: "data that are not read",
    plant_rows_of_the_record: "beside a withheld count",
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_leak_is_caught(plant, folder):
    plant(folder)
    report = audited(folder)
    assert not report.ok
    assert PLANTS[plant] in {leak.kind for leak in report.leaks}, report.text()
    assert f"LEAK, {PLANTS[plant]}:" in report.text()


def test_a_count_given_back_by_the_pages_data_is_bounded_by_it(folder):
    plant_count_in_page_data(folder)
    report = audited(folder)
    # 13 to 17 in both wards, 7 of them here
    below = {cell.code: (low, high) for _, cell, low, high in report.below}
    assert below == {WARD: (7, 7), "E05000002": (6, 10)}


def test_the_order_of_ranks_narrows_counts(tmp_path):
    # 13 to 17 robberies in two wards, and the one with more residents ranks above the other
    frame = ranking(True)
    frame.loc[frame["theme"].eq("robbery"), "rank"] = [2, 1]
    folder = clean(tmp_path / "a", priority=frame)
    below = {cell.code: (low, high) for _, cell, low, high in audited(folder).below}
    assert below == {WARD: (0, 8), "E05000002": (7, 17)}
    assert "2 BELOW POLICY, 1 of them surely small" in audited(folder).text()


def test_a_leak_in_many_pages_is_counted_and_not_repeated(folder):
    for number in range(9):
        (folder / "wards" / f"{number}.html").write_text(f"<p>{'c4' * 32}</p>", encoding="utf-8")
    text = audited(folder).text()
    assert text.count("identifiers of 64") == 4 and "and 5 more" in text


def test_an_internal_folder_has_nothing_to_attack(folder):
    plant_crime_id(folder)
    change_record(folder, audience="internal")
    report = audited(folder)
    assert report.ok and "is for internal use" in report.text()


def test_data_that_are_public_already_are_not_attacked(folder):
    change_record(folder, already_public="data.police.uk")
    assert "public already" in audited(folder).text()
