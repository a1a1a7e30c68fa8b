"""The bounds of an audit before a folder appears, alone and beside earlier releases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hotspots.auditing._policy import ALL_INCIDENTS, CITY, InputError
from hotspots.auditing.bounds import bounds
from hotspots.auditing.figures import statements
from hotspots.auditing.published import Published
from hotspots.auditing.reading import read_published
from hotspots.auditing.solving import ContradictionError


@dataclass(frozen=True, order=True)
class Narrowed:
    """
    A withheld count that could be narrowed below policy.

    Attributes
    ----------
    theme, level, code : str
        Level "ward", "lsoa" or "city" of the new release; "" where only an earlier one lists it.
    words : str
        The cell and the interval, for a message.
    """

    theme: str
    level: str
    code: str
    words: str


@dataclass(frozen=True)
class Ledger:
    """
    Earlier releases, read once for a release that may have to be made several times.

    Attributes
    ----------
    releases : tuple of Published
        Those that withhold something: whoever has one for internal use has every count.
    """

    releases: tuple[Published, ...] = ()


NO_LEDGER: Final = Ledger()


def read_ledger(folders: Sequence[Path], *, area: str) -> Ledger:
    """
    Read earlier releases of the same incidents: other months, audiences or boundaries.

    Parameters
    ----------
    folders : sequence of Path
    area : str
        Code of the area of the new release.

    Raises
    ------
    InputError
        If a folder is no release, or of another area.
    """
    earlier = [read_published(Path(folder)) for folder in folders]
    for one in earlier:
        if one.city(ALL_INCIDENTS).code != area:
            raise InputError(f"{one.name} is a release of another area: name releases of the same one.")
    return Ledger(tuple(one for one in earlier if one.protects))


def narrowed(folder: Path, ledger: Ledger = NO_LEDGER) -> tuple[Narrowed, ...]:
    """
    Bound the withheld counts of a release that is about to appear.

    Parameters
    ----------
    folder : Path
        Where it is being made.
    ledger : Ledger
        Earlier releases, which a reader may hold as well.

    Returns
    -------
    tuple of Narrowed
        Counts below policy, whether the new release lists them or an earlier one; empty where all hold.

    Raises
    ------
    InputError
        If the folder is no release, or no counts fit it and the earlier ones.
    """
    new = read_published(Path(folder))
    if not new.protects:
        return ()
    # By itself too: what a reader supposes of one release may fit no counts beside another.
    groups = [[new], *([[new, *ledger.releases]] if ledger.releases else [])]
    found = {(one.theme, one.level, one.code): one for group in groups for one in _below(new, group)}
    return tuple(sorted(found.values()))


def _below(new: Published, together: list[Published]) -> Iterator[Narrowed]:
    try:
        found = bounds(together, said=[one for release in together for one in statements(release)[0]])
    except ContradictionError as error:
        names = " and ".join(one.name for one in together[1:]) or "this release"
        raise InputError(
            f"No counts fit this release and {names} together: name releases of the same incidents."
        ) from error
    levels = {new.vintage(level): level for level in ("ward", "lsoa")} | {CITY: CITY}
    listed = {(cell.theme, cell.level, cell.code) for cell in new.stated}
    for table in found.tables:
        for bound in table.below:
            cell = bound.cell
            yield Narrowed(
                cell.theme,
                levels[cell.level] if (cell.theme, cell.level, cell.code) in listed else "",
                cell.code,
                f"{cell.words()}: {bound.interval.low:,.0f} to {bound.interval.high:,.0f}",
            )
