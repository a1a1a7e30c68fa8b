"""What the two runs were told, and chose themselves."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from hotspots.comparing.published import Published

#: Columns of the comparison of parameters.
PARAMETER_COLUMNS: Final = ("parameter", "before", "after", "matters_for")
#: Written in the record, but said as the period.
_SAID_ELSEWHERE: Final = ("from_month", "to_month")


def compare_parameters(before: Published, after: Published) -> pd.DataFrame:
    """
    List the parameters that differ, and what they bear on.

    Parameters
    ----------
    before, after : Published

    Returns
    -------
    DataFrame
        PARAMETER_COLUMNS, sorted; values as text, "" for one that a side does not have.
    """
    one, other = _flat(before.record), _flat(after.record)
    rows = [
        (name, _text(one.get(name)), _text(other.get(name)), _bears_on(name))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    ]
    return pd.DataFrame(rows, columns=list(PARAMETER_COLUMNS))


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    found = {
        name: value
        for name, value in record["parameters"].items()
        if name not in _SAID_ELSEWHERE and value not in ("", None, [], {})
    }
    found |= {"version": record.get("version"), "synthetic": record.get("synthetic")}
    found |= {
        f"boundaries {name}": record.get("boundaries", {}).get(name) for name in ("wards", "lsoas", "derived")
    }
    for theme in record["themes"]:
        slug = theme["slug"]
        bandwidth, clusters = theme.get("bandwidth") or {}, theme.get("cluster_parameters") or {}
        if "metres" in bandwidth:
            found[f"{slug} bandwidth"] = round(float(bandwidth["metres"]))
        found |= {f"{slug} {name}": clusters[name] for name in ("eps", "min_samples") if name in clusters}
    return found


def _bears_on(name: str) -> str:
    last = name.rsplit(" ", 1)[-1]
    if last in ("eps", "min_samples", "draws"):
        return "hot spots"
    if last == "bandwidth":
        return "density"
    if last in ("weights", "harm", "top"):
        return "ranks"
    if last in ("permutations", "seed"):
        return "certainty"
    if last in ("marking", "tiles", "version"):
        return ""
    return "everything"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
