"""What a reader sees of a page: its tables, its sentences, and the data that its script draws."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from hotspots.auditing._packed import unpacked

_SPACES: Final = re.compile(r"\s+")
#: Attributes that are read aloud, shown where the pointer rests, or carry data.
_TELLING: Final = ("title", "alt", "data-", "aria-", "content", "value")
_BLOCKS: Final = frozenset(
    {"p", "li", "td", "th", "div", "dd", "dt", "h1", "h2", "h3", "caption", "tr", "br"}
)


@dataclass
class HtmlTable:
    """A table as it stands on the page: caption, headings and rows of texts."""

    caption: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """
    A page: its title, tables and text, and the JSON that it carries.

    `unread` counts further scripts of JSON, which nothing here reads. The text holds what is seen,
    then what is only in comments and attributes.
    """

    title: str
    tables: tuple[HtmlTable, ...]
    text: str
    data: dict[str, Any]
    unread: int = 0


def read_page(source: str) -> Page:
    """Read an HTML document; labels of drawings count as text, since they are read aloud."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    text = "\n".join([*reader.lines(), *reader.hidden])
    return Page(reader.title, tuple(reader.tables), text, reader.data, max(reader.scripts - 1, 0))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[HtmlTable] = []
        self.data: dict[str, Any] = {}
        self.title = ""
        self.hidden: list[str] = []
        self.scripts = 0
        self._text: list[str] = []
        self._cell: list[str] | None = None
        self._row: list[str] | None = None
        self._in_head = False
        self._open = ""
        self._script: str | None = None

    def lines(self) -> list[str]:
        """Give the visible text, a line for each paragraph or cell."""
        folded = (_SPACES.sub(" ", line).strip() for line in "".join(self._text).split("\n"))
        return [line for line in folded if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in ("script", "style", "title"):
            self._open = tag
            self._script = "" if known.get("type") == "application/json" else None
        self.hidden += [text for name, text in attrs if text and name.startswith(_TELLING)]
        label = known.get("aria-label")
        if label:
            self._add(f" {label} ")
        if tag in _BLOCKS:
            self._text.append("\n")
        self._start_of_table(tag)

    def _start_of_table(self, tag: str) -> None:
        if tag == "table":
            self.tables.append(HtmlTable())
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th", "caption"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            if self._script:
                self.scripts += 1
                self.data = self.data or unpacked(json.loads(self._script))
            self._open, self._script = "", None
        elif tag == "thead":
            self._in_head = False
        elif tag in _BLOCKS:
            self._text.append("\n")
            self._end_of_cell(tag)

    def _end_of_cell(self, tag: str) -> None:
        if not self.tables:
            return
        if tag in ("td", "th", "caption") and self._cell is not None:
            text = _SPACES.sub(" ", "".join(self._cell)).strip()
            if tag == "caption":
                self.tables[-1].caption = text
            elif self._row is not None:
                self._row.append(text)
            self._cell = None
        elif tag == "tr" and self._row is not None:
            if self._in_head:
                self.tables[-1].head = self._row
            elif self._row:
                self.tables[-1].rows.append(self._row)
            self._row = None

    def handle_data(self, data: str) -> None:
        if self._open == "script" and self._script is not None:
            self._script += data
        elif self._open == "title":
            # A drawing has titles as well.
            self.title = self.title or data
            self.hidden.append(data)
        elif self._open not in ("script", "style"):
            self._add(data)

    def handle_comment(self, data: str) -> None:
        self.hidden.append(data)

    def _add(self, text: str) -> None:
        self._text.append(text)
        if self._cell is not None:
            self._cell.append(text)
