"""
A server on this machine that answers as the publishers do, for places that a test makes up.

The shapes of its answers follow the publishers' documentation and public programs that use them: pages of
an ArcGIS feature service (`exceededTransferLimit`, errors inside a 200), Nomis' CSV, data.police.uk's API
(503 for too many incidents) and its archive behind a redirect that takes ranges, file 7 of the Indices.
It is no proof that the publishers answer like this today: nothing here reaches them.
"""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import shapely

#: Headings of file 7 that are read, and one more, as the file has them.
INDICES = (
    "LSOA code (2021)",
    "Local Authority District name (2024)",
    "Index of Multiple Deprivation (IMD) Score",
    "Income Score (rate)",
    "Employment Score (rate)",
    "Education, Skills and Training Score",
    "Health Deprivation and Disability Score",
    "Barriers to Housing and Services Score",
    "Living Environment Score",
    "Total population: mid 2022",
)


@dataclass
class District:
    """An authority with its wards and LSOAs: code, name and shape of each; LSOAs with their ward."""

    code: str
    name: str
    force: str
    wards: list[tuple[str, str, shapely.Geometry]]
    lsoas: list[tuple[str, str, shapely.Geometry, str]]


def square_district(
    code: str,
    name: str,
    *,
    x: int,
    y: int = 340_000,
    side: int = 1000,
    force: str = "Testshire",
    first: int = 1,
) -> District:
    """Make two square wards side by side, each with two LSOAs, whose names are another place's."""
    nation = code[0]
    wards = [
        (f"{nation}050{first:05d}", "West", shapely.box(x, y, x + side, y + side)),
        (f"{nation}050{first + 1:05d}", "East", shapely.box(x + side, y, x + 2 * side, y + side)),
    ]
    half = side // 2
    lsoas = [
        (
            f"{nation}010{first + i:05d}",
            f"Old District 00{i + 1}A",
            shapely.box(x + half * i, y, x + half * (i + 1), y + side),
            wards[i // 2][0],
        )
        for i in range(4)
    ]
    return District(code, name, force, wards, lsoas)


@dataclass
class Publishers:
    """
    What the server knows, and what it was asked.

    `figures` are residents by code of the census (households are 40 % of them), `estimates` those that only
    the yearly estimates know. `gone` services answer that their address is wrong; `troubles` come first.
    """

    districts: list[District]
    figures: dict[str, int] = field(default_factory=dict)
    estimates: dict[str, int] = field(default_factory=dict)
    crimes: list[dict[str, Any]] = field(default_factory=list)
    members: dict[str, bytes] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    troubles: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    file: bytes = b""
    most_crimes: int = 10_000
    page: int = 3
    ranges: bool = True
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    url: str = ""

    def services(self, path: Path, *, more: str = "") -> Path:
        """Write the table of services that names this server."""
        rows = [
            ("portal", "", f"{self.url}/portal"),
            ("census", "", f"{self.url}/census"),
            ("police_api", "", f"{self.url}/api"),
            ("police_archive", "", f"{self.url}/archive"),
            ("postcodes", "", f"{self.url}/file"),
            ("ostn15", "", f"{self.url}/file"),
            ("deprivation", "2025", f"{self.url}/indices"),
        ]
        path.write_text(
            "\n".join(["what,year,service", *map(",".join, rows)]) + f"\n{more}", encoding="utf-8"
        )
        return path

    def answer(
        self, method: str, path: str, query: dict[str, str], part: str
    ) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((method, path, query, part))
        if self.troubles:
            return *self.troubles.pop(0), b"busy"
        kind, _, rest = path.strip("/").partition("/")
        if kind == "archive":
            return 302, {"Location": f"{self.url}/store/{rest}"}, b""
        if kind in ("store", "file"):
            return self._bytes(self._archive() if kind == "store" else self.file, part)
        return {"portal": self._portal, "census": self._census, "api": self._api}.get(kind, self._indices)(
            rest, query
        )

    def _bytes(self, content: bytes, part: str) -> tuple[int, dict[str, str], bytes]:
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", part)
        if not found or not self.ranges:
            return 200, {}, content
        first, last = int(found[1]), min(int(found[2]), len(content) - 1)
        said = {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
        return 206, said, content[first : last + 1]

    def _archive(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.members.items():
                archive.writestr(name, content)
        return out.getvalue()

    def _portal(self, rest: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        service = rest.split("/", maxsplit=1)[0]
        rows = [] if service in self.gone else self._rows(service)
        if not rows:
            return 200, {}, b'{"error": {"code": 400, "message": "Invalid URL", "details": []}}'
        test = _condition(query["where"])
        found = [(row, shape) for row, shape in rows if test(row)]
        start, shapes = int(query["resultOffset"]), query["returnGeometry"] == "true"
        page = found[start : start + self.page]
        features = [
            {"attributes": row, **({"geometry": {"rings": _rings(shape)}} if shapes and shape else {})}
            for row, shape in page
        ]
        head = {"exceededTransferLimit": True} if start + self.page < len(found) else {}
        return 200, {}, json.dumps({"features": features, **head}).encode()

    def _rows(self, service: str) -> list[tuple[dict[str, Any], shapely.Geometry | None]]:
        """Lay the districts out as a service does, by what its name says."""
        year = re.search(r"20(\d\d)_|LAD(\d\d)", service)
        yy = next(filter(None, year.groups())) if year else "21"
        found: list[tuple[dict[str, Any], shapely.Geometry | None]] = []
        for one in self.districts:
            lad = {f"LAD{yy}CD": one.code, f"LAD{yy}NM": one.name}
            if service.startswith("Wards_"):
                found += [({f"WD{yy}CD": c, f"WD{yy}NM": n, **lad}, s) for c, n, s in one.wards]
            elif "PFA" in service:
                found.append(({**lad, f"PFA{yy}CD": "E23000001", f"PFA{yy}NM": one.force}, None))
            elif service.startswith("LSOA21_WD"):
                found += [({"LSOA21CD": c, f"WD{yy}CD": w, **lad}, None) for c, _, _, w in one.lsoas]
            elif service.startswith("LSOA11_LSOA21"):
                found += [({"LSOA11CD": c, "LSOA21CD": c, **lad}, None) for c, *_ in one.lsoas]
            elif service.startswith("Lower_layer"):
                found += [({"LSOA21CD": c, "LSOA21NM": n}, s) for c, n, s, _ in one.lsoas]
            elif service.startswith("LSOA_Dec_2011"):
                found += [({"LSOA11CD": c, "LSOA11NM": n}, s) for c, n, s, _ in one.lsoas]
        return found

    def _census(self, rest: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        known = self.estimates if "NM_2014_1" in rest else self.figures
        share = 0.4 if "NM_2059_1" in rest else 1
        codes = [code for code in query["geography"].split(",") if code in known]
        lines = ['"GEOGRAPHY_CODE","OBS_VALUE"', *(f'"{code}",{int(known[code] * share)}' for code in codes)]
        return 200, {}, ("\n".join(lines) + "\n").encode() if codes else b""

    def _api(self, rest: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if rest.startswith("forces/"):
            return 200, {}, json.dumps({"id": rest[7:], "name": "Testshire Police"}).encode()
        if rest == "crime-categories":
            return 200, {}, b'[{"url": "drugs", "name": "Drugs"}, {"url": "robbery", "name": "Robbery"}]'
        corners = [tuple(map(float, pair.split(","))) for pair in query["poly"].split(":")]
        outline = shapely.Polygon(corners)
        inside = [
            crime
            for crime in self.crimes
            if outline.intersects(
                shapely.Point(float(crime["location"]["latitude"]), float(crime["location"]["longitude"]))
            )
        ]
        return (503, {}, b"") if len(inside) > self.most_crimes else (200, {}, json.dumps(inside).encode())

    def _indices(self, rest: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        lines = ["﻿" + ",".join(f'"{heading}"' for heading in INDICES)]
        for one in self.districts:
            # The Indices are England's: Wales has its own, which are not comparable.
            english = [code for code, *_ in one.lsoas if code.startswith("E")]
            for number, code in enumerate(english, start=1):
                scores = ",".join(str(number) for _ in range(7))
                lines.append(f'{code},"{one.name}",{scores},"1,{number}00"')
        return 200, {}, "\n".join(lines).encode("utf-8")


def _condition(where: str) -> Any:
    """Read the SQL that is sent: equality, IN, and LIKE with a last %, joined by OR."""
    tests = []
    for part in where.split(" OR "):
        found = re.fullmatch(r"(UPPER\()?(\w+)\)?\s*(=|LIKE|IN)\s*(.+)", part)
        upper, column, sign, value = found.groups()
        values = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", value)]
        tests.append((bool(upper), column, sign, values))

    def test(row: dict[str, Any]) -> bool:
        for upper, column, sign, values in tests:
            cell = row[column].upper() if upper else row[column]
            if cell in values or (sign == "LIKE" and cell.startswith(values[0].rstrip("%"))):
                return True
        return False

    return test


def _rings(shape: shapely.Geometry) -> list[Any]:
    """Write a shape as Esri does: outer rings clockwise, holes the other way."""
    return [
        [list(corner) for corner in ring.coords]
        for part in shapely.get_parts(shapely.orient_polygons(shape, exterior_cw=True))
        for ring in (part.exterior, *part.interiors)
    ]


@contextmanager
def serving(told: Publishers) -> Iterator[Publishers]:
    """Run the server; `.url` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def _reply(self, text: str) -> None:
            query = {key: values[0] for key, values in parse_qs(text).items()}
            part = self.headers.get("Range", "")
            status, headers, body = told.answer(self.command, urlsplit(self.path).path, query, part)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._reply(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
