"""
The country: every authority analysed by itself, a folder each, and what can be said of all together.

Authorities share nothing but the lake, so that each is a task of its own. A task reads the sources that
hold a row in the authority's box, whole, as `hotspots run` reads files: copies of an incident lie at one
place, so what is counted is what all files together would give. A few authorities of files that one
process can hold need no lake: `side_by_side`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from hotspots.analysis import analyse
from hotspots.errors import (
    AuditError,
    BoundaryError,
    HotspotsError,
    InputError,
    LakeError,
    OutputError,
    UsageError,
)
from hotspots.geography.authorities import Authority, split_layers
from hotspots.geography.forces import choose_authorities
from hotspots.geography.projection import choose_projection, to_degrees
from hotspots.outputs.folder import MANIFEST, NEW, held, recover_all, take_away
from hotspots.outputs.national import RECORD as RECORD_OF_ALL
from hotspots.outputs.national import publish_national
from hotspots.outputs.publish import os_errors
from hotspots.reading.incidents import force_names
from hotspots.scale.again import read_lake
from hotspots.scale.engines import Engine, SerialEngine
from hotspots.scale.lake import RECORD, open_lake
from hotspots.scale.parts import Near
from hotspots.settings import Settings

#: Metres around an authority in which sources are sought.
MARGIN: Final = 2_000.0
#: What an interrupted command has done.
JOURNAL: Final = ".national.jsonl"
AREAS: Final = "areas"
_KEPT: Final = "what was done stays: give the same command with --resume"
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class _Job:
    """One authority to analyse, with all that a worker needs to know."""

    settings: Settings
    near: Near
    key: str


def national(
    lake: Path,
    *,
    boundaries: Path,
    settings: Settings,
    areas: str = "all",
    engine: Engine | None = None,
    resume: bool = False,
    tell: Tell = lambda _done, _all: None,
) -> dict[str, Any]:
    """
    Analyse the authorities of a country.

    Parameters
    ----------
    lake : Path
        From `archive`.
    boundaries : Path
        Layers of wards, with the authority of each, and of LSOAs.
    settings : Settings
        For all of them; `out` gets a folder an authority, an index and tables.
    areas : str
        "all", or GSS codes, names or forces; see `choose_authorities`.
    engine : Engine, optional
        Who does the work; this process by default.
    resume : bool
        Keep the folders that an interrupted command made of the same lake, layers and settings.
    tell : callable
        Is told how many authorities of how many are done.

    Returns
    -------
    dict
        The record of the country, as written to national.json.

    Raises
    ------
    HotspotsError
        What `hotspots run` would refuse of lake, layers or settings. An authority without rows or
        layers of its own is named in the record, and stops no other.
    """
    if settings.dedupe_source:
        raise UsageError("--dedupe-source judges whole files: use it with `hotspots run`.")
    rows, out = open_lake(lake).rows, settings.out
    _check_ours(out)
    with os_errors(out, left=_KEPT):
        out.mkdir(parents=True, exist_ok=True)
        with held(out) as workshop:
            found = split_layers(boundaries, workshop / NEW, projection=choose_projection(settings.ostn15))
            chosen = choose_authorities(found, areas, folder=boundaries)
            made_from = _digest(lake, boundaries, settings)
            jobs = [_job(one, lake, settings, made_from) for one in chosen]
            _check_left(out, {one.code for one in chosen})
            done = _do(out, jobs, engine or SerialEngine(), resume=resume, tell=tell)
            return _publish(out, chosen, done, settings, rows=rows)


def _do(
    out: Path, jobs: Sequence[_Job], engine: Engine, *, resume: bool, tell: Tell
) -> dict[str, dict[str, Any]]:
    """Do what is not done yet, and write down what is."""
    for name in (RECORD_OF_ALL, "index.html"):  # until it is whole again, it is none
        (out / name).unlink(missing_ok=True)
    done = _done_before(out, {job.settings.area: job.key for job in jobs}) if resume else {}
    left = [job for job in jobs if job.settings.area not in done]
    tell(len(done), len(jobs))
    with (out / JOURNAL).open("a" if resume else "w", encoding="utf-8") as journal:
        for _, result in engine.map(analyse_authority, left):
            done[result["code"]] = result
            journal.write(json.dumps(result) + "\n")
            journal.flush()
            tell(len(done), len(jobs))
    return done


def _publish(
    out: Path,
    chosen: Sequence[Authority],
    done: Mapping[str, Mapping[str, Any]],
    settings: Settings,
    *,
    rows: int,
) -> dict[str, Any]:
    """Write what is said of all; of an authority that was refused no earlier folder stays."""
    for one in chosen:
        if "refused" in done[one.code]:
            take_away(out / AREAS / one.code)
    record = publish_national(
        out,
        [done[one.code] for one in chosen],
        {one.code: (one.name, one.outline) for one in chosen},
        audience=settings.audience,
        marking=settings.marking,
        rows=rows,
    )
    (out / JOURNAL).unlink(missing_ok=True)
    return record


def _check_ours(out: Path) -> None:
    """Refuse a folder that holds something else."""
    if (
        out.is_dir()
        and any(out.iterdir())
        and not any((out / one).exists() for one in (RECORD_OF_ALL, JOURNAL))
    ):
        raise OutputError(f"The folder {out.name} holds other things than a national run: name another.")


def _check_left(out: Path, chosen: set[str]) -> None:
    """Refuse to leave folders of another run, perhaps for another audience, beside those that are made."""
    recover_all(out / AREAS)
    there = {path.name for path in (out / AREAS).glob("*")} if (out / AREAS).is_dir() else set()
    if beyond := sorted(there - chosen):
        raise OutputError(
            f"{out.name}/{AREAS} holds {beyond[0]} of an earlier run, which --areas does not name: "
            "name another --out."
        )


def _job(one: Authority, lake: Path, settings: Settings, made_from: str) -> _Job:
    return _Job(
        replace(
            settings,
            inputs=(lake,),
            area=one.code,
            boundaries=one.folder,
            out=settings.out / AREAS / one.code,
        ),
        near_box(one.outline.bounds),
        hashlib.sha256(f"{made_from} {one.code}".encode()).hexdigest(),
    )


def near_box(bounds: tuple[float, float, float, float]) -> Near:
    """Give the box of an authority in metres and in degrees, with a margin."""
    west, south, east, north = bounds
    metres = (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
    x, y = to_degrees(
        [metres[0], metres[0], metres[2], metres[2]], [metres[1], metres[3], metres[1], metres[3]]
    )
    return Near((float(x.min()), float(y.min()), float(x.max()), float(y.max())), metres)


def _digest(lake: Path, boundaries: Path, settings: Settings) -> str:
    """Give a digest of all that decides what a folder holds."""
    digest = hashlib.sha256((lake / RECORD).read_bytes())
    layers = sorted(boundaries.iterdir()) if boundaries.is_dir() else [boundaries]
    for path in layers:
        if path.is_file():
            digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    plain = {one.name: repr(getattr(settings, one.name)) for one in fields(settings) if one.name != "out"}
    digest.update(json.dumps([plain, _code()], sort_keys=True).encode())
    return digest.hexdigest()


@cache
def _code() -> str:
    digest = hashlib.sha256()
    package = Path(str(resources.files("hotspots")))
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _done_before(out: Path, keys: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Give the authorities whose folder stands as the journal says."""
    found: dict[str, dict[str, Any]] = {}
    try:
        for line in (out / JOURNAL).read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            if keys.get(one["code"]) == one["key"] and _stands(out, one):
                found[one["code"]] = one
    except (OSError, ValueError, KeyError):  # a line that was cut short ends what is known
        return found
    return found


