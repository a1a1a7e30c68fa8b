"""Lines of a police.uk file, good unless told otherwise."""

from __future__ import annotations

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)


def row(n: int = 0, **changes: str) -> str:
    """Return a good police.uk line, with some fields changed (spaces of their names as _)."""
    fields = dict.fromkeys(HEADER.split(","), "")
    fields |= {
        "Crime ID": f"{n:064x}", "Month": "2024-01", "Reported by": "Derbyshire Constabulary",
        "Falls within": "Derbyshire Constabulary",
        "Longitude": f"{-1.47 - n / 10_000:.6f}", "Latitude": "52.922500",
        "Location": f"On or near Sample Street {n}", "LSOA code": "E01013453", "Crime type": "Drugs",
    }  # fmt: skip
    for name, value in changes.items():
        fields[name.replace("_", " ")] = value
    return ",".join(fields.values())
