"""Files that are taken as they are, and patience with who sends them."""

from __future__ import annotations

import pytest
from publishers import Publishers, serving

from hotspots.errors import NetworkError
from hotspots.fetching.files import fetch_ostn15, fetch_postcodes
from hotspots.fetching.services import Services, load_services
from hotspots.fetching.web import Web


@pytest.fixture
def publisher():
    with serving(Publishers([])) as told:
        yield told


@pytest.fixture
def services(publisher, tmp_path_factory):
    return load_services(publisher.services(tmp_path_factory.mktemp("services") / "services.csv"))


@pytest.fixture
def web() -> Web:
    """Ask without long pauses."""
    return Web(attempts=3, pause=0.01, per_second=1000, timeout=(2, 2))


class TestFiles:
    """Files that are taken as they are."""

    def test_postcodes(self, publisher, services, web, tmp_path):
        publisher.file = b"PK\x03\x04" + bytes(200_000)
        (path,) = fetch_postcodes(folder=tmp_path, services=services, web=web)
        assert path.read_bytes() == publisher.file
        assert [file.name for file in tmp_path.iterdir()] == ["codepo_gb.zip"]

    def test_ostn15(self, publisher, services, web, tmp_path):
        publisher.file = b"II*\x00" + bytes(1000)
        (path,) = fetch_ostn15(folder=tmp_path, services=services, web=web)
        assert path.name == "uk_os_OSTN15_NTv2_OSGBtoETRS.tif"

    @pytest.mark.parametrize(("body", "said"), [(b"<html>", "something else"), (b"", "an empty")])
    def test_wrong_content_leaves_the_old_file(self, publisher, services, web, tmp_path, body, said):
        (tmp_path / "codepo_gb.zip").write_bytes(b"old")
        publisher.file = body
        with pytest.raises(NetworkError, match=f"sent {said}"):
            fetch_postcodes(folder=tmp_path, services=services, web=web)
        assert (tmp_path / "codepo_gb.zip").read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1

    def test_broken_off_download_leaves_the_old_file(self, publisher, services, web, tmp_path, monkeypatch):
        (tmp_path / "codepo_gb.zip").write_bytes(b"old")
        publisher.answer = lambda *asked: (200, {"Content-Length": "5000"}, b"PK\x03\x04")
        with pytest.raises(NetworkError, match=r"broke off sending codepo_gb\.zip"):
            fetch_postcodes(folder=tmp_path, services=services, web=web)
        assert (tmp_path / "codepo_gb.zip").read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1


class TestPatience:
    """Busy and absent publishers."""

    def test_busy_publisher_is_asked_again(self, publisher, services, web, tmp_path):
        publisher.troubles = [(429, {"Retry-After": "0"}), (503, {})]
        publisher.file = b"PK\x03\x04"
        fetch_postcodes(folder=tmp_path, services=services, web=web)
        assert len(publisher.asked) == 3

    def test_what_is_gone_is_asked_for_once(self, publisher, services, web, tmp_path):
        publisher.troubles = [(404, {})]
        with pytest.raises(NetworkError, match=r"status 404.*may have moved"):
            fetch_postcodes(folder=tmp_path, services=services, web=web)
        assert len(publisher.asked) == 1

    def test_absent_publisher(self, publisher, services, web, tmp_path):
        nobody = Services((("postcodes", "", "http://127.0.0.1:9/x"),))
        with pytest.raises(NetworkError, match=r"ConnectionError\): check the connection.*no file") as caught:
            fetch_postcodes(folder=tmp_path, services=nobody, web=web)
        assert caught.value.exit_code == 5

    def test_pauses_grow_and_retry_after_counts(self, publisher, services, tmp_path, monkeypatch):
        pauses: list[float] = []
        monkeypatch.setattr("hotspots.fetching.web.time.sleep", pauses.append)
        publisher.troubles = [
            (503, {}),
            (503, {}),
            (429, {"Retry-After": "7"}),
            (429, {"Retry-After": "900"}),
        ]
        publisher.file = b"PK\x03\x04"
        fetch_postcodes(folder=tmp_path, services=services, web=Web(per_second=1e9))
        assert [round(pause, 3) for pause in pauses if pause > 0.001] == [1, 2, 7, 60]

    def test_requests_keep_their_distance(self, publisher, monkeypatch):
        pauses: list[float] = []
        monkeypatch.setattr("hotspots.fetching.web.time.sleep", pauses.append)
        publisher.file = b"{}"
        slow = Web(per_second=0.001)
        for _ in range(3):
            slow.get(f"{publisher.url}/file")
        # A thousand seconds each, but for the first and for what the requests themselves took.
        assert [round(pause, -3) for pause in pauses[1:]] == [1000, 1000]