def _stands(out: Path, one: dict[str, Any]) -> bool:
    path = out / AREAS / one["code"] / MANIFEST
    if "refused" in one:
        return True
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == one["manifest"]


def analyse_authority(job: _Job) -> dict[str, Any]:
    """
    Analyse one authority and publish its folder; a task of an engine.

    Returns
    -------
    dict
        code, key and, where it was published, the digest of its run.json; else why it was refused.
    """
    settings = job.settings
    told = {"code": settings.area, "key": job.key}
    lake = open_lake(settings.inputs[0]).near(job.near)
    if not lake.entries:
        return {**told, "refused": "no file of the lake holds a row near it"}
    try:
        incidents = read_lake(
            lake,
            from_month=settings.from_month,
            to_month=settings.to_month,
            forces=force_names(settings.force),
        )
        analyse(incidents, settings=settings).publish(settings.out)
    except (InputError, BoundaryError, AuditError) as error:
        if not _of_this_place(error):
            raise
        return {**told, "refused": str(error)}
    manifest = (settings.out / MANIFEST).read_bytes()
    return {**told, "manifest": hashlib.sha256(manifest).hexdigest()}


def _of_this_place(error: HotspotsError) -> bool:
    """Say whether an error is of one authority, and not of the lake."""
    return not isinstance(error, LakeError)
