"""Run every benchmark; with names, only these: `python -m benchmarks run density`."""

from __future__ import annotations

import importlib
import sys

NAMES = ("run", "reading", "geocode", "density", "clusters", "statistics", "page")


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise SystemExit(f"There is no benchmark {', '.join(unknown)}: choose among {', '.join(NAMES)}.")
    for name in names or NAMES:
        importlib.import_module(f"benchmarks.bench_{name}").main()
        print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
