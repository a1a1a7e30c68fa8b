"""A lake gives what its files give: the same rows, rejects, report and words."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from police_lines import HEADER, row
from towns import incident_rows, write_rows

from hotspots.analysis import read_inputs
from hotspots.errors import InputError, LakeError, OutputError, UsageError
from hotspots.geography.projection import to_degrees
from hotspots.nationwide import near_box
from hotspots.reading.content import Source
from hotspots.reading.incidents import Incidents, read_incidents
from hotspots.scale import archive as archiving
from hotspots.scale.again import read_lake
from hotspots.scale.archive import JOURNAL, archive
from hotspots.scale.engines import SerialEngine
from hotspots.scale.lake import RECORD, ReadAs, is_lake, open_lake
from hotspots.scale.parts import Near
from hotspots.settings import Settings

#: What may stand in a cell of a police.uk file: good, blank, wrong, quoted.
MONTHS = st.sampled_from(["2024-01", "2024-02", "2019-13", "", "2099-01"])
DEGREES = st.sampled_from(["-1.470000", "-1.47123", "", "0", "north", "-1,47"])
TEXTS = st.sampled_from(["On or near Iron Gate", "", "No Location", 'a "b" c', "Caf\u00e9 Row", "N/A", "a,b"])
IDENTS = st.sampled_from(["", "ab" * 32, "cd" * 32, "AB" * 32, "N/A", "17"])


def street_file(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return path


def assert_same(lake: Path, paths: list[Path], **asked: object) -> Incidents:
    """Hold what a lake of files gives against what the files give."""
    mine, plain = read_lake(open_lake(lake), **asked), read_incidents(paths, **_as_asked(asked))
    pd.testing.assert_frame_equal(mine.frame, plain.frame)
    pd.testing.assert_frame_equal(mine.rejected, plain.rejected)
    pd.testing.assert_frame_equal(mine.unlocated, plain.unlocated)
    assert mine.report == plain.report
    pd.testing.assert_frame_equal(mine.searches, plain.searches)
    assert mine.resolution == plain.resolution
    return mine


def _as_asked(asked: dict) -> dict:
    forces = asked.pop("forces", frozenset())
    return {**asked, "force": ",".join(sorted(forces)) or None}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(IDENTS, MONTHS, DEGREES, TEXTS), min_size=1, max_size=12),
    quoted=st.booleans(),
)
def test_any_police_file(tmp_path_factory, rows: list[tuple[str, ...]], quoted: bool) -> None:
    place = tmp_path_factory.mktemp("any")
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(HEADER.split(","))
    for n, (ident, month, degree, text) in enumerate(rows):
        cells = row(n, Crime_ID=ident, Month=month).split(",")
        cells[4], cells[6] = degree, text
        writer.writerow(cells)
    # Enough good rows that the file is not refused as a whole.
    for n in range(len(rows) + 1):
        writer.writerow(row(100 + n).split(","))
    path = place / "2024-01-derbyshire-street.csv"
    path.write_text(stream.getvalue(), encoding="utf-8")
    archive([place], place / "lake")
    assert_same(place / "lake", [path])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two forces, three months, an overlap, a shared ID, broken rows, a council's table."""
    street = tmp_path / "in"
    shared = row(1, Last_outcome_category="Under investigation")
    january = [row(n) for n in range(30)] + ["too,few", row(31, Longitude="", Latitude="")]
    made = [
        street_file(
            street / "2024-01-derbyshire-street.csv", [*january, shared, row(1, Crime_type="Robbery")]
        ),
        street_file(
            street / "2024-01-leicestershire-street.csv",
            # The same incident with another outcome, the same ID elsewhere, and rows without one in both.
            [
                row(1, Last_outcome_category="Charged", Reported_by="Leicestershire Police"),
                row(2, Longitude="-1.100000", Reported_by="Leicestershire Police"),
                *(row(n) for n in range(5, 9)),
                row(50, Crime_ID="", Reported_by="Leicestershire Police"),
            ],
        ),
        street_file(
            street / "2024-02-derbyshire-street.csv", [row(60 + n, Month="2024-02") for n in range(12)]
        ),
    ]
    table = "Date,Offence,Easting,Northing,Postcode,Name\n" + "".join(
        f"{n + 1:02}/03/2024 1{n}:30,Theft,{f'{435000 + n},336000' if not n % 3 else ','},DE1 2AB,x\n"
        for n in range(9)
    )
    council = street / "council.csv"
    council.write_text(table, encoding="utf-8")
    packed = street / "2024-03-derbyshire-street.csv.gz"
    packed.write_bytes(gzip.compress("\n".join([HEADER, row(90, Month="2024-03"), ""]).encode(), mtime=0))
    other = street / "2024-01-derbyshire-outcomes.csv"
    other.write_text("Crime ID,Month,Reported by,Falls within,Outcome type\nx,2024-01,a,b,c\n")
    return [*made, council, packed, other]


