"""
Which authorities a word means: a GSS code, a name, or a force with all its districts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hotspots.authorities import Authority, is_code
from hotspots.errors import ParameterError
from hotspots.fetching import _portal
from hotspots.fetching.services import Services
from hotspots.fetching.web import Web
from hotspots.policeuk import force_slug

#: Columns of the look-up of authorities, community safety partnerships and forces; NN is the year.
_CODE, _NAME, _FORCE = "LAD{}CD", "LAD{}NM", "PFA{}NM"


def find_authorities(word: str, *, services: Services, web: Web) -> tuple[Authority, ...]:
    """
    Ask the portal which authorities are meant.

    Parameters
    ----------
    word : str
        "E06000016", "Leicester", "Bristol" (for "Bristol, City of"), or a force such as "Derbyshire",
        which stands for all its districts unless an authority has that very name.

    Returns
    -------
    tuple of Authority
        By code; one, or the districts of a force.

    Raises
    ------
    ParameterError
        If no authority or force of England or Wales has the name.
    NetworkError
        If the portal does not deliver.
    """
    wanted = word.strip()
    if not wanted:
        raise ParameterError("--area is empty: give a GSS code, the name of an authority, or a force.")
    year, rows = _portal.newest(
        "authorities",
        services.years("authorities"),
        lambda yy: _condition(wanted, yy),
        shapes=False,
        services=services,
        web=web,
    )
    if found := _meant(wanted, [_authority(row["attributes"], year[-2:]) for row in rows]):
        return found
    raise ParameterError(
        f"No authority or force of England and Wales is called {wanted!r}: give a GSS code such as "
        "E06000016, a name such as Leicester, or a force such as Derbyshire."
    )


def _condition(wanted: str, yy: str) -> str:
    if is_code(wanted):
        return f"{_CODE.format(yy)}={_portal.quoted(wanted.upper())}"
    plain = _portal.quoted(wanted.upper())
    before_comma = _portal.quoted(wanted.upper() + ", %")
    name, force = f"UPPER({_NAME.format(yy)})", f"UPPER({_FORCE.format(yy)})"
    return f"{name}={plain} OR {name} LIKE {before_comma} OR {force}={plain}"


def _authority(row: Mapping[str, Any], yy: str) -> Authority:
    force = str(row.get(_FORCE.format(yy)) or "")
    return Authority(
        code=str(row[_CODE.format(yy)]).strip(),
        name=str(row[_NAME.format(yy)]).strip(),
        force=force_slug(force),
        force_name=force,
    )


def _meant(wanted: str, found: list[Authority]) -> tuple[Authority, ...]:
    """Prefer an authority of that name over a force's districts."""
    known = {one.code: one for one in found}
    if is_code(wanted):
        return tuple(one for one in known.values() if one.code == wanted.upper())
    lower = wanted.lower()
    named = [one for one in known.values() if re.sub(r", .*", "", one.name).lower() == lower]
    named = named or [one for one in known.values() if one.name.lower() == lower]
    chosen = named[:1] or [one for one in known.values() if one.force_name.lower() == lower]
    return tuple(sorted(chosen, key=lambda one: one.code))
