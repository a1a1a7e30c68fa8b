"""The recipes name files that exist, and every room has a page."""

from __future__ import annotations

import re
import sys

import pytest
from paths import CLONE

TEXT = (CLONE / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_files_that_the_recipes_name_are_there():
    named = re.findall(r"`((?:hotspots|tests|docs|data|boundaries)/[\w./-]*)`", TEXT)
    assert len(named) > 15
    assert [name for name in named if not (CLONE / name).exists()] == []


def test_a_stage_that_shows_itself_everywhere_takes_at_most_twelve_files():
    recipe = TEXT.split("### Add a stage that shows itself everywhere", 1)[1].split("###", 1)[0]
    assert len(set(re.findall(r"`((?:hotspots|tests)/[\w./-]+|README\.md)`", recipe))) <= 12


def test_every_room_gets_a_page_that_lists_its_files(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(CLONE / "docs"))
    from room_pages import ORDER, write_room_pages

    write_room_pages(tmp_path)
    rooms = {path.parent.name for path in (CLONE / "hotspots").glob("*/__init__.py")}
    assert {path.stem for path in tmp_path.glob("*.md")} == {*rooms, "index"}
    for room in rooms:
        page = (tmp_path / f"{room}.md").read_text(encoding="utf-8")
        for path in (CLONE / "hotspots" / room).glob("[!_]*.py"):
            assert f"`{path.name}`" in page, path
    assert set(ORDER) <= rooms
    sys.modules.pop("room_pages")


def test_the_makefile_has_the_targets_that_the_text_names():
    makefile = (CLONE / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", makefile, flags=re.MULTILINE))
    assert set(re.findall(r"`make (\w+)`", TEXT)) <= targets


@pytest.mark.parametrize("page", ["responsible-use.md", "transparency.md", "index.md"])
def test_links_of_the_pages_lead_somewhere(page):
    text = (CLONE / "docs" / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        made = link.startswith(("rooms/", "../rooms/"))
        assert made or (CLONE / "docs" / link).exists(), link