@pytest.mark.parametrize("asked", [{}, {"from_month": "2024-02"}])
def test_searches_and_outcomes_come_back_as_they_were(files: list[Path], tmp_path: Path, asked: dict) -> None:
    street = files[0].parent
    crime = row(3).split(",")[0]
    closed = street / "2024-02-derbyshire-outcomes.csv"
    closed.write_text(
        f"Crime ID,Month,Reported by,Falls within,Outcome type\n{crime},2024-02,a,b,Suspect charged\n"
    )
    searches = street / "2024-02-derbyshire-stop-and-search.csv"
    searches.write_text(
        "Type,Date,Latitude,Longitude,Gender,Object of search\n"
        "Person search,2024-01-31T10:00:00+00:00,52.92,-1.47,Male,Controlled drugs\n"
        "Person search,2024-02-03T10:00:00+00:00,,,Female,Firearms\n"
    )
    archive([street], tmp_path / "lake")
    found = assert_same(tmp_path / "lake", [street], **asked)
    assert len(found.searches) == (1 if asked else 2)
    assert ("charged" in set(found.frame["outcome"])) == (not asked)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"from_month": "2024-02"},
        {"to_month": "2024-01", "dedupe_source": True},
        {"forces": frozenset({"leicestershire"})},
    ],
)
def test_many_files_with_all_that_reading_can_meet(files: list[Path], tmp_path: Path, asked: dict) -> None:
    folder = files[0].parent
    archive([folder], tmp_path / "lake")
    assert_same(tmp_path / "lake", [folder], **asked)


def test_files_that_were_named_are_read_whatever_their_name(files: list[Path], tmp_path: Path) -> None:
    archive(files, tmp_path / "lake")
    assert_same(tmp_path / "lake", files, from_month="2024-02")


def test_repeats_across_files_and_forces_are_counted_as_by_reading(files: list[Path], tmp_path: Path) -> None:
    archive(files, tmp_path / "lake")
    read = read_lake(open_lake(tmp_path / "lake"))
    first = f"{1:064x}"
    rows = read.frame[read.frame["crime_id"] == first]
    # Of the two outcomes of one incident the later source's stays; the robbery under its ID is another.
    assert sorted(rows["crime_type"].astype(str)) == ["Drugs", "Robbery"]
    assert rows["source"].astype(str).str.contains("leicestershire").sum() == 1
    assert any("versions of the same incidents" in text for text in read.report.warnings)


