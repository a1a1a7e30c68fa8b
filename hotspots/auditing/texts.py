"""
Search every byte of a release for what no table is about: names, totals, identifiers, coordinates.

Pages are searched as they are read, everything else as text; archives member
by member.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from hotspots.auditing._policy import secret_themes
from hotspots.auditing.cells import Leak, rounded
from hotspots.auditing.published import Published

_TOO_FEW: Final = re.compile(r"too few [a-z ]+\((\d[\d,]*);", re.IGNORECASE)
_UNLOCATED: Final = re.compile(r"[\d.]+\s?% of [^.;<]{0,60}could not be located")
#: What parameters ask of each square or month is no count.
_OF: Final = r"(?:incidents?|crimes?|offences?|rows|reports)\b(?! (?:each|a month)\b)"
#: A bound ("at least 20 incidents") is no count, but may be none that rounding cannot give either.
_COUNTED: Final = re.compile(
    r"(?<![\d.,/:-])(?P<bound>at least |fewer than |more than |below |under |up to |to |needed |about )?"
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+) {_OF}",
    re.IGNORECASE,
)
_WORDS: Final = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_IN_WORDS: Final = re.compile(
    rf"\b(?P<word>{'|'.join(_WORDS)}|a dozen|a couple of)(?: \w+)? {_OF}", re.IGNORECASE
)
_DIGEST: Final = re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{64}(?![0-9a-fA-F])", re.IGNORECASE)
_DEGREES: Final = re.compile(r"(?<![\d.])(?:4[89]|5\d|60)\.\d{6,}\b")
_METRES: Final = re.compile(r"(?<![\d.])[1-6]\d{5}\.\d+\s*[,; ]\s*\d{6,7}\.\d+")
#: Files of layers, the same ones in each format; the GeoPackage's are read as shapes.
_LAYERS: Final = (".gpkg", ".parquet", ".fgb")
_HARM: Final = re.compile(
    r"harm(?:[ _-](?:score|index|weight|days|total|sum))?\W{0,3}\d[\d.,]*|\d[\d.,]* (?:days of |crime )?harm",
    re.IGNORECASE,
)
#: What styles and scripts say is about the page, not about incidents.
_CODE: Final = re.compile(
    r"<(script|style)\b(?![^>]*application/json)[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE
)


def text_leaks(published: Published) -> Iterator[Leak]:
    """
    Find what texts and bytes give away.

    Returns
    -------
    iterator of Leak
        One for each kind, file and thing found.
    """
    for where, text in _searched(published):
        for search in (_verdicts, _located, _counts, _identifiers, _coordinates, _harm, _names):
            yield from search(published, where, text)


def unread_leaks(published: Published) -> Iterator[Leak]:
    """Find data in a page that this audit does not read."""
    for where, number in published.unread.items():
        words = f"{number} further scripts of data are in the page."
        yield _leak(published, "data that are not read", where, words)


def _searched(published: Published) -> Iterator[tuple[str, str]]:
    for where, text in published.texts.items():
        yield where, _CODE.sub(" ", text) if where.endswith(".html") else text


def _leak(published: Published, kind: str, where: str, what: str) -> Leak:
    return Leak(kind, published.name, where, what)


def _verdicts(published: Published, where: str, text: str) -> Iterator[Leak]:
    found = sorted({match[1] for match in _TOO_FEW.finditer(text)})
    if found:
        words = f"A text says how many are too few: {', '.join(found)}."
        yield _leak(published, "figure in a verdict", where, words)


def _located(published: Published, where: str, text: str) -> Iterator[Leak]:
    found = {match[0] for match in _UNLOCATED.finditer(_readable(published, where, text))}
    if found:
        words = f'{len(found)} texts give a share that could not be located, such as "{min(found)}".'
        yield _leak(published, "share not located", where, words)


def _counts(published: Published, where: str, text: str) -> Iterator[Leak]:
    """Find sentences with a count that the policy cannot have produced."""
    if not where.endswith((".html", ".json")) and " " not in where:
        return
    readable = _readable(published, where, text)
    odd = sorted(
        {
            match["number"]
            for match in _COUNTED.finditer(readable)
            if not _allowed(float(match["number"].replace(",", "")), match["bound"], published)
        }
        | {match["word"] for match in _IN_WORDS.finditer(readable)}
    )
    if odd:
        words = f"{len(odd)} counts in sentences are not rounded, such as {odd[0]}."
        yield _leak(published, "count as it was", where, words)


def _allowed(number: float, bound: str | None, published: Published) -> bool:
    """Say whether a number of incidents may be told: as a count, or as a bound of one."""
    policy = published.policy
    return number % policy.base == 0 if bound else rounded(number, policy)


def _identifiers(published: Published, where: str, text: str) -> Iterator[Leak]:
    """Find anything that looks like a Crime ID or the digest of an input."""
    record = published.record
    own = {str(value) for value in _outputs(record.get("outputs"))}
    own.add(str(record.get("parameters", {}).get("theme_rules")))
    found = {match[0] for match in _DIGEST.finditer(text)} - own
    if found:
        words = f"{len(found)} identifiers of 64 hexadecimal digits are no digest of an output."
        yield _leak(published, "Crime ID or digest", where, words)


def _outputs(value: object) -> Iterator[object]:
    """Give every value in the list of outputs, whatever its form."""
    if isinstance(value, dict):
        for held in value.values():
            yield from _outputs(held)
    elif isinstance(value, list):
        for held in value:
            yield from _outputs(held)
    else:
        yield value


def _coordinates(published: Published, where: str, text: str) -> Iterator[Leak]:
    found = len(_DEGREES.findall(text)) + len(_METRES.findall(text))
    if found and not where.endswith(_LAYERS):
        words = f"{found} coordinates are given to less than a metre."
        yield _leak(published, "coordinate", where, words)


def _harm(published: Published, where: str, text: str) -> Iterator[Leak]:
    found = _HARM.search(_readable(published, where, text))
    column = where.endswith(".csv") and re.search(r"(^|,)harm\w*(,|\r?\n)", text.split("\n", 1)[0] + "\n")
    if found or column:
        yield _leak(published, "harm", where, "A figure of harm can be divided by its public weights.")


def _names(published: Published, where: str, text: str) -> Iterator[Leak]:
    if published.policy.secret:
        return
    plain = text.lower()
    found = [name for name in secret_themes() if name.lower() in plain]
    if found:
        words = f"It names {' and '.join(found)}, which this audience may not know of."
        yield _leak(published, "secret theme", where, words)


def _readable(published: Published, where: str, text: str) -> str:
    """Give what a person reads: a page without its marks, a file as it is."""
    return published.pages.get(where, text)
