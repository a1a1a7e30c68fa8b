"""
Search every byte of partner and public folders for what no reader may have.

Run it with `python -m benchmarks.search_bytes`; it needs the reference data beside the clone. A real
year is released with all that can be asked for (Word documents, further formats, circles), and every
file, members of archives too, is searched for Crime IDs, coordinates as text and as numbers of eight
bytes, streets with few incidents, exact totals, secret themes (public), names and digests of the files
that were read. Anything found ends in exit code 1.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hotspots.analysis import Analysis, analyse_files
from hotspots.settings import Settings
from hotspots.themes.themes import load_themes

DERBY = Path(__file__).resolve().parents[2] / "shared" / "derby"
AUDIENCES = ("partner", "public")
#: Incidents on a street below which its name is rare; names that the shipped map has are known to all.
RARE = 10
_ID = re.compile(rb"[0-9a-f]{64}")
_DECIMAL = re.compile(rb"-?\d{1,7}\.\d{4,}")
_NUMBER = re.compile(rb"(?<![\d.,#&_-])(\d{1,3}(?:,\d{3})+|\d{4,})(?![\d.,_-])")
_TEXTS = (".html", ".csv", ".json", "document.xml", "sharedStrings.xml")
_STREET = re.compile(r"\b[A-Z][\w'.-]*(?: [A-Z(][\w'.()-]*)+")


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file of a folder, and every member of its archives."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        yield name, data
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{name}/{member}", archive.read(member)) for member in archive.namelist())


def doubles(data: bytes) -> np.ndarray:
    """Give every eight bytes as a number."""
    sizes = [data[start : start + (len(data) - start) // 8 * 8] for start in range(8)]
    return np.concatenate([np.frombuffer(part, dtype="<f8") for part in sizes])


class Needles:
    """What must not be found."""

    def __init__(self, found: Analysis, sources: list[Path]) -> None:
        rows = found.incidents.frame
        self.ids = {str(one).encode() for one in rows["crime_id"].dropna() if str(one)}
        degrees = rows[["longitude", "latitude"]].to_numpy(float).ravel()
        metres = found.located[["easting", "northing"]].to_numpy(float).ravel()
        numbers = np.unique(np.concatenate([degrees, metres]))
        # A whole number of metres may be any corner of an outline, a degree near nought any share.
        self.numbers = numbers[np.isfinite(numbers) & (numbers % 1 != 0) & (np.abs(numbers) > 1)]
        self.written = {f"{value:.6f}".encode() for value in degrees} | {f"{v:.2f}".encode() for v in metres}
        streets = found.located["street"].value_counts()
        self.streets = {str(name) for name, n in streets.items() if n < RARE and len(str(name)) > 12}
        self.totals = {one.total for one in (*found.themes.values(), *found.types.values())}
        self.totals = {n for n in self.totals if n > 999 and n % 5}
        self.files = {one.name for one in sources} | {
            hashlib.sha256(one.read_bytes()).hexdigest() for one in sources
        }
        secret = [one for one in load_themes() if one.sensitivity == "secret"]
        self.secret = {text for one in secret for text in (one.slug, one.name)}

    def among(self, name: str, data: bytes, audience: str) -> dict[str, int]:
        """Count what is found in one file, by kind."""
        found = {"Crime IDs": len(self.ids & set(_ID.findall(data)))}
        found["coordinates as text"] = len(self.written & set(_DECIMAL.findall(data)))
        found["coordinates as numbers"] = int(np.isin(doubles(data), self.numbers).sum())
        text = data.decode("utf-8", errors="replace")
        found["rare streets"] = len(self.streets & set(_STREET.findall(text)))
        found["names and digests of inputs"] = sum(one in text for one in self.files)
        if audience == "public":
            found["secret themes"] = sum(one.lower() in text.lower() for one in self.secret)
        if name.endswith(_TEXTS):
            told = {int(n.replace(b",", b"")) for n in _NUMBER.findall(data)}
            found["exact totals"] = len(self.totals & told)
        return found


def main() -> int:
    if not DERBY.is_dir():
        print("Needs the reference data in ../shared.")
        return 0
    sources = sorted((DERBY / "police").rglob("2025-*"))
    files = {"inputs": (DERBY / "police",), "boundaries": DERBY / "boundaries"}
    formats = {"word": True, "also": ("geoparquet", "flatgeobuf")}
    more = {**formats, "scan": True, "draws": 20, "permutations": 99}
    found = analyse_files(Settings(**files, from_month="2025-01", to_month="2025-12", **more))
    needles, whole = Needles(found, sources), 0
    print(
        f"Sought: {len(needles.ids):,} Crime IDs, {len(needles.numbers):,} coordinates, "
        f"{len(needles.streets)} streets, {len(needles.totals)} totals, "
        f"{len(needles.files)} names and digests",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as scratch:
        for audience in AUDIENCES:
            out = Path(scratch) / audience
            found.publish(out, audience=audience)
            n_files = n_bytes = 0
            for name, data in contents(out):
                n_files, n_bytes = n_files + 1, n_bytes + len(data)
                for kind, n in needles.among(name, data, audience).items():
                    whole += n
                    if n:
                        print(f"{audience}, {name}: {n} {kind}", flush=True)
            print(f"{audience}: {n_files} files and members, {n_bytes:,} bytes searched", flush=True)
    print(f"{whole} found")
    return int(whole > 0)


if __name__ == "__main__":
    sys.exit(main())
