"""
A page as a Word document: the same words and figures, real tables, drawings as pictures.

The document is read off the finished page, so that the two can never say different
things. python-docx writes it; resvg (through resvg_py) makes PNG of our SVG: one wheel
without other libraries on every system, no browser and no cairo to install, equal
pictures for equal drawings, and it asks the network for nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from hotspots.errors import DataMissingError
from hotspots.pages._assets import own_files

#: Centimetres of a drawing by its class, and of those that none names; a page holds 26.
_WIDE: Final = {"locator": 5.0, "bars": 2.7, "ward-map": 18.0, "lines": 21.0}
_USUAL: Final = 19.0
_TEXT_WIDTH: Final = 26.5
#: Letters that a column has room for at least and at most.
_LEAST: Final = 11
_MOST: Final = 40
#: Pixels for each unit of a drawing: 300 to the inch at most sizes.
_ZOOM: Final = 2.5
_SVG: Final = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
#: Signs that XML cannot hold.
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SKIPPED: Final = frozenset({"nav", "script", "style", "template", "button", "head"})
#: What is for the screen, or for paper, alone; marking stands at the edges of each sheet.
_LEFT_OUT: Final = frozenset({"marking", "tools", "on-paper"})
_HEADINGS: Final = {"h2": "Heading 1", "h3": "Heading 2", "h4": "Heading 3"}
_DATE: Final = (1980, 1, 1, 0, 0, 0)


def check_word() -> None:
    """
    Refuse to write Word documents where the libraries for it are not there.

    Raises
    ------
    DataMissingError
        If python-docx or resvg_py is not installed.
    """
    try:
        import docx  # noqa: F401
        import resvg_py  # noqa: F401
    except ImportError as error:
        raise DataMissingError(
            f'--word needs {error.name}: `pip install "derby-hotspots[word]"` brings it, or leave it out.'
        ) from error


def word_document(html: str, *, created: Any) -> bytes:
    """
    Write a page of this project as a .docx file.

    Parameters
    ----------
    html : str
        From `_documents.render_document`.
    created : datetime
        Stands in the document's properties; the clock is never asked.

    Returns
    -------
    bytes
        Equal input gives equal bytes, where the fonts are the same.
    """
    return _Writer(html).bytes(created)


class _Writer:
    """Walks through a page and writes as it goes."""

    def __init__(self, html: str) -> None:
        import docx
        import lxml.html

        self._drawings: list[str] = []
        # Taken out first: the reader of HTML knows nothing of SVG.
        text = _SVG.sub(self._keep, html)
        self._page = lxml.html.document_fromstring(text)
        self._document = docx.Document()
        _prepare(self._document)

    def bytes(self, created: Any) -> bytes:
        body = self._page.find("body")
        title = _clean(body.findtext(".//h1") or "")
        _mark(self._document, *self._marking(body))
        self._document.add_heading(title, level=0)
        sample = body.find_class("sample")
        if sample:
            self._paragraph(sample[0])
        self._blocks(body.find(".//main"))
        self._blocks(body.find(".//footer"))
        properties = self._document.core_properties
        properties.title, properties.author, properties.language = title, "Derby Hotspots", "en-GB"
        properties.comments = ""
        properties.created = properties.modified = created
        stream = io.BytesIO()
        self._document.save(stream)
        return _dateless(stream.getvalue())

    def _keep(self, found: re.Match[str]) -> str:
        self._drawings.append(found[0])
        return f'<img alt="" data-drawing="{len(self._drawings) - 1}">'

    def _marking(self, body: Any) -> tuple[str, bool]:
        found = body.find_class("marking")
        return (_clean(found[0].text_content()) if found else ""), bool(body.find_class("sample"))

    def _blocks(self, parent: Any) -> None:
        for child in parent:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED or _LEFT_OUT & _classes(child):
                continue
            if child.tag in _HEADINGS:
                self._document.add_paragraph(_clean(child.text_content()), style=_HEADINGS[child.tag])
            elif child.tag in ("p", "figcaption", "caption"):
                self._paragraph(child, quiet=child.tag != "p" or bool({"told", "note"} & _classes(child)))
            elif child.tag in ("ul", "ol"):
                for item in child.findall("li"):
                    self._paragraph(item, style="List Bullet" if child.tag == "ul" else "List Number")
            elif child.tag == "dl":
                self._facts(child)
            elif child.tag == "table":
                self._table(child)
            elif child.tag == "img":
                self._picture(self._document.add_paragraph(), child)
            else:
                self._blocks(child)

    def _paragraph(self, element: Any, *, style: str | None = None, quiet: bool = False) -> None:
        paragraph = self._document.add_paragraph(style=style)
        self._runs(paragraph, element, bold=False)
        if quiet:
            _small(paragraph)

    def _runs(self, paragraph: Any, element: Any, *, bold: bool) -> None:
        """Write the text of an element and of what is in it, with its strong words and drawings."""
        _add(paragraph, element.text, bold)
        for child in element:
            if isinstance(child.tag, str) and child.tag == "img":
                self._picture(paragraph, child)
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
                if child.tag == "small" and paragraph.runs:
                    paragraph.add_run().add_break()
                heavy = child.tag in ("strong", "b") or (bold and child.tag != "small")
                self._runs(paragraph, child, bold=heavy)
            _add(paragraph, child.tail, bold)

    def _facts(self, element: Any) -> None:
        paragraph = self._document.add_paragraph()
        for number, (term, value) in enumerate(_pairs(element)):
            _add(paragraph, f"{'   ' if number else ''}{term} ", False)
            _add(paragraph, value, True)

    def _table(self, element: Any) -> None:
        rows = element.findall(".//tr")
        widths = [[int(cell.get("colspan", 1)) for cell in _cells(row)] for row in rows]
        if not rows:
            return
        caption = element.find("caption")
        if caption is not None:
            self._paragraph(caption, quiet=True)
        table = self._document.add_table(rows=0, cols=max(map(sum, widths)), style="Table Grid")
        head = {id(row) for row in element.findall("./thead/tr")}
        for row in rows:
            cells = table.add_row().cells
            at = 0
            for cell in _cells(row):
                span = int(cell.get("colspan", 1))
                target = cells[at].merge(cells[at + span - 1]) if span > 1 else cells[at]
                self._cell(target, cell, bold=cell.tag == "th")
                at += span
            if id(row) in head:
                _repeat(table.rows[-1])
        _whole_rows(table)
        _share_width(table, equal="box" in _classes(element))
        self._document.add_paragraph()

    def _cell(self, target: Any, element: Any, *, bold: bool) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph = target.paragraphs[0]
        self._runs(paragraph, element, bold=bold)
        if "figure" in _classes(element):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.space_after = Pt(0)
        for run in paragraph.runs:
            run.font.size = Pt(9)

    def _picture(self, paragraph: Any, element: Any) -> None:
        from docx.shared import Cm

        drawing = self._drawings[int(element.get("data-drawing"))]
        look = re.match(r'<svg\b[^>]*?class="([a-z-]+)', drawing)
        wide = _WIDE.get(look[1] if look else "", _USUAL)
        shape = paragraph.add_run().add_picture(io.BytesIO(_png(drawing)), width=Cm(wide))
        said = re.search(r'aria-label="([^"]*)"', drawing)
        # What a screen reader says of it.
        shape._inline.docPr.set("descr", _clean(_unescaped(said[1])) if said else "")


def _png(drawing: str) -> bytes:
    import resvg_py

    named = (
        drawing
        if "xmlns=" in drawing[:400]
        else drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    )
    # Looking through the fonts of the machine takes longer than the drawing.
    wordless = "<text" not in named
    picture = resvg_py.svg_to_bytes(
        svg_string=named, style_sheet=own_files("figures.css"), zoom=_ZOOM, skip_system_fonts=wordless
    )
    return bytes(picture)


def _prepare(document: Any) -> None:
    """Lay the page out as our pages print: A4 across, one plain face, British English."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(1.6)
    section.top_margin = section.bottom_margin = Cm(1.8)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        font = document.styles[name].font
        font.name = "Arial"
        properties = document.styles[name].element.get_or_add_rPr()
        properties.get_or_add_rFonts().set(qn("w:asciiTheme"), "")
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            properties.rFonts.attrib.pop(qn(f"w:{theme}"), None)
        font.color.rgb = RGBColor(0x14, 0x18, 0x1D)
    document.styles["Normal"].font.size = Pt(10)
    document.styles["Title"].font.size = Pt(20)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _mark(document: Any, marking: str, synthetic: bool) -> None:
    """Put the marking at the top and bottom of every sheet, as on paper."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    text = " · ".join(filter(None, [marking, "SYNTHETIC SAMPLE" if synthetic else ""]))
    for part in (document.sections[0].header, document.sections[0].footer):
        paragraph = part.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(text).bold = True


def _repeat(row: Any) -> None:
    """Let a row of headings stand on every sheet that the table runs over, and shade it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(header)
    for cell in row.cells:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), "E9EDF2")
        cell._tc.get_or_add_tcPr().append(shade)


