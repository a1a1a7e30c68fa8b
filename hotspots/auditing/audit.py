"""Attack releases from outside, and say what held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Protocol

from hotspots.auditing._policy import ParameterError
from hotspots.auditing.all_but_one import AllButOne
from hotspots.auditing.beside import beside_withheld
from hotspots.auditing.bounds import Bounds, TableBounds, bounds
from hotspots.auditing.cells import Cell, Leak
from hotspots.auditing.changes import change_leaks
from hotspots.auditing.combined import combined_leaks
from hotspots.auditing.country import country_leaks, folders_of, is_country
from hotspots.auditing.figures import Statement, statements, unrounded
from hotspots.auditing.outlines import outline_leaks
from hotspots.auditing.published import Published
from hotspots.auditing.ranks import rank_leaks
from hotspots.auditing.reading import read_published
from hotspots.auditing.record import record_leaks
from hotspots.auditing.replay import RankFunction, Replayed, replay_all
from hotspots.auditing.shapes import shape_leaks
from hotspots.auditing.solving import ContradictionError
from hotspots.auditing.texts import text_leaks, unread_leaks
from hotspots.auditing.unseen import order_leaks, package_leaks

#: Runs the open program on tables that fit a release; see `hotspots.attacking`.
Program = Callable[[Published, Bounds | None], Iterator[Replayed]]
#: Makes a folder again from its tables; see `hotspots.rebuilding`.
Rebuild = Callable[[Published], "Made"]
#: Leaks of one kind that are printed; all of them are in `as_dict`.
_PRINTED: Final = 4
_SEARCHES: Final = (
    beside_withheld,
    unrounded,
    change_leaks,
    combined_leaks,
    rank_leaks,
    shape_leaks,
    outline_leaks,
    record_leaks,
    text_leaks,
    order_leaks,
    package_leaks,
    unread_leaks,
)


class Made(Protocol):
    """What came of making a folder again."""

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """Files that come out otherwise."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of it."""


@dataclass(frozen=True)
class Attack:
    """
    The arithmetic of one release, or of several that a reader lays side by side.

    Attributes
    ----------
    folders : tuple of str
    bounds : Bounds or None
        None where no table of counts fits what is published.
    """

    folders: tuple[str, ...]
    bounds: Bounds | None


