"""Fetching, against a server on this machine that plays the publishers."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import shapely
from paths import CLONE

from hotspots import policeuk, resources
from hotspots.errors import DataMissingError, NetworkError, ParameterError
from hotspots.fetching import publishers
from hotspots.fetching._web import Web
from hotspots.geography.load import load_areas

AREA = "E06000018"
WARDS = [("E05000001", "West", 457_000), ("E05000002", "East", 458_000)]
LSOAS = [(f"E0100000{i}", f"Nottingham 00{i}A", 457_000 + 500 * (i - 1)) for i in range(1, 5)]
CRIMES = [
    {
        "category": "drugs",
        "persistent_id": "b" * 64,
        "month": "2025-01",
        "location": {"latitude": "52.9", "longitude": "-1.4", "street": {"name": "On or near High Street"}},
        "outcome_status": {"category": "Under investigation", "date": "2025-01"},
        "context": "",
    },
    {
        "category": "anti-social-behaviour",
        "persistent_id": "",
        "month": "2025-01",
        "location": {
            "latitude": "52.9",
            "longitude": "-1.5",
            "street": {"name": 'On or near "The Spot", A6'},
        },
        "outcome_status": None,
        "context": "",
    },
]
CATEGORIES = [
    {"url": "drugs", "name": "Drugs"},
    {"url": "anti-social-behaviour", "name": "Anti-social behaviour"},
]


def esri(features: list[dict], *, more: bool = False) -> bytes:
    """Write features as the portal does."""
    head = {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 27700, "latestWkid": 27700},
        "fields": [{"name": name, "type": "esriFieldTypeString"} for name in features[0]["attributes"]]
        if features
        else [],
        "features": features,
    }
    return json.dumps({**head, **({"exceededTransferLimit": True} if more else {})}).encode()


def ring(x: int, width: int) -> dict:
    """Return a rectangle in Esri's JSON, clockwise."""
    x1, y0, y1 = x + width, 340_000, 341_000
    return {"rings": [[[x, y0], [x, y1], [x1, y1], [x1, y0], [x, y0]]]}


def wards(year: str) -> list[dict]:
    """Return the wards with the columns of a year."""
    fixed = {f"LAD{year}CD": AREA, f"LAD{year}NM": "Nottingham"}
    return [
        {"attributes": {f"WD{year}CD": code, f"WD{year}NM": name, **fixed}, "geometry": ring(x, 1000)}
        for code, name, x in WARDS
    ]


def lsoas(year: str) -> list[dict]:
    """Return the LSOAs with the columns of a year."""
    return [
        {"attributes": {f"LSOA{year}CD": code, f"LSOA{year}NM": name}, "geometry": ring(x, 500)}
        for code, name, x in LSOAS
    ]


