"""Street crime from the archive and from the API."""

from __future__ import annotations

import random
import zipfile

import pandas as pd
import pytest
import shapely
from publishers import Publishers, serving

from hotspots import policeuk
from hotspots.errors import NetworkError, ParameterError
from hotspots.fetching.police import fetch_archive, fetch_police
from hotspots.fetching.services import load_services
from hotspots.fetching.web import Web

OUTLINE = shapely.box(457_000, 340_000, 459_000, 341_000)
#: Corners of the outline lie near 52.955 to 52.964 N, 1.152 to 1.122 W.
LATITUDE, WEST, EAST = "52.960", -1.150, -1.125


def crime(number: int, longitude: float, *, category: str = "drugs") -> dict:
    """Lay an incident out as the API does."""
    return {
        "id": number,
        "category": category,
        "persistent_id": "",
        "month": "2025-01",
        "location": {
            "latitude": LATITUDE,
            "longitude": f"{longitude:.6f}",
            "street": {"id": 1, "name": 'On or near "The Spot", A6'},
        },
        "outcome_status": {"category": "Under investigation", "date": "2025-01"} if number % 2 else None,
        "context": "",
    }


@pytest.fixture
def told():
    with serving(Publishers([])) as publishers:
        yield publishers


@pytest.fixture
def asking(told, tmp_path):
    services = load_services(told.services(tmp_path / "services.csv"))
    web = Web(attempts=2, pause=0.01, per_second=1000, timeout=(2, 2))
    return {"services": services, "web": web, "folder": tmp_path / "police", "force": "testshire"}


class TestArchive:
    """Members of a ZIP that stays with its publisher."""

    def fill(self, told, months):
        for month in months:
            for force in ("testshire", "elsewhere"):
                # Noise does not pack, so that the archive is far larger than what is wanted.
                noise = bytes(range(256)) * 40 if force == "elsewhere" else b""
                told.members[f"{month}/{month}-{force}-street.csv"] = f"{month} {force}\n".encode() + noise

    def test_members_come_as_published_by_ranges(self, told, asking, monkeypatch):
        monkeypatch.setattr("hotspots.fetching.web.RemoteFile.AHEAD", 2000)
        self.fill(told, ["2024-01", "2024-02"])
        told.members["2024-01/0-large.bin"] = random.Random(1).randbytes(300_000)
        paths = fetch_archive(["2024-02", "2024-01"], **asking)
        assert [path.name for path in paths] == [
            "2024-01-testshire-street.csv",
            "2024-02-testshire-street.csv",
        ]
        assert paths[0].read_bytes() == b"2024-01 testshire\n"
        spans = [part.removeprefix("bytes=").split("-") for *_, part in told.asked if part]
        assert sum(int(last) - int(first) + 1 for first, last in spans) < 100_000

    def test_an_archive_holds_36_months(self, told, asking):
        self.fill(told, ["2020-01", "2024-02"])
        fetch_archive(["2020-01", "2024-02"], **asking)
        assert {path for _, path, *_ in told.asked if "archive" in path} == {
            "/archive/2024-02.zip",
            "/archive/2020-01.zip",
        }

    def test_a_missing_month_is_named_and_nothing_written(self, told, asking):
        self.fill(told, ["2024-02"])
        with pytest.raises(NetworkError, match=r"has no 2024-01-testshire-street\.csv: check the months"):
            fetch_archive(["2024-01", "2024-02"], **asking)
        assert not asking["folder"].exists()

    def test_a_publisher_without_ranges_is_said(self, told, asking):
        self.fill(told, ["2024-01"])
        told.ranges = False
        with pytest.raises(NetworkError, match="does not give parts of a file"):
            fetch_archive(["2024-01"], **asking)

    def test_a_broken_archive_is_said(self, told, asking, monkeypatch):
        monkeypatch.setattr(Publishers, "_archive", lambda self: b"PK no zip")
        with pytest.raises(NetworkError, match="is no whole ZIP"):
            fetch_archive(["2024-01"], **asking)

    def test_parts_of_no_known_size_are_no_file(self, told, asking, monkeypatch):
        monkeypatch.setattr(Publishers, "_bytes", lambda *_: (206, {"Content-Range": "bytes 0-0/*"}, b"P"))
        with pytest.raises(NetworkError, match="does not give parts of a file"):
            fetch_archive(["2024-01"], **asking)

    def test_a_part_that_breaks_off_is_said(self, told, asking, monkeypatch):
        self.fill(told, ["2024-01"])
        real = Publishers._bytes

        def broken(self, content, part):
            status, headers, body = real(self, content, part)
            return status, headers if part == "bytes=0-0" else {**headers, "Content-Length": "99999999"}, body

        monkeypatch.setattr(Publishers, "_bytes", broken)
        monkeypatch.setattr(asking["web"], "timeout", (0.3, 0.3))
        with pytest.raises(NetworkError, match=r"broke off \((Connection|ChunkedEncoding)Error\)"):
            fetch_archive(["2024-01"], **asking)

    @pytest.mark.parametrize("month", ["2025", "2025-13", "01-2025"])
    def test_month_must_be_a_month(self, month, asking):
        with pytest.raises(ParameterError, match="is not written as YYYY-MM"):
            fetch_archive([month], **asking)