@dataclass(frozen=True)
class AuditReport:
    """
    What an audit found.

    Attributes
    ----------
    attacks : tuple of Attack
        Each release alone, then all of them together.
    leaks : tuple of Leak
    replays : tuple of Replayed
        With `deep`: what running the open program on guesses gave.
    notes : tuple of str
        What was not tried, and why.
    hidden : mapping of str to AllButOne
        By audience: what shapes leave one who knows all incidents but one.
    """

    attacks: tuple[Attack, ...]
    leaks: tuple[Leak, ...] = ()
    replays: tuple[Replayed, ...] = ()
    notes: tuple[str, ...] = field(default=())
    hidden: Mapping[str, AllButOne] = field(default_factory=dict)

    @property
    def below(self) -> tuple[tuple[str, Cell, float, float], ...]:
        """Counts narrowed beyond the policy: which releases, cell, least, greatest."""
        return tuple(
            (" + ".join(attack.folders), bound.cell, bound.interval.low, bound.interval.high)
            for attack in self.attacks
            for table in (attack.bounds.tables if attack.bounds else ())
            for bound in table.below
        )

    @property
    def ok(self) -> bool:
        """Whether every attack that was tried left what the audience was promised."""
        fits = all(attack.bounds is not None for attack in self.attacks)
        given_back = self.below or self.leaks or self._seen or any(one.narrows for one in self.replays)
        return fits and not given_back

    @property
    def _seen(self) -> bool:
        """Whether shapes find the last incident for one who knows the others."""
        return any(not one.ok for one in self.hidden.values())

    def text(self) -> str:
        """Write the report for a terminal: the narrowest interval by table, then each kind of leak."""
        lines = [line for attack in self.attacks for line in _attack_lines(attack)]
        for kind, group in groupby(sorted(self.leaks), key=lambda leak: leak.kind):
            lines += _leak_lines(kind, list(group))
        lines += [one.text() for one in self.replays]
        lines += [f"{audience}: {one.text()}" for audience, one in self.hidden.items()]
        lines += [f"Note: {note}" for note in self.notes]
        held = "Held: nothing was narrower than policy." if self.ok else self._verdict()
        return "\n".join([*lines, held])

    def _verdict(self) -> str:
        misfits = sum(attack.bounds is None for attack in self.attacks)
        replayed = sum(one.narrows for one in self.replays)
        parts = [
            f"{len(self.below)} withheld counts narrower than policy",
            f"{len(self.leaks)} leaks",
            *([f"{misfits} contradictions"] if misfits else []),
            *([f"{replayed} rankings replayed"] if replayed else []),
            *(["shapes that find the last incident"] if self._seen else []),
        ]
        return f"Not held: {', '.join(parts)}."

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain values for JSON."""
        return {
            "ok": self.ok,
            "attacks": [_attack_dict(attack) for attack in self.attacks],
            "leaks": [vars(leak) for leak in sorted(self.leaks)],
            "replays": [one.as_dict() for one in self.replays],
            "all_but_one": {name: [one.fewest, one.least] for name, one in self.hidden.items()},
            "notes": list(self.notes),
        }


def audit_folders(
    paths: Sequence[Path],
    *,
    deep: bool = False,
    rank_function: RankFunction | None = None,
    program: Program | None = None,
    rebuild: Rebuild | None = None,
    tries: int = 20_000,
) -> AuditReport:
    """
    Attack published folders with nothing but what they publish.

    Each release alone first; several are taken for releases of the same
    incidents (other months, audiences, boundaries) that one reader holds, and
    attacked together as well. Releases for internal use withhold nothing and are
    left out.

    Parameters
    ----------
    paths : sequence of Path
        What `hotspots run` wrote; what `hotspots national` wrote stands for the folders of its authorities.
    deep : bool, default False
        Measure every interval to its ends, guess that every withheld count is
        small, and replay the ranking.
    rank_function : callable, optional
        The open program's ranking, as `replay` takes it; without it no replay.
    program : callable, optional
        The open program as a whole: gives what putting tables that fit a release through it gave.
    rebuild : callable, optional
        Makes a folder again from its released tables, and gives the leaks and notes of what came out
        otherwise; of a country only with `deep`.
    tries : int, default 20,000
        Guesses of the replay for each ranking.

    Returns
    -------
    AuditReport

    Raises
    ------
    InputError
        If a folder is no release, or a file in it cannot be read.
    ParameterError
        If no folder is given.
    """
    if not paths:
        raise ParameterError("No folder is given to audit: name at least one that `hotspots run` wrote.")
    within = {Path(path): [read_published(one) for one in folders_of(Path(path))] for path in paths}
    releases = [one for held in within.values() for one in held]
    notes = [_left_out(one) for one in releases if not one.protects]
    guarded = [one for one in releases if one.protects]
    said = {one.name: statements(one) for one in guarded}
    leaks = [leak for one in guarded for leak in _leaks(one, said[one.name][1])]
    for path, held in within.items():
        if is_country(path) and all(one.protects for one in held):
            leaks += country_leaks(path, held)
    if rebuild is not None:
        later = [path for path in within if is_country(path) and not deep]
        notes += [f"{path}: its folders were not made again; --deep does that." for path in later]
        asked = [one for path, held in within.items() if path not in later for one in held if one.protects]
        for made in map(rebuild, asked):
            leaks += made.leaks
            notes += made.notes
    groups = [[one] for one in guarded] + ([guarded] if len(guarded) > 1 else [])
    attacks = [_attack(group, said, deep=deep) for group in groups]
    replays: list[Replayed] = []
    if deep:
        notes += [note for group in groups for note in _guess(group, said)]
        for one, attack in zip(guarded, attacks, strict=False):
            replays += replay_all(one, attack.bounds, rank_function, tries=tries)
            replays += program(one, attack.bounds) if program is not None else ()
    if deep and rank_function is None and program is None:
        notes.append("The ranking was not replayed: no ranking function was given.")
    return AuditReport(tuple(attacks), tuple(sorted(set(leaks))), tuple(replays), tuple(notes))


def _leaks(one: Published, finer: Sequence[Leak]) -> Iterator[Leak]:
    yield from finer
    searches: Sequence[Callable[[Published], Iterator[Leak]]] = _SEARCHES
    for search in searches:
        yield from search(one)


def _attack(
    group: Sequence[Published], said: dict[str, tuple[list[Statement], list[Leak]]], *, deep: bool
) -> Attack:
    names = tuple(one.name for one in group)
    try:
        found = bounds(group, said=[one for name in names for one in said[name][0]], exact=deep)
    except ContradictionError:
        return Attack(names, None)
    return Attack(names, found)


def _guess(group: Sequence[Published], said: dict[str, tuple[list[Statement], list[Leak]]]) -> Iterator[str]:
    """Say what a reader gains who takes every withheld count for a small one."""
    names = " + ".join(one.name for one in group)
    least = min(one.policy.minimum for one in group)
    known = [one for release in group for one in said[release.name][0]]
    guesses = [Statement(cell, 0.0, least - 1.0, "a guess") for one in group for cell in one.withheld]
    try:
        found = bounds(group, said=[*known, *guesses])
    except ContradictionError:
        yield f"{names}: not every withheld count can be small, so a reader cannot take them to be."
        return
    narrowed = sum(len(table.below) for table in found.tables)
    whole = sum(len(table.bounds) for table in found.tables)
    yield f"{names}: guessing that every withheld count is small narrows {narrowed} of {whole}."


def _left_out(one: Published) -> str:
    reason = "is for internal use" if one.policy.exact else "is of data that are public already"
    return f"{one.name} {reason} and withholds nothing, so there is nothing to attack."


def _attack_lines(attack: Attack) -> list[str]:
    head = " + ".join(attack.folders)
    if attack.bounds is None:
        return [f"{head}: no counts fit what is published, so nothing can be said of it."]
    lines = [f"{head}: narrowest interval of a withheld count, by table"]
    lines += [f"  {_table_words(table)}" for table in attack.bounds.tables] or ["  nothing is withheld"]
    if attack.bounds.differences:
        lines.append("  Differences that no table lists; rounding alone guards them:")
        lines += [f"    {_table_words(table)}" for table in attack.bounds.differences]
    lines += [f"  Given up, because it fits no counts: {kind}." for kind in attack.bounds.given_up]
    return lines


def _table_words(table: TableBounds) -> str:
    one = table.narrowest
    open_end = "" if one.interval.exact else " or wider"
    certain = sum(bound.certain for bound in table.below)
    verdict = f"; {len(table.below)} BELOW POLICY, {certain} of them surely small" if table.below else ""
    high = "any" if one.interval.high == float("inf") else f"{one.interval.high:,.0f}"
    return (
        f"{table.table}: {one.interval.low:,.0f} to {high}{open_end} ({len(table.bounds)} withheld{verdict})"
    )


def _leak_lines(kind: str, found: list[Leak]) -> list[str]:
    lines = [f"LEAK, {kind}:"]
    lines += [f"  {leak.folder} {leak.where}: {leak.what}" for leak in found[:_PRINTED]]
    return [*lines, f"  and {len(found) - _PRINTED} more"] if len(found) > _PRINTED else lines


def _attack_dict(attack: Attack) -> dict[str, Any]:
    known = attack.bounds
    return {
        "folders": list(attack.folders),
        "fits": known is not None,
        "given_up": list(known.given_up) if known else [],
        "tables": [_table_dict(table) for table in known.tables] if known else [],
        "differences": [_table_dict(table) for table in known.differences] if known else [],
    }


def _table_dict(table: TableBounds) -> dict[str, Any]:
    one = table.narrowest
    return {
        "table": table.table,
        "withheld": len(table.bounds),
        "narrowest": [one.interval.low, _finite(one.interval.high)],
        "measured": one.interval.exact,
        "below": [
            {
                "cell": bound.cell.words(),
                "low": bound.interval.low,
                "high": _finite(bound.interval.high),
                "certain": bound.certain,
            }
            for bound in table.below
        ],
    }


def _finite(value: float) -> float | None:
    return None if value == float("inf") else value
