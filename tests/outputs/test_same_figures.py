"""The same figures in the page, the profile, the workbook, Word and the assessment as in areas.csv."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path

import lxml.html
import openpyxl
import pages
import pandas as pd
import pytest

from hotspots.assessing import assess_folders
from hotspots.outputs.assessment import publish_assessment
from hotspots.outputs.publish import publish
from hotspots.pages.word import word_document

docx = pytest.importorskip("docx")
pytest.importorskip("resvg_py")
CREATED = datetime(2025, 12, 31)  # noqa: DTZ001 - Word knows no zone


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> tuple[Path, Path]:
    base = tmp_path_factory.mktemp("same")
    publish(pages.release_with_beats(), base / "run", word=True)
    done = assess_folders([base / "run"])
    publish_assessment(
        done.evidence, done.answers, done.since, base / "sia", word=True, created=CREATED, **done.labels
    )
    return base / "run", base / "sia"


@pytest.fixture(scope="module")
def counts(folders) -> pd.DataFrame:
    table = pd.read_csv(folders[0] / "tables" / "areas.csv", keep_default_na=False, encoding="utf-8-sig")
    table = table[table["month"].eq("")]
    return table.assign(count=table["count"].astype(float))


def _ward(counts: pd.DataFrame, name: str) -> dict[str, float]:
    rows = counts[counts["level"].eq("ward") & counts["name"].eq(name)]
    return dict(zip(rows["theme"], rows["count"], strict=True))


def _themes(rows: list[list[str]]) -> dict[str, float]:
    """Read the table of themes: name first, incidents third."""
    slugs = {view.name: view.slug for view in pages.themes()}
    return {
        slugs[row[0]]: float(row[2].replace(",", ""))
        for row in rows
        if row[0] in slugs and re.fullmatch(r"[\d,]+", row[2])
    }


def _page_rows(path: Path) -> list[list[str]]:
    page = lxml.html.parse(str(path)).getroot()
    return [[cell.text_content() for cell in row] for row in page.iterfind(".//tr")]


def _word_rows(path: Path) -> list[list[str]]:
    return [
        [cell.text for cell in row.cells] for table in docx.Document(str(path)).tables for row in table.rows
    ]


@pytest.mark.parametrize("name", ["Ash", "Beech", "Fir"])
def test_profile_and_word_say_what_areas_csv_says(folders, counts, name):
    published = {slug: n for slug, n in _ward(counts, name).items() if slug in ("all", pages.THEME)}
    assert len(published) == 2
    for rows in (
        _page_rows(folders[0] / "wards" / f"{name.lower()}.html"),
        _word_rows(folders[0] / "wards" / f"{name.lower()}.docx"),
    ):
        assert _themes(rows) == published


def test_the_map_page_says_the_same(folders, counts):
    rows = {row[0]: row for row in _page_rows(folders[0] / "index.html") if row}
    for name in ("Ash", "Beech", "Fir"):
        shown = [cell.strip().replace(",", "") for cell in rows[name]]
        assert f"{_ward(counts, name)['all']:.0f}" in shown


def test_the_workbook_says_the_same(folders, counts):
    sheet = openpyxl.load_workbook(folders[0] / "hotspots.xlsx")["Summary"]
    head, *rows = sheet.iter_rows(values_only=True)
    for name in ("Ash", "Beech", "Fir"):
        row = dict(zip(head, next(row for row in rows if row[1] == name), strict=True))
        assert row["All incidents"] == _ward(counts, name)["all"]
        assert row["Anti-social behaviour"] == _ward(counts, name)[pages.THEME]
    share = next(at for at, words in enumerate(head) if words == "All incidents, share of Derby")
    assert sheet.cell(2, share + 1).number_format == "0%"


def test_the_assessment_and_its_word_say_the_same(folders, counts):
    wards = counts[counts["level"].eq("ward")]
    total = wards.loc[wards["theme"].eq(pages.THEME), "count"].sum()
    for rows in (_page_rows(folders[1] / "assessment.html"), _word_rows(folders[1] / "assessment.docx")):
        level = next(row[1] for row in rows if row[0] == "Anti-social behaviour")
        assert float(re.match(r"[\d,]+", level)[0].replace(",", "")) == total
        named = {row[0]: row[1] for row in rows if row[0] in pages.WARDS}
        for name, count in named.items():
            assert float(count.replace(",", "")) == _ward(counts, name)[pages.THEME]
        assert named


def test_equal_pages_give_equal_documents_with_marking_and_pictures(folders):
    page = (folders[0] / "wards" / "ash.html").read_text(encoding="utf-8")
    first, second = (word_document(page, created=CREATED) for _ in range(2))
    assert first == second
    document = docx.Document(io.BytesIO(first))
    section = document.sections[0]
    assert section.header.paragraphs[0].text == section.footer.paragraphs[0].text == "OFFICIAL"
    pictures = [part for part in document.part.package.iter_parts() if part.content_type == "image/png"]
    assert len(pictures) >= 3
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert any("Map of Ash ward" in text for text in described)


def test_hostile_text_stays_text_in_word(tmp_path):
    publish(pages.hostile_release(), tmp_path / "run", word=True)
    done = assess_folders([tmp_path / "run"])
    publish_assessment(
        done.evidence, done.answers, done.since, tmp_path / "sia", word=True, created=CREATED, **done.labels
    )
    written = [*(tmp_path / "run" / "wards").glob("*.docx"), tmp_path / "sia" / "assessment.docx"]
    assert len(written) == 8
    for path in written:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            text = "".join(
                archive.read(name).decode("utf-8") for name in names if name.endswith((".xml", ".rels"))
            )
        assert "<script" not in text and "w:fldSimple" not in text and "w:instrText" not in text
        assert 'TargetMode="External"' not in text and not any("vba" in name.lower() for name in names)
        assert docx.Document(str(path)).paragraphs
    body = (tmp_path / "sia" / "assessment.html").read_text(encoding="utf-8").split("</style>")[-1]
    assert "<script" not in body and "<img" not in body and 'onerror="' not in body


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Writer")
def test_libreoffice_opens_the_document(folders, tmp_path):
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(tmp_path),
            str(folders[0] / "wards" / "ash.docx"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert (tmp_path / "ash.pdf").read_bytes().startswith(b"%PDF")
