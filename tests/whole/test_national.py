"""A country of three small towns: the same bytes by every engine, after a crash, and from files."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from police_lines import HEADER, row
from typer.testing import CliRunner

from hotspots.analysis import analyse_files
from hotspots.auditing.audit import audit_folders
from hotspots.auditing.country import country_leaks, folders_of
from hotspots.auditing.reading import read_published
from hotspots.cli import app
from hotspots.errors import BoundaryError, LakeError, OutputError, ParameterError
from hotspots.geography.projection import to_degrees
from hotspots.nationwide import JOURNAL, national
from hotspots.outputs.national import most_similar
from hotspots.rebuilding import rebuild
from hotspots.scale.archive import archive
from hotspots.scale.lake import open_lake
from hotspots.scale.pool import PoolEngine
from hotspots.settings import Settings

FEW = {"draws": 10, "permutations": 19}
#: Where each town's south-west corner lies; the third has no incidents.
TOWNS = {"E06000901": (440_000, 340_000), "E06000902": (446_000, 340_000), "E06000903": (480_000, 300_000)}
BLOCK = 500


@pytest.fixture(scope="module")
def country(tmp_path_factory) -> Path:
    """Make a folder with a lake of two forces' files and layers of three towns of four wards."""
    place = tmp_path_factory.mktemp("country")
    _write_layers(place / "layers")
    for nth, (force, towns) in enumerate({"north": list(TOWNS)[:2], "south": list(TOWNS)[1:2]}.items()):
        for month in ("2024-01", "2024-02"):
            lines = _incidents(towns, month, seed=10 * nth + int(month[-1]))
            path = place / "police" / f"{month}-{force}-street.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join([HEADER, *lines, ""]))
    archive([place / "police"], place / "lake")
    return place


