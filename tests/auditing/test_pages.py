"""Figures of pages, where a theme and a crime type share a name."""

from __future__ import annotations

from hotspots.auditing._html import read_page
from hotspots.auditing._page_tables import Names, figure, page_tables

NAMES = Names(
    (("all", "All incidents"), ("asb", "Anti-social behaviour"), ("type-asb", "Anti-social behaviour")),
    {"Abbey": ("ward", "E05000001")},
    "Derby",
)


def rows(source):
    tables = list(page_tables(read_page(source), "page", NAMES))
    return [row for table in tables for row in table.frame.to_dict("records")]


def table(*lines, caption=""):
    head, *body = ["".join(f"<td>{cell}</td>" for cell in line) for line in lines]
    parts = f"<thead><tr>{head}</tr></thead>" + "".join(f"<tr>{line}</tr>" for line in body)
    return f"<title>Abbey ward, 2025</title><table><caption>{caption}</caption>{parts}</table>"


def test_equal_headings_are_told_by_their_order():
    head = ("Ward", "Anti-social behaviour", "Anti-social behaviour")
    found = rows(table(head, ("Abbey", "110", "15")))
    assert [(row["theme"], row["count"]) for row in found] == [("asb", "110"), ("type-asb", "15")]


def test_rows_of_a_table_of_types_are_types():
    lines = ("Anti-social behaviour", "1,090", "16 %", "3 %")
    (of_type,) = rows(table(("Type", "Incidents", "Share of Abbey", "Share of Derby"), lines))
    (of_theme,) = rows(table(("Theme", "Incidents", "Share of Abbey", "Share of Derby"), lines))
    assert (of_type["theme"], of_theme["theme"]) == ("type-asb", "asb")
    assert (of_type["count"], of_type["share_of_area"], of_type["share"]) == ("1090", "0.16", "0.03")


def test_a_caption_says_which_theme_a_table_of_wards_is_about():
    (row,) = rows(table(("Ward", "Incidents"), ("Abbey", "15"), caption="Anti-social behaviour by ward"))
    assert (row["theme"], row["code"]) == ("asb", "E05000001")


def test_figures_are_read_as_they_are_written():
    assert [figure(text) for text in ("1,025", "−29 % −44 to −10 %", "2.8", "withheld", "under 0.1")] == [
        "1025",
        "-0.29",
        "2.8",
        None,
        None,
    ]
