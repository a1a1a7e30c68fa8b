"""Roads, rail, water, green and names, from a server on this machine that plays Ordnance Survey's."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.errors import NetworkError
from hotspots.fetching import context
from hotspots.fetching.services import Services
from hotspots.fetching.web import Web
from hotspots.pages.map_context import read_context

OUTLINE = shapely.box(434_000, 334_000, 436_000, 336_000)
NEAR = shapely.LineString([(434_100, 334_100), (435_500, 335_500)])
FAR = shapely.LineString([(470_000, 310_000), (471_000, 310_000)])
NAMES = [
    ("osgb1", "", "Pear Tree", "", "", "", "populatedPlace", "Suburban Area", "435500", "333900"),
    ("osgb2", "", "Becket School", "", "", "", "other", "Primary Education", "434900", "335000"),
    ("osgb3", "", "Far Away", "", "", "", "populatedPlace", "Village", "470000", "310000"),
    ("osgb4", "", "Some Street", "", "", "", "transportNetwork", "Named Road", "435000", "335000"),
]


def shapefiles(folder, layers):
    """Zip shapefiles as the publisher does: below `data/`, named after their square."""
    folder.mkdir()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, columns, shapes in layers:
            frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:27700")
            frame.to_file(folder / f"{name}.shp", engine="pyogrio")
            for part in sorted(folder.glob(f"{name}.*")):
                archive.write(part, f"OS/data/{part.name}")
    return content.getvalue()


@pytest.fixture
def survey(tmp_path):
    """Run a server with five products; `.files` are their archives, `.asked` what it was asked."""
    wet = NEAR.buffer(30)
    here = {"class": ["A Road", "B Road"], "name1": ["London Road", None], "roadNumber": ["A6", "B5010"]}
    other = {"class": ["A Road"], "name1": ["Not here"], "roadNumber": [""]}
    roads = [("SK_RoadLink", here, [NEAR, FAR]), ("SJ_RoadLink", other, [NEAR])]
    local = [("SK_RailwayTrack", {"classifica": ["Multi Track"]}, [NEAR]),
             ("SK_SurfaceWater_Area", {"featcode": [15609]}, [wet])]  # fmt: skip
    rivers = [("WatercourseLink", {"name1": ["River Derwent"]}, [NEAR])]
    green = [("SK_GreenspaceSite", {"distName1": ["Arboretum Park"]}, [wet])]
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("Data/SK33.csv", "\n".join(",".join(row) for row in NAMES))
        archive.writestr("Doc/OS_Open_Names_Header.csv", "ID,NAMES_URI,NAME1")
    files = {
        "OpenRoads": ("GB", shapefiles(tmp_path / "roads", roads)),
        "OpenMapLocal": ("SK", shapefiles(tmp_path / "local", local)),
        "OpenRivers": ("GB", shapefiles(tmp_path / "rivers", rivers)),
        "OpenGreenspace": ("SK", shapefiles(tmp_path / "green", green)),
        "OpenNames": ("GB", text.getvalue()),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(path.query).items()}
            server.asked.append((path.path, query))
            product = path.path.split("/")[1]
            if path.path.endswith("/downloads"):
                body = json.dumps(self.listed(product, query["area"])).encode()
            else:
                body = server.files[product][1]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def listed(self, product, square):
            area, content = server.files[product]
            if square != area:
                return []
            digest = hashlib.md5(content).hexdigest()
            return [{"url": f"{server.url}/{product}/file.zip", "area": area, "md5": server.digest or digest}]

        def log_message(self, *args):
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.digest = files, [], ""
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


WEB = {"attempts": 1, "per_second": 1000, "timeout": (2, 2)}


def fetched(survey, folder):
    services = Services((("context", "", survey.url),))
    return context.fetch_context(OUTLINE, folder=folder, services=services, web=Web(**WEB))


@pytest.mark.parametrize(
    ("bounds", "names"),
    [
        ((434_000, 334_000, 436_000, 336_000), ["SK"]),
        ((395_000, 334_000, 405_000, 336_000), ["SJ", "SK"]),
        ((651_409, 313_177, 651_410, 313_178), ["TG"]),
        ((100, 100, 200, 200), ["SV"]),
        ((325_000, 673_000, 326_000, 674_000), ["NT"]),
        ((446_000, 1_141_000, 447_000, 1_142_000), ["HU"]),
    ],
)
def test_squares(bounds, names):
    assert context.squares(bounds) == names


def test_what_comes_is_near_named_and_fit_for_the_map(survey, tmp_path):
    (path,) = fetched(survey, tmp_path / "out")
    layers = {name: gpd.read_file(path, layer=name) for name in gpd.list_layers(path)["name"]}
    assert {kind: len(frame) for kind, frame in layers.items()} == {
        "district": 1, "green": 1, "rail": 1, "road": 1, "school": 1, "water": 2,
    }  # fmt: skip
    assert layers["road"].iloc[0][["kind", "name", "class"]].tolist() == ["road", "London Road", "A Road"]
    drawn = {kind["kind"]: kind["names"] for kind in read_context(path, OUTLINE)}
    assert drawn == {
        "green": ["Arboretum Park"], "water": ["River Derwent"], "rail": [], "road": ["London Road"],
        "school": ["Becket School"], "district": ["Pear Tree"],
    }  # fmt: skip
    assert {one.name for one in (tmp_path / "out").iterdir()} == {"context.gpkg", "ATTRIBUTION.txt"}


def test_it_asks_for_the_square_and_for_all_where_there_is_no_less(survey, tmp_path):
    fetched(survey, tmp_path)
    areas = [(path.split("/")[1], query["area"]) for path, query in survey.asked if query]
    assert areas[:3] == [("OpenRoads", "SK"), ("OpenRoads", "GB"), ("OpenMapLocal", "SK")]
    assert {query["format"] for _, query in survey.asked if query} == {"ESRI® Shapefile", "CSV"}


def test_a_broken_transfer_leaves_nothing(survey, tmp_path):
    survey.digest = "0" * 32
    with pytest.raises(NetworkError, match=r"OpenRoads-SK\.zip did not arrive whole"):
        fetched(survey, tmp_path)
    assert not list(tmp_path.glob("**/*.gpkg")) and not list(tmp_path.glob(".fetching*"))


def test_a_product_that_is_gone_is_named(survey, tmp_path):
    survey.files["OpenRoads"] = ("none", b"")
    with pytest.raises(NetworkError, match="lists no OpenRoads for SK"):
        fetched(survey, tmp_path)


def test_a_file_that_is_no_zip_is_named(survey, tmp_path):
    survey.files["OpenRoads"] = ("SK", b"PK\x03\x04 cut short")
    with pytest.raises(NetworkError, match=r"OpenRoads-SK\.zip is no whole ZIP file"):
        fetched(survey, tmp_path)


def test_an_area_around_which_there_is_nothing_is_an_error(survey, tmp_path, monkeypatch):
    monkeypatch.setattr(context, "_layers", lambda *_: iter(()))
    with pytest.raises(NetworkError, match="nothing around this area"):
        fetched(survey, tmp_path)


def test_the_command_passes_the_outline_on(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(context, "fetch_context", lambda *a, **options: asked.append((a, options)) or ())
    done = CliRunner().invoke(app, ["fetch", "context", "--folder", str(tmp_path)])
    assert done.exit_code == 0, done.output
    ((outline,), options) = asked[0]
    assert options["folder"] == tmp_path and outline.area / 1e6 == pytest.approx(78, abs=1)
