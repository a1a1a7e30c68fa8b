"""Inputs from web addresses and object stores: copied once, named without secrets, the same lake."""

from __future__ import annotations

import http.server
import io
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from police_lines import HEADER, row

from hotspots.bringing import _check_apart, _Copy, _stamps, address_of, bring, copy_one, shown
from hotspots.errors import DataMissingError, InputError, NetworkError, OutputError, UsageError
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


def test_two_addresses_of_one_name_are_archived_apart(tmp_path: Path) -> None:
    copies = [
        _Copy(f"s3://bucket/{name}", tmp_path / name.replace(" ", "_"), 1, "") for name in ("A b", "a_b")
    ]
    with pytest.raises(InputError, match=r"s3://bucket/a_b and s3://bucket/A b have one name: archive them"):
        _check_apart(copies)
    _check_apart([copies[0], copies[0]])


def test_a_bucket_without_data_is_named(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/letters/notes.pdf", b"%PDF")
    with pytest.raises(InputError, match=r"memory://letters holds no data file: looked for \.csv"):
        brought(["memory://letters"], tmp_path)
    store.rm("/letters", recursive=True)


@pytest.mark.parametrize(("good_at", "asked"), [(1, 1), (3, 3), (4, 3)])
def test_a_copy_that_comes_in_part_is_asked_for_again(
    tmp_path, monkeypatch, good_at: int, asked: int
) -> None:
    tried: list[int] = []

    def pieces(_address: str) -> Iterator[bytes]:
        tried.append(1)
        yield b"whole" if len(tried) == good_at else b"who"

    monkeypatch.setattr("hotspots.bringing._pieces", pieces)
    monkeypatch.setattr("hotspots.bringing.time", SimpleNamespace(sleep=lambda _: None, time=lambda: 1e9))
    one = _Copy("s3://bucket/a.csv", tmp_path / "s3" / "a.csv", 5, "")
    if good_at > 3:
        with pytest.raises(NetworkError, match=r"s3://bucket/a\.csv came in part, or changed meanwhile"):
            copy_one(one)
        assert not list(tmp_path.rglob("*.*"))
    else:
        copy_one(one)
        assert one.target.read_bytes() == b"whole"
    assert len(tried) == asked


def test_a_disk_without_room_is_named(bucket: str, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").touch()
    one = _Copy("s3://bucket/a.csv", tmp_path / "file" / "a.csv", 5, "")
    with pytest.raises(OutputError, match=r"cannot take a copy of s3://bucket/a\.csv: .*Make room"):
        copy_one(one)
    with pytest.raises(OutputError, match=r"Copies cannot be kept in .*file/inputs"):
        brought([bucket], tmp_path / "file")


def test_stamps_that_were_cut_short_end_what_is_known(tmp_path: Path) -> None:
    (tmp_path / ".stamps.jsonl").write_text('["a.csv", "1"]\n["b.csv", "2"]\n["c.c')
    assert _stamps(tmp_path) == {"a.csv": "1", "b.csv": "2"} and _stamps(tmp_path / "none") == {}


def test_addresses() -> None:
    assert address_of(Path("s3://bucket/a b.csv")) == "s3://bucket/a b.csv"
    assert address_of("https:\\host\\2025.zip") == "https://host/2025.zip"
    assert not any(map(address_of, ("C:/data/a.csv", "C:\\data", "a/b.csv", "/a:b", "2024:01.csv")))
    assert shown("https://me:key@host:8/a/b.zip?key=1#x") == "https://host:8/a/b.zip"