class TestApi:
    """What lies inside an outline."""

    def test_file_has_the_published_columns(self, told, asking):
        told.crimes = [crime(1, WEST), crime(2, EAST, category="robbery"), crime(3, -1.5)]
        (path,) = fetch_police(["2025-01"], outline=OUTLINE, **asking)
        assert path.name == "2025-01-testshire-street.csv"
        rows = pd.read_csv(path, keep_default_na=False)
        assert tuple(rows.columns) == policeuk.POLICE_COLUMNS
        assert rows["Crime type"].tolist() == ["Robbery", "Drugs"]
        assert rows["Location"].tolist() == ['On or near "The Spot", A6'] * 2
        assert rows["Last outcome category"].tolist() == ["", "Under investigation"]
        assert set(rows["Falls within"]) == {"Testshire Police"}

    def test_an_answer_that_is_no_json_is_said(self, told, asking, monkeypatch):
        monkeypatch.setattr(Publishers, "_api", lambda *_: (200, {}, b"<html>Sign in</html>"))
        with pytest.raises(NetworkError, match=r"answered with an error \(no JSON\)"):
            fetch_police(["2025-01"], outline=OUTLINE, **asking)

    def test_outline_is_posted_with_few_corners(self, told, asking):
        fetch_police(["2025-01"], outline=OUTLINE, **asking)
        method, path, form, _ = told.asked[-1]
        assert (method, path) == ("POST", "/api/crimes-street/all-crime")
        assert form["date"] == "2025-01" and form["poly"].count(":") < 30

    def test_too_many_incidents_part_the_outline_without_waiting(self, told, asking):
        told.crimes = [crime(n, WEST + 0.0005 * n) for n in range(50)]
        told.most_crimes = 8
        (path,) = fetch_police(["2025-01"], outline=OUTLINE, **asking)
        assert len(pd.read_csv(path)) == 50
        refused = [form for _, route, form, _ in told.asked if "all-crime" in route]
        assert len({form["poly"] for form in refused}) == len(refused)

    def test_one_point_that_holds_too_many_is_said(self, told, asking):
        told.crimes = [crime(n, WEST) for n in range(20)]
        told.most_crimes = 8
        with pytest.raises(NetworkError, match=r"status 503.*smaller area"):
            fetch_police(["2025-01"], outline=OUTLINE, **asking)
        assert not asking["folder"].exists()


def test_remote_file_reads_like_a_file(told, asking):
    from hotspots.fetching.web import RemoteFile

    told.file = bytes(range(256)) * 10
    with RemoteFile(f"{told.url}/file", asking["web"]) as remote:
        assert remote.size == 2560 and remote.seek(5000) == 5000 and remote.read(3) == b""
        assert remote.seek(-6, 2) == 2554 and remote.read() == told.file[-6:]
        assert remote.seek(100) == 100 and remote.read(4) == told.file[100:104]
        assert remote.read(0) == b"" and remote.seek(5000) == 5000 and remote.read(3) == b""
        assert not zipfile.is_zipfile(remote)