#: South-west corners of towns of 1 km; the first two lie within reach of each other's files.
TOWNS = ((440_000, 340_000), (441_500, 340_000), (520_000, 200_000))
ROW = st.tuples(
    st.sampled_from(["", "a", "b", "c"]),  # Crime ID
    st.integers(0, 2),  # town
    st.integers(0, 1),  # map point
    st.sampled_from(["Drugs", "Robbery"]),
    st.sampled_from(["", "Under investigation"]),
    st.sampled_from(["north", "south"]),  # whose file
    st.sampled_from(["2024-01", "2024-02"]),  # of which month
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=15, max_size=30))
def test_an_authority_is_counted_as_from_all_files_however_ids_repeat(tmp_path_factory, rows) -> None:
    place = tmp_path_factory.mktemp("repeats")
    by_file: dict[str, list[str]] = {}
    for ident, town, point, kind, outcome, force, month in rows:
        east, north = (corner + 300 + 200 * point for corner in TOWNS[town])
        longitude, latitude = to_degrees([east], [north])
        line = row(
            0, Crime_ID=ident * 64, Month=month, Crime_type=kind, Last_outcome_category=outcome, LSOA_code="",
            Reported_by=f"{force} Police", Longitude=f"{longitude[0]:.6f}", Latitude=f"{latitude[0]:.6f}",
        )  # fmt: skip
        by_file.setdefault(f"{month}-{force}-street.csv", []).append(line)
    files = [street_file(place / "in" / name, lines) for name, lines in by_file.items()]
    archive([place / "in"], place / "lake")
    whole = assert_same(place / "lake", files).frame
    for x, y in TOWNS:
        near = near_box((x, y, x + 1000, y + 1000))
        there = open_lake(place / "lake").near(near)
        mine = read_lake(there).frame if there.entries else whole.iloc[:0]
        assert _inside(mine, near) == _inside(whole, near)


def _inside(frame: pd.DataFrame, near: Near) -> list[tuple]:
    """Give what is counted in a box, in an order of its own."""
    west, south, east, north = near.degrees
    there = frame["longitude"].between(west, east) & frame["latitude"].between(south, north)
    columns = ["crime_id", "month", "crime_type", "outcome", "longitude", "latitude", "source"]
    return sorted(frame.loc[there, columns].astype(str).itertuples(index=False, name=None))


def test_only_what_changed_is_read_again(files: list[Path], tmp_path: Path) -> None:
    lake, folder = tmp_path / "lake", files[0].parent
    _make_old(folder)
    assert archive([folder], lake).read == 6
    before = {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")}
    done = archive([folder], lake)
    assert (done.read, done.kept, done.left) == (0, 6, 0)
    street_file(files[2], [row(70, Month="2024-02")])
    street_file(folder / "2024-04-derbyshire-street.csv", [row(80, Month="2024-04")])
    files[1].unlink()
    done = archive([folder], lake)
    assert (done.read, done.kept, done.left) == (2, 4, 1)
    after = {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")}
    assert len(after) == 6 and sum(before.get(path) == time for path, time in after.items()) == 4
    assert_same(lake, [folder])


def _make_old(folder: Path) -> None:
    """Give files a time at which nothing can still be writing them."""
    import os

    for path in folder.iterdir():
        os.utime(path, ns=(10**18, 10**18))


def test_equal_files_give_equal_lakes_in_any_order(files: list[Path], tmp_path: Path) -> None:
    _make_old(files[0].parent)
    for name, given_files in (("one", files), ("two", files[::-1])):
        archive(given_files, tmp_path / name)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")
         if path.is_file()}
        for name in ("one", "two")
    )  # fmt: skip
    assert one == two


@pytest.mark.parametrize(("little", "started"), [(archiving.LITTLE, False), (200, True)])
def test_workers_start_for_more_than_a_little_alone(
    files: list[Path], tmp_path: Path, monkeypatch, little: int, started: bool
) -> None:
    asked = []

    class Workers(SerialEngine):
        costly_start = True

        def map(self, task, items, *, batch=1):
            asked.append(len(items))
            return super().map(task, items, batch=batch)

    monkeypatch.setattr(archiving, "LITTLE", little)
    archive([files[0].parent], tmp_path / "lake", engine=Workers())
    assert asked == ([6] if started else [])


