"""Where the files that ship with the project are, however it was installed."""

from __future__ import annotations

import os
from pathlib import Path

from hotspots.errors import DataMissingError

_PACKAGE = Path(__file__).resolve().parent


def shipped(kind: str, *parts: str) -> Path:
    """
    Find a shipped file or folder.

    A wheel carries boundaries/ and data/ inside the package, under `share`; a
    clone (and an editable install) has them beside the package. The page's
    scripts and templates are part of its `pages` in both.

    Parameters
    ----------
    kind : {"boundaries", "data", "static", "templates"}
        The folder.
    *parts : str
        Names below it; none for the folder itself.

    Raises
    ------
    DataMissingError
        If the installation lacks the file.
    """
    inside = kind in ("static", "templates")
    roots = (_PACKAGE / "pages",) if inside else (_PACKAGE / "share", _PACKAGE.parent)
    for root in roots:
        path = root.joinpath(kind, *parts)
        if path.exists():
            return path
    name = "/".join((kind, *parts))
    raise DataMissingError(f"The shipped file {name} is missing: install the project again.")


def data_folder(kind: str) -> Path:
    """
    Return where fetched data of a kind go.

    Below the folder that the environment variable HOTSPOTS_DATA names, which a team may share; else
    boundaries/official in a clone, and a folder of the user's data.

    Parameters
    ----------
    kind : {"boundaries", "police", "postcodes"}
    """
    import platformdirs

    if named := os.environ.get("HOTSPOTS_DATA"):
        return Path(named) / kind
    if kind == "boundaries":
        clone = shipped("boundaries").parent
        if (clone / "setup.cfg").is_file():
            return clone / "boundaries" / "official"
    return platformdirs.user_data_path("derby-hotspots") / kind