def _write_layers(folder: Path) -> None:
    folder.mkdir()
    for level, start, cuts in (("WD23", "E05", 2), ("LSOA21", "E01", 4)):
        rows = []
        for town, (code, (x, y)) in enumerate(TOWNS.items()):
            side = 2 * BLOCK / cuts
            for n in range(cuts * cuts):
                east, north = x + side * (n % cuts), y + side * (n // cuts)
                name = f"{start}9{town:02}{n:03}"
                rows.append(
                    (
                        name,
                        f"Part {name}",
                        code,
                        f"Town {town}",
                        shapely.box(east, north, east + side, north + side),
                    )
                )
        columns = [f"{level}CD", f"{level}NM", "LAD23CD", "LAD23NM", "geometry"]
        gpd.GeoDataFrame(rows, columns=columns, crs=27700).to_file(folder / f"{level.lower()}.gpkg")
    codes = [f"E019{town:02}{n:03}" for town in range(3) for n in range(16)]
    figures = [f"{code},{100 + 50 * int(code[5])},{40 + int(code[5])}" for code in codes]
    (folder / "residents_households.csv").write_text("\n".join(["code,residents,households", *figures, ""]))


def _incidents(towns: list[str], month: str, *, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    lines = []
    for code in towns:
        x, y = TOWNS[code]
        points = rng.integers(20, 2 * BLOCK - 20, (12, 2))
        for n, at in enumerate(rng.integers(0, 12, 60).tolist()):
            longitude, latitude = to_degrees([x + points[at, 0]], [y + points[at, 1]])
            lines.append(
                row(
                    1000 * seed + n, Month=month, Longitude=f"{longitude[0]:.6f}",
                    Latitude=f"{latitude[0]:.6f}", LSOA_code="",
                    Crime_type=("Drugs", "Burglary", "Anti-social behaviour")[n % 3],
                )
            )  # fmt: skip
    return lines


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run(country: Path, out: Path, **options) -> dict:
    settings = Settings(out=out, **FEW, **options.pop("settings", {}))
    return national(country / "lake", boundaries=country / "layers", settings=settings, **options)


@pytest.fixture(scope="module")
def serial(country: Path, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("serial") / "out"
    run(country, out)
    return out


def test_every_authority_has_a_folder_and_a_row(serial: Path) -> None:
    record = json.loads((serial / "national.json").read_text())
    assert record["authorities"] == ["E06000901", "E06000902"]
    assert record["refused"] == {"E06000903": "no file of the lake holds a row near it"}
    table = gpd.read_parquet(serial / "authorities.parquet").set_index("code")
    assert table["incidents"].tolist() == [120, 240]
    assert table["residents"].tolist() == [1600, 2400]
    assert table["rate_per_1000"].tolist() == [75, 100]
    themes = gpd.read_parquet(serial / "themes.parquet")
    assert themes.loc[themes["theme"] == "all", "incidents"].tolist() == [120, 240]
    page = (serial / "index.html").read_text()
    assert 'href="areas/E06000902/index.html"' in page and "E06000903: no file" in page
    assert not list(serial.glob(".*"))


def test_a_pool_gives_the_same_bytes(country: Path, serial: Path, tmp_path: Path) -> None:
    run(country, tmp_path / "pool", engine=PoolEngine(2))
    assert digests(tmp_path / "pool") == digests(serial)


def test_a_folder_is_what_a_run_of_the_files_near_it_gives(
    country: Path, serial: Path, tmp_path: Path
) -> None:
    # The first town lies within reach of the first force's files alone.
    files = sorted((country / "police").glob("*-north-*"))
    one = Settings(inputs=tuple(files), area="E06000901", boundaries=country / "layers", **FEW)
    analyse_files(one).publish(tmp_path / "files")
    mine, plain = digests(serial / "areas" / "E06000901"), digests(tmp_path / "files")
    differ = {name for name in plain if mine[name] != plain[name]}
    assert mine.keys() == plain.keys() and differ <= {"run.json", "hotspots.xlsx"}
    records = [
        json.loads((folder / "run.json").read_text())
        for folder in (serial / "areas" / "E06000901", tmp_path / "files")
    ]
    for record in records:
        del record["sources"], record["outputs"]
    assert records[0] == records[1]


def test_an_interrupted_command_goes_on_where_it_was(
    country: Path, serial: Path, tmp_path: Path, monkeypatch
) -> None:
    class Copied:
        def publish(self, out: Path) -> None:
            shutil.copytree(serial / "areas" / out.name, out, dirs_exist_ok=True)

    # What an analysis gives is held elsewhere: here it is which are made.
    monkeypatch.setattr("hotspots.nationwide.analyse", lambda *_args, **_options: Copied())

    class Broken:
        def map(self, task, items, *, batch=1):
            yield 0, task(items[0])
            raise KeyboardInterrupt

    class Counting:
        def map(self, task, items, *, batch=1):
            asked.extend(item.settings.area for item in items)
            yield from ((at, task(item)) for at, item in enumerate(items))

    asked: list[str] = []
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(country, out, engine=Broken())
    assert not (out / "index.html").exists() and (out / JOURNAL).exists()
    run(country, out, engine=Counting(), resume=True)
    assert asked == ["E06000902", "E06000903"]
    assert digests(out) == digests(serial)
    # Other settings are another country: nothing of it stays.
    asked.clear()
    run(country, out, engine=Counting(), resume=True, settings={"audience": "public"})
    assert len(asked) == 3


@pytest.fixture(scope="module")
def public(country: Path, tmp_path_factory) -> Path:
    """Lead from files to a country for the public by two commands; tests that spoil it take a copy."""
    place = tmp_path_factory.mktemp("public")
    (place / "quick.toml").write_text("[run]\ndraws = 10\npermutations = 19\n")
    read = _told("archive", str(country / "police"), "--out", str(place / "lake"), "--json", "--quiet")
    assert json.loads(read)["rows"] == 360
    words = ["--boundaries", str(country / "layers"), "--config", str(place / "quick.toml"), "--workers", "1"]
    words += ["--audience", "public", "--out", str(place / "out")]
    assert "2 authorities analysed." in _told("national", str(place / "lake"), *words)
    return place / "out"


def test_outside_internal_use_nothing_is_said_that_no_folder_says(public: Path, tmp_path: Path) -> None:
    shutil.copytree(public, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "national.json").read_text())
    assert record["refused"] == {"E06000903": "not analysed"} and "rows" not in record
    table = gpd.read_parquet(tmp_path / "out" / "authorities.parquet").set_index("code")
    for code, count in table["incidents"].items():
        folder = json.loads((tmp_path / "out" / "areas" / str(code) / "run.json").read_text())
        assert count == next(one["total"] for one in folder["themes"] if one["slug"] == "all")
    assert table["hit_rate"].isna().all()
    assert (table["incidents"] % 5 == 0).all()
    report = audit_folders([tmp_path / "out"])
    assert report.ok, report.text()
    # Each folder alone, and all of them together.
    assert len(report.attacks) == 3 and report.attacks[-1].bounds.tables
    assert not rebuild(read_published(folders_of(tmp_path / "out")[0])).leaks
    _spoil(tmp_path / "out")
    releases = [read_published(folder) for folder in folders_of(tmp_path / "out")]
    told = sorted(f"{leak.where}: {leak.what}" for leak in country_leaks(tmp_path / "out", releases))
    assert told == [
        "authorities.csv: 1 counts, such as of E06000901, are not what the folders state.",
        "authorities.csv: 1 of rate_per_1000, such as of E06000901, follow from no stated count.",
        "authorities.csv: 1 of rate_per_km2, such as of E06000901, follow from no stated count.",
        "index.html: 3 counts, such as 121, are no figures of the folders.",
        "national.json: It counts the rows that were read.",
        "national.json: It says why 1 authorities have no folder, which may count their rows.",
        "national.json: Its incidents are no sum of what the folders state.",
    ]


def _spoil(out: Path) -> None:
    """Say more of a country than its folders do."""
    record = json.loads((out / "national.json").read_text())
    record |= {"rows": 480, "incidents": 361, "refused": {"E06000903": "2 rows are too few"}}
    (out / "national.json").write_text(json.dumps(record))
    for name, old, new in (
        ("authorities.csv", ",120.0,", ",121,"),
        ("index.html", '<td class="figure">120</td>', '<td class="figure">121</td>'),
    ):
        text = (out / name).read_text(encoding="utf-8-sig")
        assert old in text, text[:600]
        (out / name).write_text(text.replace(old, new), encoding="utf-8")


def test_a_damaged_part_stops_the_country(country: Path, tmp_path: Path) -> None:
    part = country / "lake" / open_lake(country / "lake").entries[0].parts[0].file
    content = part.read_bytes()
    part.write_bytes(content[:-1])
    try:
        with pytest.raises(LakeError, match="is not as it was written"):
            run(country, tmp_path / "out")
    finally:
        part.write_bytes(content)
    assert not (tmp_path / "out" / "national.json").exists()


def test_three_commands_lead_from_files_to_a_country_that_holds(public: Path) -> None:
    assert "Held" in _told("audit", str(public))


def _told(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_what_is_refused(country: Path, serial: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"no such authority\. Did you mean 'E0600090"):
        run(country, tmp_path / "out", areas="E06000900")
    with pytest.raises(OutputError, match="holds E06000902 of an earlier run"):
        run(country, serial, areas="E06000901")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.txt").touch()
    with pytest.raises(OutputError, match="holds other things than a national run"):
        run(country, tmp_path / "mine")
    layers = tmp_path / "layers"
    layers.mkdir()
    frame = gpd.read_file(country / "layers" / "wd23.gpkg").drop(columns=["LAD23CD", "LAD23NM"])
    frame.to_file(layers / "wd23.gpkg")
    with pytest.raises(BoundaryError, match="no layer of wards with the authority of each"):
        national(country / "lake", boundaries=layers, settings=Settings(out=tmp_path / "x", **FEW))


def test_most_similar_goes_by_people_and_ground() -> None:
    table = gpd.GeoDataFrame(
        {
            "code": ["a", "b", "c", "d"],
            "residents": [100.0, 110.0, 10_000.0, np.nan],
            "households": [50.0, 54.0, 3_000.0, 1.0],
            "area_km2": [1.0, 1.1, 5.0, 1.0],
        },
        geometry=[shapely.Point(0, 0)] * 4,
    )
    found = most_similar(table)
    assert found[found["order"] == 1].set_index("code")["similar"].to_dict() == {"a": "b", "b": "a", "c": "b"}
    assert "d" not in set(found["code"]) | set(found["similar"])
    assert most_similar(table.iloc[:1]).empty
