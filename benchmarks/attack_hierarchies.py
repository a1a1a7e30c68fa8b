"""
Attack releases of random hierarchies: alone, joined, and over time.

Run it with `python -m benchmarks.attack_hierarchies [HIERARCHIES]`. Each is a town of a few wards, LSOAs
and months with all incidents and a theme among them, drawn by hypothesis. It is released to partners and
to the public; then both together; then in chains, each step beside all that came before it as a run is by
`--previous`: months added, the audience widened, wards of another vintage. Everything is attacked by the
auditor, which knows nothing of how counts are withheld. A count below policy ends in exit code 1; a
release that a run would refuse to write is counted apart.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from hotspots.auditing.published import Published

# The makers of hierarchies are those of the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "towns"))
import withheld

HIERARCHIES = 200
AUDIENCES = ("partner", "public")
Hierarchy = Mapping[str, np.ndarray]


@dataclass
class Tally:
    """By attack: how often it was tried, how many counts were withheld, narrowed, and releases refused."""

    tried: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    below: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, releases: list[Published]) -> None:
        """Attack releases together."""
        self.tried[name] += 1
        self.withheld[name] += sum(len(one.withheld) for one in releases)
        found = withheld.below(*releases)
        self.below[name] += len(found)
        if found:
            print(f"{name}: {found[0].cell.words()} is {found[0].interval}", flush=True)

    def rows(self) -> Iterator[str]:
        """Write a row for each attack."""
        for name, n in self.tried.items():
            told = (n, self.withheld[name], self.below[name], self.refused[name])
            yield f"| {name} | {' | '.join(f'{number:,}' for number in told)} |"


def chains(months: int, other: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give chains of releases, as what differs between their steps."""
    for audience in AUDIENCES:
        if months > 1:
            steps = [{"audience": audience, "months": n} for n in range(1, months + 1)]
            yield f"months added, {audience}", steps
        yield f"other wards, {audience}", [{"audience": audience, **other}, {"audience": audience}]
    first, second = AUDIENCES
    yield "audience widened", [{"audience": first}, {"audience": second}]
    yield "audience narrowed", [{"audience": second}, {"audience": first}]
    if months > 1:
        both = [{"audience": one, "months": n} for n in (months - 1, months) for one in AUDIENCES]
        yield "months and audiences", both


def attack(counts: Hierarchy, per_ward: int, tally: Tally) -> None:
    """Release one hierarchy in every way."""
    both = []
    for audience in AUDIENCES:
        tally.add(f"{audience}, by the rule alone", [withheld.released(counts, per_ward, audience)])
        both += chained(f"{audience}, as a run does", [{"audience": audience}], counts, per_ward, tally)
    tally.add("both joined, unknown to each other", both)
    lsoas, months = counts["all"].shape
    # All LSOAs in wards of another size: in pairs of the old wards, or in one.
    wards = 2 * per_ward if lsoas % (2 * per_ward) == 0 else lsoas
    other = {"vintage": "ward_2003", "per_ward": wards, "wide": wards / per_ward}
    for name, steps in chains(months, other):
        chained(name, steps, counts, per_ward, tally)


def chained(
    name: str, steps: list[dict[str, Any]], counts: Hierarchy, per_ward: int, tally: Tally
) -> list[Published]:
    """Release step after step, each beside all before it; attack those that a run would write."""
    done: list[Published] = []
    for step in steps:
        try:
            found, _ = withheld.held(counts, **{"per_ward": per_ward, **step}, before=done)
        except AssertionError:
            tally.refused[name] += 1
        else:
            done.append(found)
    tally.add(name, done)
    return done


def attacked(hierarchies: int) -> Tally:
    """Attack so many hierarchies, the same ones each time."""
    tally = Tally()

    @settings(
        max_examples=hierarchies,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(withheld.hierarchies())
    def each(drawn: tuple[Hierarchy, int]) -> None:
        attack(*drawn, tally)
        done = tally.tried["both joined, unknown to each other"]
        if done % 20 == 0:
            print(f"{done} of {hierarchies}: {tally.below.total()} below policy", flush=True)

    run: Callable[[], None] = each
    run()
    return tally


def main(hierarchies: int) -> int:
    tally = attacked(hierarchies)
    print("| attack | tried | counts withheld | below policy | refused |\n|---|---|---|---|---|")
    print("\n".join(tally.rows()))
    print("NOT HELD" if tally.below.total() else "held")
    return int(tally.below.total() > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else HIERARCHIES))
