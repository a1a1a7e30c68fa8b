"""Reports in plain text: what an analyst reads after check and run."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest
import towns

from hotspots import installed, terminal
from hotspots.checking import check_files
from hotspots.pages import words
from hotspots.pages.map_payload import build_payload
from hotspots.settings import Settings


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check two files: one good, one with a bad date, a short row and two rows without a location."""
    folder = tmp_path_factory.mktemp("reports")
    good, bad = towns.incident_rows(30), towns.incident_rows(30, seed=2)
    bad[3]["Month"] = "yesterday"
    for k in (5, 7):
        bad[k] |= {"Longitude": "", "Latitude": "", "Location": "No Location"}
    paths = (towns.write_rows(folder / "a.csv", good), towns.write_rows(folder / "b.csv", bad))
    return check_files(Settings(inputs=paths)).as_dict()


def _section(text: str, title: str) -> list[str]:
    return text.partition(f"\n{title}\n")[2].partition("\n\n")[0].splitlines()


def test_one_line_a_file_with_its_figures(checked):
    lines = terminal.check_text(checked).splitlines()
    assert re.split(r"\s{2,}", lines[0])[2:] == ["kept", "set aside", "other period", "in the area", "months"]
    assert lines[1].split() == ["a.csv", "30", "30", "0", "0", "30", "2024-01", "to", "2024-03"]
    assert lines[2].split() == ["b.csv", "30", "27", "3", "0", "27", "2024-01", "to", "2024-03"]


def test_files_read_alike_are_described_once(checked):
    lines = _section(terminal.check_text(checked), "How they were read")
    assert lines[0].startswith("  a.csv, b.csv: police.uk street; utf-8")
    assert sum(line.strip().startswith("columns:") for line in lines) == 1


def test_where_every_row_went_names_the_first_rows_of_each_fault(checked):
    lines = _section(terminal.check_text(checked), "Where every row went")
    figures = [int(line.split()[0]) for line in lines]
    assert figures[0] == sum(figures[1:]) == 60
    assert any("(b.csv row 5)" in line for line in lines)
    assert any("(b.csv rows 7, 9)" in line for line in lines)


def test_the_unmapped_are_told_by_theme_and_month(checked):
    text = terminal.check_text(checked)
    assert "2 unmapped: 1 in " in text or "2 unmapped: 2 in " in text
    assert "Could the unmapped change which ward leads?" in text


def test_crime_types_in_no_theme_are_listed(tmp_path):
    rows = [
        {**row, "Crime type": "Fly tipping" if k < 7 else "Humming"}
        for k, row in enumerate(towns.incident_rows(20))
    ]
    rows[19]["Crime type"] = "Drugs"
    checked = check_files(Settings(inputs=(towns.write_rows(tmp_path / "a.csv", rows),))).as_dict()
    assert list(checked["in_no_theme"].items()) == [("Humming", 12), ("Fly tipping", 7)]
    lines = _section(terminal.check_text(checked), "In no theme (--theme-rules can change that)")
    assert lines == ["  12  Humming", "   7  Fly tipping"]


def test_a_run_sums_up_what_is_unmapped_in_many_months():
    months = {f"2024-{k:02d}": k for k in range(1, 5)}
    assert (
        terminal._unmapped_words({"unlocated_by_month": months}, most_months=3) == "10 unmapped in 4 months"
    )
    assert "4 in 2024-04" in terminal._unmapped_words({"unlocated_by_month": months})


def test_nothing_is_said_of_the_unmapped_where_there_are_none(tmp_path):
    path = towns.write_rows(tmp_path / "a.csv", towns.incident_rows(20))
    text = terminal.check_text(check_files(Settings(inputs=(path,))).as_dict())
    assert "unmapped" not in text
    assert re.search(r"^  located +all 20$", text, re.MULTILINE)
    assert all(line == line.rstrip() for line in text.splitlines())


def test_notes_that_differ_in_a_number_are_told_once():
    sources = [
        {"name": f"{k}.csv", "notes": (f"{100 + k:,} rows share their Crime ID.", "Dates are day first.")}
        for k in range(12)
    ]
    assert terminal._file_notes(sources) == [
        "12 files: 100 to 111 rows share their Crime ID.",
        "12 files: Dates are day first.",
    ]
    assert terminal._file_notes(sources[:1]) == [
        "0.csv: 100 rows share their Crime ID.",
        "0.csv: Dates are day first.",
    ]


def test_a_run_tells_totals_choices_and_where_to_look(sample_analysis):
    record = sample_analysis.record()
    release = sample_analysis.release()
    text = terminal.run_text(record, release, Path("maps"))
    assert text.startswith("SYNTHETIC SAMPLE: none of these incidents happened.")
    assert "rows lie in Derby, January to December 2025." in text
    assert "Anti-social behaviour: " in text and "bandwidth" not in text
    top, spots = text.splitlines()[-3:-1]
    assert top == words.finding(build_payload(release), period=release.period_text)[1]
    assert re.match(r"\d+ hot spots of all incidents, the biggest: .+ \(\d+ incidents, firm\); ", spots)
    assert text.endswith("Open maps/index.html")
    assert re.search(r"^\d+ rows set aside: maps/tables/rejected.csv says why\.$", text, re.MULTILINE)
    assert terminal.run_text(record, release, None).endswith("Dry run: nothing was written.")


def test_a_run_for_the_public_tells_no_small_number(sample_analysis):
    from hotspots.outputs.record import manifest

    release = sample_analysis.release(audience="public")
    text = terminal.run_text(manifest(release), release, None)
    assert "unmapped" not in text
    # Of hot spots what the release itself says: counts in steps, or none.
    assert all(int(count) % 5 == 0 for count in re.findall(r"\((\d+) incidents", text))


def test_what_was_not_found_is_told_as_such():
    plain = pages.small_release()
    release = pages.small_release(
        clusters=plain.clusters.iloc[:0], results=plain.results.assign(**{"class": "no", "p_top": 0.01})
    )
    (line,) = terminal._finding_lines(release)
    assert line == "By rate per resident, no ward stands out as one of the top three."
    unranked = pages.small_release(clusters=plain.clusters.assign(n=float("nan"), confidence=float("nan")))
    spots = terminal._finding_lines(unranked)[-1]
    assert spots == "2 hot spots of all incidents, the biggest: High Street; Mill Lane."


def test_citation_and_installation_name_what_they_should():
    assert "Contains Royal Mail data" in terminal.citation()
    said = installed.installation()
    assert "geopandas" in said and "wards_2023" in said
