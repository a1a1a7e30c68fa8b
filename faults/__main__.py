"""`python -m faults` runs the faults of a machine; `fuzz` reads damaged files, `nation` makes a country."""

from __future__ import annotations

import argparse
import sys


def main(words: list[str]) -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("what", nargs="*", help="fuzz, nation, or faults such as F01 F31 [all faults]")
    parser.add_argument("--seconds", type=float, default=75, help="wall time of fuzz [75]")
    parser.add_argument("--seed", type=int, default=1, help="of every random choice [1]")
    parser.add_argument("--only", type=int, help="run this case of fuzz alone")
    parser.add_argument("--cases", type=int, help="stop fuzz after so many cases")
    parser.add_argument("--kills", type=int, default=12, help="how often F01 kills a run [12]")
    parser.add_argument("--towns", type=int, default=30, help="authorities of nation [30]")
    given = parser.parse_args(words)
    if given.what == ["fuzz"]:
        from faults.fuzz import run_fuzz

        return run_fuzz(seconds=given.seconds, seed=given.seed, only=given.only, cases=given.cases) > 0
    if given.what == ["nation"]:
        from faults.nation import main as nation

        return nation(given.towns) > 0
    from faults.table import run_faults

    return run_faults(given.what, kills=given.kills, seed=given.seed) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
