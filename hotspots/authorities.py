"""
The authorities at hand: Derby, which ships, and those that were fetched, each with a folder of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from hotspots.errors import DataMissingError, InputError
from hotspots.resources import data_folder
from hotspots.text import nearest

#: In the folder of each authority that was fetched: what it is.
PLACE_FILE: Final = "place.json"
_CODE: Final = re.compile(r"[EW]\d{8}", re.IGNORECASE)


@dataclass(frozen=True)
class Authority:
    """
    A district, borough or unitary authority.

    Attributes
    ----------
    code, name : str
        GSS code and name.
    force, force_name : str
        Its police force as police.uk writes it in file names, and in words; "" where unknown.
    """

    code: str
    name: str
    force: str = ""
    force_name: str = ""


#: The authority whose layers ship.
SHIPPED: Final = Authority("E06000015", "Derby", "derbyshire", "Derbyshire")


def is_code(word: str) -> bool:
    """Tell whether a word is a GSS code of England or Wales."""
    return _CODE.fullmatch(word.strip()) is not None


def place_folder(code: str) -> Path:
    """Return the folder in which the fetched layers and figures of an authority lie."""
    return data_folder("boundaries") / code


def fetched_layers(code: str) -> Path | None:
    """Return that folder if it holds layers."""
    folder = place_folder(code)
    return folder if any(folder.glob("*.geojson")) else None


def fetched_changes(code: str) -> Path | None:
    """Return the table of changes between the authority's LSOAs of 2011 and 2021, if it was fetched."""
    path = place_folder(code) / "lsoa_2011_2021.csv"
    return path if path.is_file() else None


def known_authority(code: str) -> Authority:
    """Return what is known of an authority; its code alone where nothing is."""
    return next((one for one in known_authorities() if one.code == code), Authority(code, code))


def known_authorities() -> tuple[Authority, ...]:
    """
    List the authorities at hand by code.

    Raises
    ------
    InputError
        If a folder says wrongly what it is.
    """
    found = {SHIPPED.code: SHIPPED}
    for path in sorted(data_folder("boundaries").glob(f"*/{PLACE_FILE}")):
        one = read_place(path)
        found[one.code] = one
    return tuple(found[code] for code in sorted(found))


def read_place(path: Path) -> Authority:
    try:
        return Authority(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise InputError(
            f"{path} does not say which authority lies there: run hotspots fetch boundaries again."
        ) from None


def place_text(authority: Authority) -> str:
    """Write what `read_place` reads."""
    return json.dumps(asdict(authority), indent=2, ensure_ascii=False) + "\n"


def areas_meant(words: str) -> tuple[Authority, ...]:
    """
    Tell which authorities are meant, from those at hand.

    Parameters
    ----------
    words : str
        GSS codes, names, or forces, ";" between several. A name is taken for an authority before a
        force; a force stands for its districts at hand. A code need not be at hand: layers may be given.

    Raises
    ------
    DataMissingError
        If a name is none of those at hand.
    """
    chosen: dict[str, Authority] = {}
    for word in filter(None, (part.strip() for part in words.split(";"))):
        for one in _meant(word):
            chosen[one.code] = one
    return tuple(chosen.values())


def _meant(word: str) -> tuple[Authority, ...]:
    known = known_authorities()
    if is_code(word):
        code = word.upper()
        return tuple(one for one in known if one.code == code) or (Authority(code, code),)
    lower = word.lower()
    named = [one for one in known if lower in (one.name.lower(), one.name.partition(",")[0].lower())]
    of_force = [one for one in known if lower in (one.force_name.lower(), one.force)]
    if not named and not of_force:
        hint = nearest(word, [name for one in known for name in (one.name, one.force_name) if name])
        raise DataMissingError(
            f"Nothing is at hand for {word!r}: run hotspots fetch place --area {quoted_word(word)} "
            f"--from YYYY-MM.{hint}"
        )
    return tuple(named or of_force)


def quoted_word(word: str) -> str:
    """Write a word as a shell takes it."""
    return f'"{word}"' if " " in word or "," in word else word
