"""Each content is read once, and looked at once however many files there are of its size."""

from __future__ import annotations

import gzip
import zipfile

import pytest
import towns

from hotspots.reading import opening
from hotspots.reading.incidents import read_incidents


@pytest.fixture
def hashed(monkeypatch):
    """List the sources whose content is hashed to find what is alike."""
    names: list[str] = []
    real = opening.content_sha256

    def count(source):
        names.append(source.name)
        return real(source)

    monkeypatch.setattr(opening, "content_sha256", count)
    return names


def text(tmp_path, seed):
    rows = [row | {"Crime ID": f"{seed:064x}"} for row in towns.incident_rows(1, seed=1)]
    return towns.write_rows(tmp_path / "one.csv", rows).read_bytes()


def test_members_of_one_size_are_not_hashed_again(tmp_path, hashed):
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for seed in range(30):
            archive.writestr(f"{seed:02d}.csv", text(tmp_path, seed))
        archive.writestr("99.csv", text(tmp_path, 7))
    (tmp_path / "one.csv").unlink()
    read = read_incidents([tmp_path / "many.zip"])
    assert len(read.frame) == 30 and hashed == []
    assert any("99.csv is the same file as many.zip/07.csv" in note for note in read.report.notes)


@pytest.mark.parametrize("packed_first", [True, False])
def test_a_packed_file_is_known_by_what_it_holds_and_unpacked_once_for_it(tmp_path, hashed, packed_first):
    folder = tmp_path / "in"
    folder.mkdir()
    packed, plain = ("1.csv.gz", "2.csv") if packed_first else ("2.csv.gz", "1.csv")
    (folder / packed).write_bytes(gzip.compress(text(tmp_path, 1)))
    (folder / plain).write_bytes(text(tmp_path, 1))
    for seed in range(3, 8):
        (folder / f"{seed}.csv").write_bytes(text(tmp_path, seed))
    read = read_incidents([folder])
    assert len(read.frame) == 6 and hashed == [packed]
    assert any("is the same file as" in note for note in read.report.notes)


def test_a_large_file_is_opened_ahead_and_gives_the_same_rows(tmp_path, monkeypatch):
    for seed in range(3):
        (tmp_path / f"{seed}.csv").write_bytes(text(tmp_path, seed))
    (tmp_path / "one.csv").unlink()
    one_by_one = read_incidents([tmp_path]).frame
    monkeypatch.setattr(opening, "_SMALL", 0)
    assert read_incidents([tmp_path]).frame.equals(one_by_one)
