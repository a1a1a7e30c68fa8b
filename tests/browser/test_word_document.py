"""The Word document that a profile makes of itself, without anything installed: opened by python-docx and LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
import zipfile

import lxml.etree
import lxml.html
import pages
import pytest
from chromium import Watched

from hotspots.pages import map_page, ward_pages

docx = pytest.importorskip("docx")
pytestmark = pytest.mark.browser


def _made(chromium, release, folder):
    """Write the map and the profiles, click once on the map, and give the document with its page."""
    (folder / "wards").mkdir()
    for name, text in ward_pages.render_all(release).items():
        (folder / "wards" / name).write_text(text, encoding="utf-8")
    slug = next(iter(ward_pages.ward_slugs(release.wards["name"]).values()))
    code = str(release.wards.index[0])
    text = map_page.render(release, profiles={code: f"wards/{slug}.html"})
    (folder / "index.html").write_text(text, encoding="utf-8")
    watched = Watched(chromium)
    page = watched.open(folder / "index.html", f"#ward={code}")
    with page.expect_download() as download:
        page.get_by_role("link", name="for Word: ").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert page.evaluate("window.hacked") is None
    assert watched.problems == []
    watched.context.close()
    return path, folder / "wards" / f"{slug}.html"


@pytest.fixture(scope="module")
def made(chromium, tmp_path_factory):
    return _made(chromium, pages.small_release(), tmp_path_factory.mktemp("word"))


def test_one_click_on_the_map_gives_the_tables_of_the_profile(made):
    path, page = made
    assert path.name == "ash.docx"
    document = docx.Document(str(path))
    root = lxml.html.fromstring(page.read_text(encoding="utf-8"))
    written = [[cell.text.split() for row in table.rows for cell in row.cells] for table in document.tables]
    shown = [
        [cell.text_content().split() for cell in table.xpath(".//th | .//td")] for table in root.iter("table")
    ]
    assert written == shown
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 1"] == [
        " ".join(h2.text_content().split()) for h2 in root.iter("h2")
    ]


def test_its_pictures_are_drawn_and_described_and_it_is_marked(made):
    document = docx.Document(str(made[0]))
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert any(text.startswith("Map of Ash ward") for text in told)
    images = [part.blob for part in document.part.package.iter_parts() if part.content_type == "image/png"]
    assert len(images) == len(told) >= 3
    assert all(len(blob) > 300 for blob in images)
    section = document.sections[0]
    assert section.header.paragraphs[0].text == section.footer.paragraphs[0].text == "OFFICIAL"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice Writer")
def test_libreoffice_opens_it(made, tmp_path):
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "txt:Text",
            "--outdir",
            str(tmp_path),
            str(made[0]),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    text = (tmp_path / "ash.txt").read_text(encoding="utf-8-sig")
    assert "420 incidents were recorded in Ash" in text
    assert "What the team does about it" in text


def test_hostile_text_stays_text(chromium, tmp_path):
    path, _ = _made(chromium, pages.hostile_release(), tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        texts = {n: archive.read(n) for n in archive.namelist() if n.endswith((".xml", ".rels"))}
    for name, text in texts.items():
        lxml.etree.fromstring(text)
        assert b"<script" not in text and b"w:fldSimple" not in text and b"w:instrText" not in text, name
        assert b'TargetMode="External"' not in text
    assert docx.Document(str(path)).paragraphs