class Publisher:
    """What the server answers, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.troubles: list[tuple[int, dict[str, str]]] = []
        self.body: bytes | None = None

    def answer(self, method: str, path: str, query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((method, path, query))
        if self.troubles:
            return *self.troubles.pop(0), b"busy"
        return 200, {}, self.body if self.body is not None else self._content(path, query)

    def _content(self, path: str, query: dict[str, str]) -> bytes:
        if "FeatureServer" in path:
            return self._features(path, query)
        if "data.csv" in path:
            codes = query["geography"].split(",")
            base = 1000 if "NM_2021_1" in path else 400
            lines = [f'"{code}",{base + int(code[-1])}' for code in codes]
            return "\n".join(['"GEOGRAPHY_CODE","OBS_VALUE"', *lines]).encode()
        replies = {"forces": {"name": "Derbyshire Constabulary"}, "crime-categories": CATEGORIES}
        last = next((reply for part, reply in replies.items() if part in path), CRIMES)
        return json.dumps(last).encode()

    def _features(self, path: str, query: dict[str, str]) -> bytes:
        year = query["where"].replace("LAD", "").replace("LSOA", "")[:2]
        found = wards(year) if "Wards" in path else lsoas(year)
        if AREA not in query["where"] and "'Nottingham %'" not in query["where"]:
            found = []
        # Two a page, so that paging happens.
        start = int(query["resultOffset"])
        return esri(found[start : start + 2], more=start + 2 < len(found))


@pytest.fixture
def publisher():
    """Run a server that answers as `Publisher` says; `.url` is its address."""
    told = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def _reply(self, text: str) -> None:
            path = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(text).items()}
            status, headers, body = told.answer(self.command, path.path, query)
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
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def web() -> Web:
    """Ask without long pauses."""
    return Web(attempts=3, pause=0.01, per_second=1000, timeout=(2, 2))


class TestBoundaries:
    """The ONS Open Geography Portal."""

    def test_layers_serve_load_areas(self, publisher, web, tmp_path):
        paths = publishers.fetch_boundaries(AREA, folder=tmp_path, service=publisher.url, web=web)
        assert [path.name for path in paths] == [
            "wards_2003_official.geojson",
            "wards_2023_official.geojson",
            "lsoas_2011_official.geojson",
            "lsoas_2021_official.geojson",
        ]
        areas = load_areas(folder=tmp_path, area=AREA)
        assert areas.area_name == "Nottingham"
        assert areas.wards["name"].tolist() == ["West", "East"]
        assert len(areas.lsoas) == 4
        assert areas.outline.equals(shapely.box(457_000, 340_000, 459_000, 341_000))
        assert "Source: Office for National Statistics" in " ".join(areas.sources)
        assert not areas.derived

    def test_figures_join_the_layers(self, publisher, web, tmp_path):
        publishers.fetch_boundaries(AREA, folder=tmp_path, service=publisher.url, web=web)
        publishers.fetch_population(folder=tmp_path, service=publisher.url, web=web)
        areas = load_areas(folder=tmp_path, area=AREA)
        assert areas.lsoas["residents"].tolist() == [1001, 1002, 1003, 1004]
        assert areas.lsoas["households"].tolist() == [401, 402, 403, 404]
        assert areas.wards["residents"].isna().all()

    def test_figures_need_layers(self, web, tmp_path):
        with pytest.raises(DataMissingError, match="run hotspots fetch boundaries"):
            publishers.fetch_population(folder=tmp_path, web=web)

    def test_only_the_vintages_asked_for(self, publisher, web, tmp_path):
        paths = publishers.fetch_boundaries(
            AREA, wards=(), lsoas=("2021",), folder=tmp_path, service=publisher.url, web=web
        )
        assert [path.name for path in paths] == ["lsoas_2021_official.geojson"]

    def test_unknown_area_is_said(self, publisher, web, tmp_path):
        with pytest.raises(NetworkError, match=r"has no wards of E06000099: check the GSS code"):
            publishers.fetch_boundaries("E06000099", folder=tmp_path, service=publisher.url, web=web)
        assert list(tmp_path.iterdir()) == []

    def test_error_inside_a_good_answer_is_seen(self, publisher, web, tmp_path):
        publisher.body = b'{"error": {"code": 400, "message": "Invalid URL"}}'
        with pytest.raises(
            NetworkError, match=r"answered with an error \(Invalid URL\): the publisher may have moved"
        ):
            publishers.fetch_boundaries(AREA, folder=tmp_path, service=publisher.url, web=web)

    def test_area_must_be_a_code(self, web):
        with pytest.raises(ParameterError, match="'Derby' is not a GSS code"):
            publishers.fetch_boundaries("Derby", web=web)


class TestPolice:
    """data.police.uk."""

    def test_file_has_the_published_columns(self, publisher, web, tmp_path):
        (path,) = publishers.fetch_police(
            ["2025-01"], outline=load_areas().outline, folder=tmp_path, service=publisher.url, web=web
        )
        assert path.name == "2025-01-derbyshire-street.csv"
        rows = pd.read_csv(path, keep_default_na=False)
        assert tuple(rows.columns) == policeuk.POLICE_COLUMNS
        assert rows["Crime type"].tolist() == ["Anti-social behaviour", "Drugs"]
        assert rows["Location"].tolist() == ['On or near "The Spot", A6', "On or near High Street"]
        assert rows["Last outcome category"].tolist() == ["", "Under investigation"]
        assert set(rows["Falls within"]) == {"Derbyshire Constabulary"}

    def test_outline_is_posted_with_room_and_few_corners(self, publisher, web, tmp_path):
        outline = load_areas().outline
        publishers.fetch_police(["2025-01"], outline=outline, folder=tmp_path, service=publisher.url, web=web)
        method, path, form = publisher.asked[-1]
        assert (method, path) == ("POST", "/crimes-street/all-crime")
        assert form["date"] == "2025-01"
        corners = [tuple(map(float, pair.split(","))) for pair in form["poly"].split(":")]
        assert len(corners) < 150
        latitudes, longitudes = zip(*corners, strict=True)
        assert 52.8 < min(latitudes) < max(latitudes) < 53.0
        assert -1.6 < min(longitudes) < max(longitudes) < -1.3

    @pytest.mark.parametrize("month", ["2025", "2025-13", "01-2025"])
    def test_month_must_be_a_month(self, month, web):
        with pytest.raises(ParameterError, match="is not written as YYYY-MM"):
            publishers.fetch_police([month], outline=shapely.box(0, 0, 1, 1), web=web)

    def test_too_many_incidents_are_explained(self, publisher, web, tmp_path):
        publisher.troubles = [(503, {})] * 3
        with pytest.raises(NetworkError, match=r"status 503.*smaller area"):
            publishers.fetch_police(
                ["2025-01"], outline=shapely.box(0, 0, 1, 1), folder=tmp_path, service=publisher.url, web=web
            )


class TestFiles:
    """Files that are taken as they are."""

    def test_postcodes(self, publisher, web, tmp_path):
        publisher.body = b"PK\x03\x04" + bytes(200_000)
        (path,) = publishers.fetch_postcodes(folder=tmp_path, service=publisher.url, web=web)
        assert path.read_bytes() == publisher.body
        assert [file.name for file in tmp_path.iterdir()] == ["codepo_gb.zip"]

    def test_ostn15(self, publisher, web, tmp_path):
        publisher.body = b"II*\x00" + bytes(1000)
        (path,) = publishers.fetch_ostn15(folder=tmp_path, service=publisher.url, web=web)
        assert path.name == "uk_os_OSTN15_NTv2_OSGBtoETRS.tif"

    @pytest.mark.parametrize(("body", "said"), [(b"<html>", "something else"), (b"", "an empty")])
    def test_wrong_content_leaves_the_old_file(self, publisher, web, tmp_path, body, said):
        (tmp_path / "codepo_gb.zip").write_bytes(b"old")
        publisher.body = body
        with pytest.raises(NetworkError, match=f"sent {said}"):
            publishers.fetch_postcodes(folder=tmp_path, service=publisher.url, web=web)
        assert (tmp_path / "codepo_gb.zip").read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1

    def test_broken_off_download_leaves_the_old_file(self, publisher, web, tmp_path, monkeypatch):
        (tmp_path / "codepo_gb.zip").write_bytes(b"old")
        publisher.answer = lambda *asked: (200, {"Content-Length": "5000"}, b"PK\x03\x04")
        with pytest.raises(NetworkError, match=r"broke off sending codepo_gb\.zip"):
            publishers.fetch_postcodes(folder=tmp_path, service=publisher.url, web=web)
        assert (tmp_path / "codepo_gb.zip").read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1


class TestPatience:
    """Busy and absent publishers."""

    def test_busy_publisher_is_asked_again(self, publisher, web, tmp_path):
        publisher.troubles = [(429, {"Retry-After": "0"}), (503, {})]
        publisher.body = b"PK\x03\x04"
        publishers.fetch_postcodes(folder=tmp_path, service=publisher.url, web=web)
        assert len(publisher.asked) == 3

    def test_what_is_gone_is_asked_for_once(self, publisher, web, tmp_path):
        publisher.troubles = [(404, {})]
        with pytest.raises(NetworkError, match=r"status 404.*may have moved"):
            publishers.fetch_postcodes(folder=tmp_path, service=publisher.url, web=web)
        assert len(publisher.asked) == 1

    def test_absent_publisher(self, publisher, web, tmp_path):
        publisher.answer = None
        nobody = "http://127.0.0.1:9"
        with pytest.raises(NetworkError, match=r"ConnectionError\): check the connection.*no file") as caught:
            publishers.fetch_postcodes(folder=tmp_path, service=nobody, web=web)
        assert caught.value.exit_code == 5

    def test_pauses_grow_and_retry_after_counts(self, publisher, tmp_path, monkeypatch):
        pauses: list[float] = []
        monkeypatch.setattr("hotspots.fetching._web.time.sleep", pauses.append)
        publisher.troubles = [
            (503, {}),
            (503, {}),
            (429, {"Retry-After": "7"}),
            (429, {"Retry-After": "900"}),
        ]
        publisher.body = b"PK\x03\x04"
        publishers.fetch_postcodes(folder=tmp_path, service=publisher.url, web=Web(per_second=1e9))
        assert [round(pause, 3) for pause in pauses if pause > 0.001] == [1, 2, 7, 60]

    def test_requests_keep_their_distance(self, publisher, monkeypatch):
        pauses: list[float] = []
        monkeypatch.setattr("hotspots.fetching._web.time.sleep", pauses.append)
        publisher.body = b"{}"
        slow = Web(per_second=0.001)
        for _ in range(3):
            slow.get(publisher.url)
        # A thousand seconds each, but for the first and for what the requests themselves took.
        assert [round(pause, -3) for pause in pauses[1:]] == [1000, 1000]


def test_clone_keeps_boundaries_in_its_own_folder():
    clone = CLONE
    assert resources.data_folder("boundaries") == clone / "boundaries" / "official"
    assert resources.data_folder("police").name == "police"