def test_an_interrupted_command_goes_on_where_it_was(files: list[Path], tmp_path: Path) -> None:
    lake, folder = tmp_path / "lake", files[0].parent
    _make_old(folder)

    class Broken:
        costly_start = False

        def map(self, task, items, *, batch=1):
            yield 0, task(items[0])
            yield 1, task(items[1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive([folder], lake, engine=Broken())
    assert not is_lake(lake)
    with (lake / JOURNAL).open("a") as journal:
        journal.write('{"name": "cut sho')
    done = archive([folder], lake)
    assert (done.read, done.kept) == (4, 2)
    assert not (lake / JOURNAL).exists()
    assert_same(lake, [folder])


def test_a_faulty_file_stops_the_lake_and_loses_nothing(files: list[Path], tmp_path: Path) -> None:
    lake, folder = tmp_path / "lake", files[0].parent
    _make_old(folder)
    bad = street_file(folder / "2024-05-derbyshire-street.csv", [row(n, Longitude="x") for n in range(9)])
    with pytest.raises(InputError, match=r"2024-05-derbyshire-street\.csv: 9 of 9 rows cannot be used"):
        archive([folder], lake)
    bad.unlink()
    assert archive([folder], lake).kept == 6


@pytest.mark.parametrize("harm", ["torn", "changed", "gone"])
def test_a_damaged_part_is_named_and_can_be_mended(files: list[Path], tmp_path: Path, harm: str) -> None:
    lake, folder = tmp_path / "lake", files[0].parent
    _make_old(folder)
    archive([folder], lake)
    entry = open_lake(lake).entries[1]
    part = lake / entry.parts[0].file
    content = part.read_bytes()
    if harm == "gone":
        part.unlink()
    else:
        part.write_bytes(
            content[:-7] if harm == "torn" else content[:40] + bytes([content[40] ^ 1]) + content[41:]
        )
    with pytest.raises(LakeError, match=r"2024-01-derbyshire-street\.csv.*--mend"):
        read_lake(open_lake(lake))
    assert archive([folder], lake, mend=True).read == 1
    assert_same(lake, [folder])


def test_dates_in_the_future_are_judged_again_on_another_day(tmp_path: Path, monkeypatch) -> None:
    path = street_file(tmp_path / "in" / "rows.csv", [row(0), row(1), row(2, Month="2024-03")])
    _make_old(path.parent)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1708000000")  # February 2024
    archive([path], tmp_path / "lake")
    assert read_lake(open_lake(tmp_path / "lake")).rejected["reason"].tolist() == ["future_date"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1714000000")
    assert archive([path], tmp_path / "lake").read == 1
    assert not len(read_lake(open_lake(tmp_path / "lake")).rejected)


def test_other_settings_than_it_was_read_by_are_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "town.csv", incident_rows(30))
    archive([path], tmp_path / "lake", read_as=ReadAs(date_format="month-first"))
    with pytest.raises(LakeError, match="read with other columns, dates or sheets"):
        read_inputs(Settings(inputs=(tmp_path / "lake",)))
    asked = Settings(inputs=(tmp_path / "lake",), date_format="month-first")
    assert len(read_inputs(asked)) == 30
    with pytest.raises(UsageError, match="beside other inputs"):
        read_inputs(Settings(inputs=(tmp_path / "lake", path)))


def test_what_is_no_lake(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="is no lake"):
        open_lake(tmp_path)
    (tmp_path / "mine.txt").write_text("x")
    path = write_rows(tmp_path / "town.csv", incident_rows(30))
    with pytest.raises(OutputError, match="holds other things than a lake"):
        archive([path], tmp_path)
    archive([path], tmp_path / "lake")
    (tmp_path / "lake" / RECORD).write_text("{")
    with pytest.raises(LakeError, match="is damaged"):
        open_lake(tmp_path / "lake")
    assert archive([path], tmp_path / "lake").read == 1
    record = json.loads((tmp_path / "lake" / RECORD).read_text())
    (tmp_path / "lake" / RECORD).write_text(json.dumps({**record, "format": -1}))
    with pytest.raises(LakeError, match="is of another version"):
        open_lake(tmp_path / "lake")


def test_a_lake_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch) -> None:
    path = write_rows(tmp_path / "town.csv", incident_rows(30))
    with pytest.raises(OutputError, match=r"The lake .*town\.csv/lake cannot be made"):
        archive([path], path / "lake")
    (tmp_path / "lake" / JOURNAL).mkdir(parents=True)
    with pytest.raises(OutputError, match=r"The lake .*lake cannot be written: Is a directory"):
        archive([path], tmp_path / "lake")
    (tmp_path / "lake" / JOURNAL).rmdir()
    with (
        FileLock(tmp_path / "lake" / ".lock"),
        pytest.raises(OutputError, match="is being written by another command"),
    ):
        archive([path], tmp_path / "lake")

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archiving, "write_whole", full)
    with pytest.raises(OutputError, match="The record of the lake cannot be written: No space left"):
        archive([path], tmp_path / "lake")


