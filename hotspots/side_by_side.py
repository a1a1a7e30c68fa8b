"""
Several authorities side by side, by `hotspots run --area "A, B"`: one process, which reads the files once.

Each is set against all rows of all files, held in memory together: for a force's districts. A country
is analysed from a lake instead, each authority as a task of its own on the files near it: `nationwide`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hotspots.analysis import Analysis, analyse
from hotspots.at_hand import usual_inputs
from hotspots.authorities import known_authority
from hotspots.errors import InputError
from hotspots.loading import Progress, check_names, load_layers, read_inputs
from hotspots.outputs.side_by_side import check_folders, write_index
from hotspots.pages.ward_pages import slug
from hotspots.reading.incidents import Watch
from hotspots.release.release import Release
from hotspots.settings import Settings


@dataclass(frozen=True)
class SideBySide:
    """
    What a run over several authorities made.

    Attributes
    ----------
    records : mapping of str to dict
        The record of each by its folder.
    releases : mapping of str to Release
    failed : mapping of str to str
        Name and reason of each that has no incident.
    warnings : tuple of str
        Each with the name of the authority.
    """

    records: Mapping[str, Mapping[str, Any]]
    releases: Mapping[str, Release]
    failed: Mapping[str, str]
    warnings: tuple[str, ...]


def run_side_by_side(
    chosen: Sequence[Settings], *, progress: Progress, watch: Watch = iter, write: bool = True
) -> SideBySide:
    """
    Analyse each authority and publish it into a folder of its name below `out`, with an index beside them.

    Parameters
    ----------
    chosen : sequence of Settings
        Alike but for `area`.
    progress, watch : callable
        As in `analyse_files`.
    write : bool
        Whether anything is written.

    Raises
    ------
    BoundaryError, DataMissingError
        If the layers of one are not at hand; nothing is written then.
    InputError
        If no incident lies in any of them.
    """
    folders = {one.area: slug(known_authority(one.area).name) for one in chosen}
    out = chosen[0].out
    if write:
        check_folders(out, list(folders.values()))
    for one in chosen:
        check_names(one)
        load_layers(one)
    inputs = chosen[0].inputs or tuple(
        dict.fromkeys(path for one in chosen for path in usual_inputs(one.area))
    )
    progress("Reading incidents")
    incidents = read_inputs(replace(chosen[0], inputs=inputs), watch=watch)
    records: dict[str, Mapping[str, Any]] = {}
    releases: dict[str, Release] = {}
    failed: dict[str, str] = {}
    warnings: list[str] = []
    for one in chosen:
        folder, name = folders[one.area], known_authority(one.area).name
        progress(name)
        try:
            analysis: Analysis = analyse(incidents, settings=replace(one, inputs=inputs, out=out / folder))
        except InputError as error:
            failed[name] = str(error)
            continue
        records[folder] = analysis.publish(out / folder) if write else analysis.record()
        releases[folder] = analysis.release()
        warnings += [f"{name}: {text}" for text in analysis.warnings]
    if not releases:
        raise InputError(next(iter(failed.values())))
    if write:
        write_index(out, releases, failed=failed)
    warnings += [f"{name}: {why}" for name, why in failed.items()]
    return SideBySide(records, releases, failed, tuple(warnings))
