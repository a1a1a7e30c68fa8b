"""
The scripts and styles that a page carries inside itself.

Leaflet is taken from the pinned dependency, never copied into this project,
and only if its bytes are the ones that were reviewed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import metadata
from importlib.resources import files
from typing import Final

from hotspots.errors import DataMissingError
from hotspots.resources import shipped

_DISTRIBUTION: Final = "django-js-lib-leaflet"
_FOLDER: Final = "static/js_lib_leaflet"
#: SHA-256 of Leaflet 1.9.4's files, the same as those of its npm package.
LEAFLET_DIGESTS: Final = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
    "images/layers.png": "1dbbe9d028e292f36fcba8f8b3a28d5e8932754fc2215b9ac69e4cdecf5107c6",
    "images/layers-2x.png": "066daca850d8ffbef007af00b06eac0015728dee279c51f3cb6c716df7c42edf",
    "images/marker-icon.png": "574c3a5cca85f4114085b6841596d62f00d7c892c7b03f28cbfa301deb1dc437",
}
#: A comment that has its lines to itself; one beside code stays.
_COMMENT: Final = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
_CSS_URL: Final = re.compile(r"url\(([^)]+)\)")


@cache
def leaflet_script() -> str:
    """Return Leaflet's script without the line that points to its source map."""
    text = _leaflet_text("leaflet.js")
    return re.sub(r"\n?//# sourceMappingURL=.*\n?", "\n", text)


@cache
def leaflet_style() -> str:
    """Return Leaflet's style sheet with its images inside, so that it asks for nothing."""
    text = _leaflet_text("leaflet.css")
    return _CSS_URL.sub(_embedded, text)


@cache
def leaflet_licence() -> str:
    """Return Leaflet's licence, which every page that carries Leaflet must show."""
    for path in metadata.files(_DISTRIBUTION) or ():
        if path.name == "LICENSE":
            return path.read_text(encoding="utf-8")
    raise DataMissingError(f"The licence of {_DISTRIBUTION} is missing: install the package again.")


@cache
def own_files(*names: str) -> str:
    """Join files of hotspots/static in the given order, without their comments and indents."""
    return "\n".join(_slim(shipped("static", name).read_text(encoding="utf-8")) for name in names)


def _slim(text: str) -> str:
    """Leave out what only people read who have the source: a fifth of each page's own scripts."""
    lines = _COMMENT.sub("", text).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def _leaflet_text(name: str) -> str:
    # HTML knows only line feeds; a carriage return would break the hash in the page's policy.
    return _reviewed(name).decode("utf-8").replace("\r\n", "\n")


def _reviewed(name: str) -> bytes:
    """Return a file of Leaflet's, if its bytes are the ones that were reviewed."""
    content = files("js_lib_leaflet").joinpath(_FOLDER, name).read_bytes()
    if hashlib.sha256(content).hexdigest() != LEAFLET_DIGESTS.get(name):
        raise DataMissingError(
            f"{name} of {_DISTRIBUTION} is not the reviewed Leaflet 1.9.4: install {_DISTRIBUTION}==1.9.4.1."
        )
    return content


def _embedded(match: re.Match[str]) -> str:
    target = match.group(1).strip("\"'")
    if target.startswith("#"):
        return match.group(0)  # Internet Explorer's `behavior: url(#default#VML)`: not a file
    return f"url(data:image/png;base64,{base64.b64encode(_reviewed(target)).decode('ascii')})"