def test_identifiers_of_64_signs_need_not_be_hexadecimal(tmp_path: Path) -> None:
    path = street_file(tmp_path / "rows.csv", [row(n, **{"Crime ID": f"{n}z" * 32}) for n in range(3)])
    archive([path], tmp_path / "lake")
    assert_same(tmp_path / "lake", [path])


def test_a_folder_that_is_one_source_is_known_by_its_content_and_counts_as_much(tmp_path: Path) -> None:
    (tmp_path / "x.gdb").mkdir()
    (tmp_path / "x.gdb" / "a").write_bytes(b"one")
    source = Source("x.gdb", tmp_path / "x.gdb", "geodatabase")
    before = archiving._stamp(source)
    assert archiving._stamp(source) == before and archiving._bytes(source) > archiving.LITTLE
    (tmp_path / "x.gdb" / "a").write_bytes(b"two")
    assert archiving._stamp(source) != before


def test_a_lake_of_other_code_is_told_or_refused(tmp_path: Path, monkeypatch) -> None:
    path, lake = write_rows(tmp_path / "town.csv", incident_rows(30)), tmp_path / "lake"
    _make_old(tmp_path)
    archive([path], lake)
    assert not read_lake(open_lake(lake)).report.warnings
    with monkeypatch.context() as later:
        later.setattr("hotspots.scale.parts.LAYOUT", 99)
        with pytest.raises(LakeError, match=r"rows of town\.csv, was written by another version"):
            read_lake(open_lake(lake))
    monkeypatch.setattr("hotspots.scale.lake.code_version", lambda: "other")
    found = read_lake(open_lake(lake))
    assert len(found) == 30 and "made by another version of the code" in found.report.warnings[0]
    monkeypatch.undo()
    record = (lake / RECORD).read_text()
    (lake / RECORD).write_text(record.replace('"bare"', '"nude"'))
    with pytest.raises(LakeError, match="is damaged"):
        open_lake(lake)
    assert archive([path], lake).read == 1


def test_what_a_killed_command_left_half_written_goes(tmp_path: Path) -> None:
    path, lake = write_rows(tmp_path / "town.csv", incident_rows(30)), tmp_path / "lake"
    archive([path], lake)
    folder = next((lake / "parts").iterdir())
    (folder / ".killed.new").write_text("half")
    archive([path], lake)
    assert [one.suffix for one in folder.iterdir()] == [".parquet"]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    path = write_rows(tmp_path / "town.csv", incident_rows(30))
    monkeypatch.setattr("hotspots.scale.parts.os.fdopen", full)
    with pytest.raises(OutputError, match="No space left on device"):
        archive([path], tmp_path / "lake")
    assert not is_lake(tmp_path / "lake")
    assert not list((tmp_path / "lake").rglob("*.new"))
