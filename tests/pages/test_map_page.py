"""The page as text: nothing leaves it, hostile text stays text, equal input gives equal bytes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pages
import pytest
import shapely

from hotspots.auditing._packed import unpacked
from hotspots.errors import DataMissingError, InputError, ParameterError
from hotspots.pages import _assets as assets
from hotspots.pages import _documents as documents
from hotspots.pages import map_below, map_page, map_payload, map_shapes, map_still

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGP8z8DAwMDAxMDAwMAAAA0GAQMYMm1YAAAAAElFTkSuQmCC"
)


class Reader(HTMLParser):
    """Collects elements, attributes and the text of scripts and styles."""

    def __init__(self):
        super().__init__()
        self.tags, self.scripts, self.styles, self._in = [], [], [], None

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._in = (tag, dict(attrs))
            (self.scripts if tag == "script" else self.styles).append("")

    def handle_endtag(self, tag):
        self._in = None

    def handle_data(self, data):
        if self._in:
            (self.scripts if self._in[0] == "script" else self.styles)[-1] += data


@pytest.fixture(scope="module")
def small():
    return map_page.render(pages.small_release())


@pytest.fixture(scope="module")
def data(small):
    return unpacked(json.loads(re.search(r'id="data">(.*?)</script>', small, re.DOTALL).group(1)))


def read(text):
    reader = Reader()
    reader.feed(text)
    return reader


def test_no_address_leaves_the_file(small):
    for _tag, attributes in read(small).tags:
        for name in ("src", "href", "action", "srcset", "data", "poster"):
            assert attributes.get(name, "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
    for target in re.findall(r"url\(([^)]*)\)", small):
        assert target.strip("'\"").startswith(("#", "data:"))
    assert "@import" not in small


def test_policy_allows_exactly_the_page_s_own_scripts_and_styles(small):
    reader = read(small)
    policy = next(a["content"] for t, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "unsafe" not in policy
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split("; ")}
    assert rules["default-src"] == ["'none'"]
    assert rules["img-src"] == ["data:"]

    def hashed(text):
        digest = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    types = [a.get("type") for t, a in reader.tags if t == "script"]
    runs = [text for text, kind in zip(reader.scripts, types, strict=True) if kind is None]
    assert [hashed(text) for text in runs] == rules["script-src"]
    assert [hashed(text) for text in reader.styles] == rules["style-src"]


def test_page_says_what_it_is(small):
    reader = read(small)
    assert ("html", {"lang": "en-GB"}) in reader.tags
    assert "<title>Hot spots in Derby, January to June 2025</title>" in small
    assert "user-scalable" not in small.split("<script", 1)[0]
    assert small.count('class="marking"') == 2
    assert "Leaflet" in small
    assert "Redistribution and use in source and binary forms" in small
    assert "SYNTHETIC SAMPLE" not in re.sub(r"<script.*?</script>", "", small, flags=re.DOTALL)
    sample = map_page.render(pages.small_release(synthetic=True))
    assert "<strong>SYNTHETIC SAMPLE</strong>" in sample
    assert "SYNTHETIC SAMPLE</text>" in sample
    assert sample.count("SYNTHETIC\\000020SAMPLE") == 2, "at the top and bottom of every printed sheet"
    assert 'class="marking"' not in map_page.render(pages.small_release(marking=""))


def test_first_view_reads_without_scripts(small):
    finding = "All incidents, January to June 2025: Ash had the most of all 6 wards, 420 of 924 (45%)."
    assert finding in small
    assert "By rate per resident, Ash is clearly among the top three. Beech and Fir may be too." in small
    body = small[small.index("<noscript>") : small.index("</noscript>")]
    assert '<th scope="row">Ash</th>' in body
    assert "Cyber crime" in body
    sheet = small[small.index('<svg id="sheet"') : small.index("</figure>")]
    assert sheet.count('class="area area-') == 6
    assert sheet.count("priority-line") == 1
    assert "OFFICIAL" in sheet


def test_same_release_same_bytes(small):
    assert map_page.render(pages.small_release()) == small


def test_incidents_are_counted_once(data):
    ward = data["levels"]["ward"]
    assert ward["counts"]["all"][0] == [420, 60, 60, 60, 60, 60, 120]
    assert ward["names"][0] == "Ash"
    assert data["levels"]["lsoa"]["ward"] == [i // 4 for i in range(24)]
    assert data["clusters"]["all"][0]["monthly"] == [20] * 6
    assert data["change"] == {
        "before": "January to March 2025",
        "after": "April to June 2025",
        "reason": "the months just before; the year before was not read, so seasons play a part",
    }


def test_halves_of_the_period_and_their_incidents(data):
    assert data["halves"] == ["January to March 2025", "April to June 2025"]
    assert [cluster["halves"] for cluster in data["clusters"]["all"]] == [[60, 60], [20, 40]]
    clusters = pages.small_release().clusters.assign(monthly="")
    blank = map_payload.build_payload(pages.small_release(clusters=clusters))
    assert [cluster["halves"] for cluster in blank["clusters"]["all"]] == [[], []]


def test_kinds_of_place_are_no_street_labels():
    streets = pages.small_release().streets
    streets = streets.assign(street=["On or near Parking Area", *streets["street"].iloc[1:]])
    names = map_payload.build_payload(pages.small_release(streets=streets))["streets"]["names"]
    assert names == ["Station Approach", "Mill Lane", "Park Road", "St Peter's Street"]


def test_withheld_is_not_zero():
    release = pages.small_release()
    hidden = release.counts["code"].eq("E05000004") & release.counts["theme"].eq("all")
    counts = release.counts.assign(count=release.counts["count"].where(~hidden))
    text = map_page.render(pages.small_release(counts=counts))
    assert 'class="area area-withheld"/>' in text
    assert (
        map_payload.build_payload(pages.small_release(counts=counts))["levels"]["ward"]["counts"]["all"][4]
        == [None] * 7
    )


def test_hostile_text_stays_text():
    text = map_page.render(pages.hostile_release())
    outside = re.sub(r"<script(?! type).*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    reader = read(text)
    assert sum(tag == "script" for tag, _ in reader.tags) == 3
    assert not [t for t, _ in reader.tags if t == "img"]
    assert "<script>window" not in outside
    assert "onerror" not in [name for _, a in reader.tags for name in a]
    assert "49" not in re.findall(r"<td[^>]*>([^<]*)", text[:2000])
    block = re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1)
    assert "<" not in block
    assert json.loads(block)["area"]["name"] == pages.HOSTILE[0]


def test_marking_cannot_leave_its_css_string():
    rules = documents.marking_rules('"; } * { display: none } </style>')
    inside = re.findall(r'content: "([^"]*)"', rules)
    assert len(inside) == 2
    assert re.fullmatch(r"(\\[0-9a-f]{6}|[A-Za-z0-9])+", inside[0])


def test_script_that_would_end_its_element_is_refused():
    with pytest.raises(ValueError, match="would end its element"):
        documents.render_document(
            "base.html.j2", marking="", scripts=["'</script>'"], title="", synthetic=False
        )


def test_geometry_comes_back_within_a_metre():
    ring = shapely.Polygon([(-1.5, 52.9), (-1.4, 52.9), (-1.4, 52.95), (-1.45, 52.97), (-1.5, 52.9)])
    (written,) = map_shapes.polygon_rings(ring)[0]
    assert map_shapes.decode_ring(written) == pytest.approx(shapely.get_coordinates(ring), abs=1e-5)


def test_sheet_places_points_as_web_mercator_does():
    from pyproj import Transformer

    sheet = map_still.Sheet.around([[52.86, -1.56], [52.97, -1.38]])
    points = np.array([[-1.56, 52.86], [-1.38, 52.97], [-1.47, 52.92]])
    mercator = np.column_stack(
        Transformer.from_crs(4326, 3857, always_xy=True).transform(points[:, 0], points[:, 1])
    )
    placed = sheet.points(points)
    scale = (placed[1, 0] - placed[0, 0]) / (mercator[1, 0] - mercator[0, 0])
    assert (placed - placed[0])[:, 0] == pytest.approx((mercator - mercator[0])[:, 0] * scale, abs=0.01)
    assert (placed - placed[0])[:, 1] == pytest.approx(-(mercator - mercator[0])[:, 1] * scale, abs=0.01)
    assert placed[:, 1].min() > 0
    assert placed[:, 1].max() < sheet.height


def test_leaflet_that_was_not_reviewed_is_refused(monkeypatch):
    monkeypatch.setitem(assets.LEAFLET_DIGESTS, "leaflet.js", "0" * 64)
    assets.leaflet_script.cache_clear()
    with pytest.raises(DataMissingError, match=r"install django-js-lib-leaflet==1\.9\.4\.1"):
        assets.leaflet_script()
    assets.leaflet_script.cache_clear()


def test_an_image_of_leaflet_that_was_not_reviewed_is_refused(monkeypatch):
    monkeypatch.setitem(assets.LEAFLET_DIGESTS, "images/layers.png", "0" * 64)
    assets.leaflet_style.cache_clear()
    with pytest.raises(DataMissingError, match=r"images/layers\.png of .* is not the reviewed Leaflet"):
        assets.leaflet_style()
    assets.leaflet_style.cache_clear()


class TestTiles:
    def test_only_this_host_is_allowed_and_named(self):
        text = map_page.render(pages.small_release(), tiles="https://maps.derby.example/{z}/{x}/{y}.png")
        policy = re.search(r'Security-Policy" content="([^"]*)"', text).group(1)
        assert "img-src data: https://maps.derby.example;" in policy
        assert '"hosts":["maps.derby.example"]' in text

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("https://maps.example/{z}/{x}/{y}.png?key=1", "must not carry a key"),
            ("https://me:word@maps.example/{z}/{x}/{y}.png", "on your server"),
            ("ftp://maps.example/{z}/{x}/{y}.png", "on your server"),
            ("https://maps.example/{z}.png", "must have {z}, {x} and {y}"),
            ("https://a.example; script-src x/{z}/{x}/{y}", "on your server"),
        ],
    )
    def test_others_are_refused(self, url, words):
        with pytest.raises(ParameterError, match=re.escape(words)):
            map_below.tile_source(url)


class TestBackdrop:
    def write(self, folder, numbers="1000 0 0 -1000 430500 336500"):
        picture = folder / "map.png"
        picture.write_bytes(PNG)
        picture.with_suffix(".pgw").write_text("\n".join(numbers.split()))
        return picture

    def test_every_corner_lies_within_a_metre(self, tmp_path):
        found = map_below.read_backdrop(self.write(tmp_path))
        a, b, c, d, e, f = found["matrix"]
        (_, west), (north, _) = found["bounds"]
        for column, row, east, northing in [
            (0, 0, 430_000, 337_000),
            (2, 2, 432_000, 335_000),
            (2, 0, 432_000, 337_000),
        ]:
            x, y = a * column + c * row + e, b * column + d * row + f
            point = shapely.get_coordinates(map_shapes.to_degrees([shapely.Point(east, northing)]))[0]
            mercator = np.degrees(np.log(np.tan(np.pi / 4 + np.radians([north, point[1]]) / 2)))
            assert west + x / 1000 == pytest.approx(point[0], abs=1e-5)
            assert y / 1000 == pytest.approx(mercator[0] - mercator[1], abs=1e-5)

    def test_is_written_into_the_page(self, tmp_path):
        text = map_page.render(pages.small_release(), backdrop=self.write(tmp_path))
        assert "data:image/png;base64," + base64.b64encode(PNG).decode() in text

    @pytest.mark.parametrize(
        ("numbers", "words"),
        [
            ("1 2 3", "six numbers"),
            ("one two three four five six", "six numbers"),
            ("300000 0 0 -300000 100000 900000", "cannot be laid on the map"),
        ],
    )
    def test_bad_world_files(self, tmp_path, numbers, words):
        with pytest.raises(InputError, match=words):
            map_below.read_backdrop(self.write(tmp_path, numbers))

    def test_missing_or_other_kind(self, tmp_path):
        with pytest.raises(InputError, match="must both be there"):
            map_below.read_backdrop(tmp_path / "none.png")
        with pytest.raises(InputError, match="gdal_translate"):
            map_below.read_backdrop(tmp_path / "map.tif")


def test_a_per_cent_sign_stands_at_its_number():
    warned = pages.small_release(warnings=("12 % of the rows could not be located.",))
    text = map_page.render(warned)
    assert "12% of the rows" in text
    words = re.sub(r"<(script|style)(?! type)[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    assert not re.search(r"\d %", words)
