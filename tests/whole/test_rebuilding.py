"""A folder made again from its released tables is the same; whatever else stands in it is found."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace

import openpyxl
import pytest

from hotspots.auditing.audit import audit_folders
from hotspots.auditing.reading import read_published
from hotspots.outputs.publish import write_folder
from hotspots.rebuilding import UNLIKE, Rebuilt, compared, rebuild, write_again


@pytest.fixture(scope="module")
def made(tmp_path_factory, town_analysis):
    """Write what a partner gets, read it, and make it again."""
    folder, again = (tmp_path_factory.mktemp(name) for name in ("partner", "again"))
    write_folder(town_analysis.release(audience="partner"), folder)
    published = read_published(folder)
    assert write_again(published, again) == ()
    return published, again


def test_every_file_comes_out_alike(made):
    published, again = made
    found = compared(published, again)
    assert found.leaks == () and "files come out alike" in found.notes[0]
    assert (again / "patrol.html").is_file() and (again / "hotspots.xlsx").is_file()


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made[0].folder, tmp_path / "partner")


def page_with(text, name="index.html"):
    def plant(folder):
        path = folder / name
        before, end, after = path.read_text(encoding="utf-8").rpartition("</body>")
        path.write_text(f"{before}{text}{end}{after}", encoding="utf-8")
        return name

    return plant


def first_ward(text):
    def plant(folder):
        return page_with(text, f"wards/{min(path.name for path in (folder / 'wards').iterdir())}")(folder)

    return plant


def packed(counts):
    return base64.b64encode(json.dumps(counts).encode()).decode()


def book_with(change):
    def plant(folder):
        book = openpyxl.load_workbook(folder / "hotspots.xlsx")
        change(book)
        book.save(folder / "hotspots.xlsx")
        return "hotspots.xlsx"

    return plant


def comment(book):
    book["Areas"]["A2"].comment = openpyxl.comments.Comment("7", "x")


def hidden_sheet(book):
    book.create_sheet("x").sheet_state = "hidden"
    book["x"]["A1"] = 7


def defined_name(book):
    book.defined_names["x"] = openpyxl.workbook.defined_name.DefinedName("x", attr_text="7")


def number_format(book):
    book["Areas"]["A2"].number_format = '0;"7"'


def comment_of_an_archive(folder):
    with zipfile.ZipFile(folder / "hotspots.xlsx", "a") as archive:
        archive.comment = b"7"
    return "hotspots.xlsx"


def further_table(folder):
    with closing(sqlite3.connect(folder / "hotspots.gpkg")) as database:
        database.execute("CREATE TABLE x AS SELECT 7 AS n")
        database.commit()
    return "hotspots.gpkg"


def name_of_a_file(folder):
    (folder / "tables" / "7.csv").write_bytes(b"")
    return "tables/7.csv"


def size_of_a_file(folder):
    with (folder / "index.html").open("a", encoding="utf-8") as page:
        page.write("\n" * 7)
    return "index.html"


def order_of_a_list(folder):
    path = folder / "tables" / "priority.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([head, *rows[::-1]]), encoding="utf-8")
    return "tables/priority.csv"


def entry_of_the_record(folder):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["boundaries"]["notes"] = ["fewer than nine"]
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return "run.json"


def verdict_of_a_withheld_count(folder):
    path = folder / "tables" / "priority.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("too few to show", "Too few to show", 1), encoding="utf-8")
    return "tables/priority.csv"


PLANTS = {
    "width of a style": page_with('<i style="width:37%"></i>'),
    "height of a bar": first_ward('<svg><rect height="7"/></svg>'),
    "coordinates of a path": first_ward('<svg><path d="M0 7"/></svg>'),
    "radius of a circle": page_with('<svg><circle r="7"/></svg>', "patrol.html"),
    "a bound": first_ward("<p>At least 7 incidents.</p>"),
    "a bound in words": first_ward("<p>Fewer than nine.</p>"),
    "a number in words": page_with("<p>Seven.</p>"),
    "an attribute of data": page_with('<p data-x="7"></p>'),
    "a packed count": page_with(f"<script>x='{packed({'robbery': 7})}'</script>"),
    "a class of a cell": page_with('<td class="x7"></td>'),
    "a comment of a cell": book_with(comment),
    "a hidden sheet": book_with(hidden_sheet),
    "a defined name": book_with(defined_name),
    "a number format": book_with(number_format),
    "a comment of an archive": comment_of_an_archive,
    "a further table of a GeoPackage": further_table,
    "the name of a file": name_of_a_file,
    "the size of a file": size_of_a_file,
    "the order of a list": order_of_a_list,
    "an entry of the record": entry_of_the_record,
    "the case of a letter": verdict_of_a_withheld_count,
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_whatever_no_table_gives_is_found(plant, made, folder):
    where = plant(folder)
    found = compared(replace(made[0], folder=folder), made[1])
    assert [(leak.kind, leak.where) for leak in found.leaks] == [(UNLIKE, where)]


def test_an_audit_names_the_file_and_does_not_hold(folder):
    first_ward('<svg><rect height="7"/></svg>')(folder)
    published = read_published(folder)
    leak = rebuild(published).leaks[0]
    report = audit_folders([folder], rebuild=lambda _: Rebuilt((leak,), ("said",)))
    assert not report.ok and f"LEAK, {UNLIKE}:\n  {folder} {leak.where}: From byte" in report.text()
    assert "Note: said" in report.text()


def test_what_a_repository_keeps_in_the_folder_is_named_and_no_leak(made, folder):
    (folder / "README.md").write_text("mine", encoding="utf-8")
    found = compared(replace(made[0], folder=folder), made[1])
    assert found.leaks == () and found.notes[-1].startswith("No run wrote README.md")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"version": "0.0.9"}, "version 0.0.9 of this program wrote it"),
        ({"parameters": {"theme_rules": "own"}}, "name the file with --theme-rules"),
    ],
)
def test_what_cannot_be_made_again_here_is_said(made, changed, why):
    found = rebuild(replace(made[0], record={**made[0].record, **changed}))
    assert found.leaks == () and why in found.notes[0]


def test_what_no_run_can_have_stated_is_a_leak(made):
    record = {**made[0].record, "themes": [{"slug": "unknown", "total": 5}]}
    (leak,) = rebuild(replace(made[0], record=record)).leaks
    assert leak.where == "run.json" and "Nothing can be made again" in leak.what