def _whole_rows(table: Any) -> None:
    """Break sheets between rows alone."""
    from docx.oxml import OxmlElement

    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _share_width(table: Any, *, equal: bool) -> None:
    """Give each column room by its longest line, within reason: Word's own guess is that all are equal."""
    from docx.shared import Cm

    table.autofit = False
    rows = [row.cells for row in table.rows]
    needs = []
    for at in range(len(table.columns)):
        texts = [line for row in rows for line in row[at].text.split("\n")]
        widest = max((len(word) for text in texts for word in text.split()), default=1)
        needs.append(1 if equal else min(max(widest + 2, max(map(len, texts), default=1), _LEAST), _MOST))
    for at, need in enumerate(needs):
        width = Cm(_TEXT_WIDTH * need / sum(needs))
        table.columns[at].width = width
        for row in rows:
            row[at].width = width


def _small(paragraph: Any) -> None:
    from docx.shared import Pt, RGBColor

    for run in paragraph.runs:
        run.font.size, run.font.color.rgb = Pt(9), RGBColor(0x4B, 0x55, 0x63)


def _add(paragraph: Any, text: str | None, bold: bool) -> None:
    said = re.sub(r"\s+", " ", _UNFIT.sub("", text or "").replace("\xa0", "\u2007")).replace("\u2007", "\xa0")
    if said and (said.strip() or paragraph.runs):
        paragraph.add_run(said).bold = bold or None


def _pairs(element: Any) -> Iterator[tuple[str, str]]:
    terms, values = element.findall(".//dt"), element.findall(".//dd")
    for term, value in zip(terms, values, strict=True):
        yield _clean(term.text_content()), _clean(value.text_content())


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("th", "td")]


def _classes(element: Any) -> set[str]:
    return set((element.get("class") or "").split())


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", _UNFIT.sub("", text)).strip()


def _unescaped(text: str) -> str:
    import html

    return html.unescape(text)


def _dateless(content: bytes) -> bytes:
    """Write the parts again with one date: a zip would keep the clock."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _DATE), old.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
