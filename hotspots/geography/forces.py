"""Which authorities of the layers are meant by codes, names and police forces."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from hotspots.authorities import is_code, known_authorities
from hotspots.errors import BoundaryError, ParameterError
from hotspots.geography.authorities import Authority
from hotspots.policeuk import force_slug
from hotspots.text import nearest, safe_text

_CODE, _FORCE = re.compile(r"LAD(\d\d)CD", re.IGNORECASE), re.compile(r"PFA(\d\d)NM", re.IGNORECASE)


def forces_of(folder: Path) -> dict[str, str]:
    """
    Tell the police force of each authority, by code.

    ONS publishes it as the look-up of local authority districts, community safety partnerships and police
    force areas: a CSV file with columns LAD24CD and PFA24NM, of whatever year, that lies beside the layers.
    Authorities that were fetched are known without it.

    Raises
    ------
    BoundaryError
        If a look-up cannot be read.
    """
    found = {one.code: one.force_name for one in known_authorities() if one.force_name}
    tables = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    for _, pairs in sorted(filter(None, map(_look_up, tables))):
        found.update(pairs)
    return found


def _look_up(path: Path) -> tuple[str, dict[str, str]] | None:
    """Read year and pairs of a look-up; None of another table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = [name.strip() for name in next(rows, [])]
            code = next((at for at, name in enumerate(header) if _CODE.fullmatch(name)), None)
            force = next((at for at, name in enumerate(header) if _FORCE.fullmatch(name)), None)
            if code is None or force is None:
                return None
            whole = [row for row in rows if len(row) == len(header)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BoundaryError(f"{safe_text(path.name)} cannot be read: save it as CSV in UTF-8.") from error
    return header[code][3:5], {row[code].strip(): row[force].strip() for row in whole}


def choose_authorities(found: Sequence[Authority], words: str, *, folder: Path) -> list[Authority]:
    """
    Choose among the authorities of the layers.

    Parameters
    ----------
    found : sequence of Authority
        From `split_layers`.
    words : str
        "all", or GSS codes, names and forces, "," or ";" between several. A force stands for all its
        authorities that the layers hold; a name is taken for an authority before a force.
    folder : Path
        The layers, where a look-up of forces may lie.

    Returns
    -------
    list of Authority
        By code.

    Raises
    ------
    ParameterError
        If a word is none of them.
    """
    if words.strip() == "all":
        return list(found)
    forces = forces_of(folder)
    chosen: dict[str, Authority] = {}
    for word in _split(words, {_plain(one.name) for one in found}):
        if not (meant := _meant(word, found, forces)):
            raise ParameterError(_unknown(word, found, forces))
        chosen |= {one.code: one for one in meant}
    if not chosen:
        raise ParameterError("--areas is empty: give all, GSS codes, names or forces.")
    return [chosen[code] for code in sorted(chosen)]


def _split(words: str, names: set[str]) -> list[str]:
    """Part words at ";", and at "," but for names that hold one, such as "Bristol, City of"."""
    parted = [part.strip() for part in words.split(";")]
    whole = [[part] if _plain(part) in names else part.split(",") for part in parted]
    return [word.strip() for part in whole for word in part if word.strip()]


def _plain(name: str) -> str:
    return name.strip().lower()


def _meant(word: str, found: Sequence[Authority], forces: dict[str, str]) -> list[Authority]:
    if is_code(word):
        return [one for one in found if one.code == word.upper()]
    plain = _plain(word)
    named = [one for one in found if plain in (_plain(one.name), _plain(one.name.partition(",")[0]))]
    return named or [
        one
        for one in found
        if (force := forces.get(one.code)) and plain in (_plain(force), force_slug(force))
    ]


def _unknown(word: str, found: Sequence[Authority], forces: dict[str, str]) -> str:
    if is_code(word):
        hint = nearest(word, [one.code for one in found])
        return f"--areas {word}: the layers hold no such authority.{hint}"
    here = {forces[one.code] for one in found if one.code in forces}
    known = f"; the forces of {len(here)} are known" if here else "; no force is known"
    return (
        f"--areas {safe_text(word)}: no authority of the layers has this name{known}: for others put ONS's "
        "look-up of authorities and police force areas (a CSV file with LAD24CD and PFA24NM) beside the "
        f"layers.{nearest(word, [*here, *(one.name for one in found)])}"
    )
