"""Inputs from web addresses and object stores: copied once, named without secrets, the same lake."""

from __future__ import annotations

import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from police_lines import HEADER, row

from hotspots.bringing import address_of, bring, shown
from hotspots.errors import DataMissingError, InputError, NetworkError, UsageError
from hotspots.reading.incidents import read_incidents
from hotspots.scale.again import read_lake
from hotspots.scale.archive import COPIES, archive
from hotspots.scale.engines import SerialEngine
from hotspots.scale.lake import open_lake

fsspec = pytest.importorskip("fsspec", reason="needs the extra [remote]")
JANUARY, FEBRUARY = "2024-01-derbyshire-street.csv", "2024-02-derbyshire-street.csv"


def content(month: str, n: int = 9) -> bytes:
    start = 100 * int(month[-1])
    return "\n".join([HEADER, *(row(start + k, Month=month) for k in range(n)), ""]).encode()


def brought(inputs: list[str], lake: Path) -> tuple[tuple[Path, ...], list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    paths = bring([Path(one) for one in inputs], lake, engine=SerialEngine(), tell=lambda *n: told.append(n))
    return paths, told


@pytest.fixture
def bucket() -> Iterator[str]:
    """Make a bucket in memory, which speaks as an object store does."""
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/police/2024-01/" + JANUARY, content("2024-01"))
    store.pipe("/bucket/police/2024-02/" + FEBRUARY, content("2024-02"))
    store.pipe("/bucket/police/notes.pdf", b"%PDF")
    yield "memory://bucket/police"
    store.rm("/bucket", recursive=True)


def test_a_bucket_gives_the_lake_that_its_files_give(bucket: str, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    paths, told = brought([bucket], lake)
    assert [path.name for path in paths] == [JANUARY, FEBRUARY] and told[-1] == (2, 2)
    archive(paths, lake)
    files = [tmp_path / name for name in (JANUARY, FEBRUARY)]
    for path, month in zip(files, ("2024-01", "2024-02"), strict=True):
        path.write_bytes(content(month))
    found, plain = read_lake(open_lake(lake)), read_incidents(files)
    pd.testing.assert_frame_equal(found.frame, plain.frame)
    assert found.report == plain.report


def test_only_what_changed_is_copied_and_read_again(bucket: str, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    archive(brought([bucket], lake)[0], lake)
    paths, told = brought([bucket], lake)
    assert told == [(2, 2)] and archive(paths, lake).read == 0
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/police/2024-02/" + FEBRUARY, content("2024-02", 12))
    store.rm("/bucket/police/2024-01/" + JANUARY)
    paths, told = brought([bucket], lake)
    assert told == [(0, 1), (1, 1)]
    done = archive(paths, lake)
    assert (done.read, done.kept, done.left, done.lake.rows) == (1, 0, 1, 12)
    assert [path.name for path in (lake / COPIES).rglob("*.csv")] == [FEBRUARY]
    # A command without addresses leaves no copy behind.
    brought([str(tmp_path)], lake)
    assert not (lake / COPIES).exists()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Serve a folder with a zip of two months on this machine."""
    pytest.importorskip("aiohttp", reason="needs the extra [remote]")
    served = tmp_path / "served"
    served.mkdir()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archived:
        archived.writestr("2024-01/" + JANUARY, content("2024-01"))
        archived.writestr("2024-02/" + FEBRUARY, content("2024-02"))
    (served / "2024.zip").write_bytes(packed.getvalue())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_web_address_gives_its_file_and_no_secret(web: str, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    paths, _ = brought([f"{web}/2024.zip?signature=s3cret"], lake)
    assert archive(paths, lake).lake.rows == 18
    assert brought([f"{web}/2024.zip?signature=s3cret"], lake)[1] == [(1, 1)]
    for path in lake.rglob("*"):
        assert "s3cret" not in path.name and (path.is_dir() or b"s3cret" not in path.read_bytes())
    with pytest.raises(InputError, match=r"^http://127.0.0.1:\d+/none.zip does not exist\.$"):
        brought([f"{web}/none.zip?signature=s3cret"], lake)
    with pytest.raises(UsageError, match="names no file that can be read: give each file"):
        brought([f"{web}/folder/"], lake)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_cannot_be_had_is_named_without_secrets(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(NetworkError, match=r"^http://127\.0\.0\.1:9/a\.zip could not be had \(Client"):
        brought(["http://127.0.0.1:9/a.zip?key=s3cret"], tmp_path)
    with pytest.raises(UsageError, match=r"^s3://bucket/a holds the name of a user: give credentials by"):
        brought(["s3://me:s3cret@bucket/a"], tmp_path)
    with pytest.raises(UsageError, match=r"^gopher://host/a\.csv is of no protocol that is known"):
        brought(["gopher://host/a.csv"], tmp_path)
    with pytest.raises(InputError, match=r"^memory://nowhere/a\.csv does not exist"):
        brought(["memory://nowhere/a.csv"], tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "s3fs", None)
    with pytest.raises(DataMissingError, match=r"s3://bucket/a is not installed: pip install"):
        brought(["s3://bucket/a"], tmp_path)


def test_addresses() -> None:
    assert address_of(Path("s3://bucket/a b.csv")) == "s3://bucket/a b.csv"
    assert address_of("https:\\host\\2025.zip") == "https://host/2025.zip"
    assert not any(map(address_of, ("C:/data/a.csv", "C:\\data", "a/b.csv", "/a:b", "2024:01.csv")))
    assert shown("https://me:key@host:8/a/b.zip?key=1#x") == "https://host:8/a/b.zip"
