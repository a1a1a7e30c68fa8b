"""
One self-contained HTML document: template, styles, scripts, data.

Text reaches a document only through Jinja2 with autoescape, or as JSON that
the page's script sets with textContent. The content security policy allows
the document's own scripts and styles by their hashes and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import jinja2
from markupsafe import Markup

from hotspots.pages._assets import own_files
from hotspots.resources import shipped

_PER_CENT: Final = re.compile(r"(\d)[ \u00a0]%")


@cache
def environment() -> jinja2.Environment:
    """Return the template environment: autoescape on, unknown names are errors."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(shipped("templates")),
        autoescape=True,
        finalize=with_per_cent_signs,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # What ships does not change in a run: looking each time took as long as drawing the bars.
        auto_reload=False,
    )


def render_document(
    template: str,
    *,
    marking: str,
    synthetic: bool,
    attested: str = "",
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    image_sources: Sequence[str] = (),
    **values: Any,
) -> str:
    """
    Render a template that extends base.html.j2.

    Parameters
    ----------
    template : str
        File name below hotspots/templates.
    marking : str
        Security marking, shown at the top and bottom of the page and of every
        printed sheet; "" for none.
    synthetic : bool
        Whether the page shows the synthetic sample, which it then says likewise.
    attested : str
        What the user attests of the data, said at the top; "" for nothing.
    styles, scripts : sequence of str
        Texts of style sheets and classic scripts, in order, after base.css.
    image_sources : sequence of str
        Origins besides the document itself from which images may come.
    **values
        What the template uses: `title` at least.

    Returns
    -------
    str
        The document; equal input gives equal text.
    """
    sheets = [own_files("base.css"), marking_rules(marked(marking, synthetic=synthetic)), *styles]
    policy = content_policy(styles=sheets, scripts=scripts, image_sources=image_sources)
    return (
        environment()
        .get_template(template)
        .render(
            content_policy=policy,
            styles=[_raw(sheet, "</style") for sheet in sheets],
            scripts=[_raw(script, "</script") for script in scripts],
            marking=marking,
            synthetic=synthetic,
            attested=attested,
            **values,
        )
    )


def content_policy(
    *, styles: Sequence[str], scripts: Sequence[str], image_sources: Sequence[str] = ()
) -> str:
    """Write the policy that allows these very texts and refuses everything else."""
    rules = {
        "default-src": ["'none'"],
        "script-src": [_hash(text) for text in scripts] or ["'none'"],
        "style-src": [_hash(text) for text in styles],
        "img-src": ["data:", *image_sources],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def with_per_cent_signs(value: Any) -> Any:
    """Let a per cent sign stand at its number, whoever wrote the words; markup is ours, and stays."""
    return _PER_CENT.sub(r"\1%", value) if type(value) is str and "%" in value else value


def json_for_html(data: Any) -> Markup:
    """Write data as JSON that cannot end the script element that holds it."""
    text = with_per_cent_signs(json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - nothing that HTML reads is left in it


def marked(marking: str, *, synthetic: bool) -> str:
    """Write what every picture and printed sheet must carry: the marking, and that a sample is one."""
    return " · ".join(filter(None, [marking, "SYNTHETIC SAMPLE" if synthetic else ""]))


def marking_rules(marking: str) -> str:
    """
    Write the print rules that repeat the marking at the top and bottom of every sheet.

    The text stands in a CSS string, so every sign that is not a letter or digit
    is written as its code.
    """
    text = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in marking)
    return (
        "@page { size: A4 landscape; margin: 14mm 12mm;"
        f' @top-center {{ content: "{text}"; font: bold 10pt sans-serif; }}'
        f' @bottom-center {{ content: "{text}"; font: bold 10pt sans-serif; }}'
        ' @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; } }\n'
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _raw(text: str, end: str) -> Markup:
    if end in text.lower():
        raise ValueError(f"A text that goes into a page holds {end}: it would end its element.")
    return Markup(text)  # noqa: S704 - our own files, Leaflet's reviewed ones, or an analyst's own layers
