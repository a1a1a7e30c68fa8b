"""Databases: SQLite and DuckDB files, and a real PostgreSQL with PostGIS that the tests start."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from itertools import takewhile
from pathlib import Path

import pytest
import shapely

from hotspots.errors import DataMissingError, InputError, UsageError
from hotspots.reading.database import PASSWORD, PASSWORD_FILE, _password, is_database, tables_laid_down
from hotspots.reading.incidents import read_incidents

ROWS = [("2024-01-05 10:30:00", "Drugs", -1.47, 52.92), ("2024-01-20 23:10:00", "Burglary", -1.46, 52.93)]
SELECT = "-- one row an incident\nSELECT * FROM incidents;\n"


@pytest.fixture
def query(tmp_path):
    path = tmp_path / "incidents.sql"
    path.write_text(SELECT, encoding="utf-8")
    return path


def sqlite_file(path: Path, *, tables: int = 1) -> Path:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE incidents (Date TEXT, [Crime type] TEXT, lon REAL, lat REAL)")
        connection.executemany("INSERT INTO incidents VALUES (?, ?, ?, ?)", ROWS)
        for number in range(1, tables):
            connection.execute(f"CREATE TABLE other{number} (x)")
    connection.close()
    return path


def check(read) -> None:
    assert read.frame["crime_type"].astype(str).tolist() == ["Drugs", "Burglary"]
    assert read.frame["longitude"].tolist() == [-1.47, -1.46]
    assert read.resolution == "time"


class TestFiles:
    """Databases that are a file."""

    @pytest.mark.parametrize("suffix", [".sqlite", ".db", ".sqlite3"])
    def test_sqlite_with_and_without_a_query(self, tmp_path, query, suffix):
        path = sqlite_file(tmp_path / f"town{suffix}")
        check(read_incidents(path, query=query))
        check(read_incidents(path))

    def test_duckdb_with_and_without_a_query(self, tmp_path, query):
        duckdb = pytest.importorskip("duckdb")
        path = tmp_path / "town.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                'CREATE TABLE incidents ("Date" TIMESTAMP, "Crime type" TEXT, lon DOUBLE, lat DOUBLE)'
            )
            connection.executemany("INSERT INTO incidents VALUES (?, ?, ?, ?)", ROWS)
        check(read_incidents(path, query=query))
        check(read_incidents(path))

    def test_several_tables_need_a_query(self, tmp_path):
        path = sqlite_file(tmp_path / "town.sqlite", tables=3)
        with pytest.raises(UsageError, match=r"holds 3 tables \(incidents, other1, other2\): give a SELECT"):
            read_incidents(path)

    def test_nothing_is_left_behind(self, tmp_path, query):
        path = sqlite_file(tmp_path / "town.sqlite")
        with tables_laid_down([path], query=query) as (laid,):
            assert laid.stat().st_size and not laid.parent.stat().st_mode & 0o077
        assert not laid.parent.parent.exists()

    def test_a_change_is_refused_before_anything_is_asked(self, tmp_path):
        path, wrong = sqlite_file(tmp_path / "town.sqlite"), tmp_path / "wrong.sql"
        wrong.write_text("DELETE FROM incidents", encoding="utf-8")
        with pytest.raises(UsageError, match=r"wrong\.sql must be one SELECT"):
            read_incidents(path, query=wrong)

    def test_faults_never_give_the_database_s_words(self, tmp_path):
        path, wrong = sqlite_file(tmp_path / "town.sqlite"), tmp_path / "wrong.sql"
        wrong.write_text("SELECT secret_column FROM incidents", encoding="utf-8")
        with pytest.raises(InputError, match=r"refused the query \(OperationalError\)") as caught:
            read_incidents(path, query=wrong)
        assert "secret_column" not in str(caught.value)

    def test_two_columns_of_one_name_are_refused(self, tmp_path):
        path, twice = sqlite_file(tmp_path / "town.sqlite"), tmp_path / "twice.sql"
        twice.write_text("SELECT Date, Date FROM incidents", encoding="utf-8")
        with pytest.raises(InputError, match="two columns of one name: name them apart with AS"):
            read_incidents(path, query=twice)

    def test_a_query_that_cannot_be_read_is_refused(self, tmp_path):
        path = sqlite_file(tmp_path / "town.sqlite")
        for wrong in (tmp_path / "none.sql", tmp_path):
            with pytest.raises(UsageError, match=f"The query .*{wrong.name} cannot be read"):
                read_incidents(path, query=wrong)

    def test_geometry_as_bytes_is_read_as_postgis_writes_it(self, tmp_path, query):
        path = tmp_path / "town.sqlite"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE incidents (Date TEXT, [Crime type] TEXT, geom BLOB)")
            blob = shapely.to_wkb(shapely.Point(435_200, 336_200))
            connection.execute("INSERT INTO incidents VALUES ('2024-01-05', 'Drugs', ?)", (blob,))
        connection.close()
        assert read_incidents(path, query=query).frame["easting"].tolist() == [435_200]

    def test_a_file_that_is_no_duckdb_is_refused_without_its_words(self, tmp_path, query, monkeypatch):
        pytest.importorskip("duckdb")
        path = tmp_path / "town.duckdb"
        path.write_text("a canary")
        with pytest.raises(InputError, match=r"The database at town\.duckdb refused the query \(") as caught:
            read_incidents(path, query=query)
        assert "canary" not in str(caught.value)
        monkeypatch.setitem(sys.modules, "duckdb", None)
        with pytest.raises(DataMissingError, match=r"Reading DuckDB needs the extra"):
            read_incidents(path, query=query)

    def test_no_row_is_said(self, tmp_path):
        path, empty = sqlite_file(tmp_path / "town.sqlite"), tmp_path / "empty.sql"
        empty.write_text("WITH a AS (SELECT 1) SELECT * FROM incidents WHERE 0", encoding="utf-8")
        with pytest.raises(InputError, match="gives no row"):
            read_incidents(path, query=empty)

    def test_a_missing_file_is_said(self, tmp_path):
        with pytest.raises(InputError, match="does not exist"):
            read_incidents(tmp_path / "none.sqlite")


class TestAddresses:
    """What is an address, and what may stand in it."""

    @pytest.mark.parametrize(
        "given", ["postgresql://server/name", Path("postgresql://server/name"), "mssql://s/n"]
    )
    def test_addresses_are_known_though_a_path_loses_a_slash(self, given):
        assert is_database(given)

    @pytest.mark.parametrize("given", ["C:/data/file.csv", "data/file.csv", Path("/x/y.csv")])
    def test_files_are_no_addresses(self, given):
        assert not is_database(given)

    @pytest.mark.parametrize(
        "address", ["postgresql://a:hush@server/name", "postgresql://server/name?password=hush"]
    )
    def test_a_password_in_an_address_is_refused_and_not_repeated(self, query, address):
        pytest.importorskip("sqlalchemy")
        with pytest.raises(UsageError, match="HOTSPOTS_DATABASE_PASSWORD") as caught:
            read_incidents(address, query=query)
        assert "hush" not in str(caught.value)

    def test_an_address_that_is_none_is_refused_and_not_repeated(self, query):
        pytest.importorskip("sqlalchemy")
        with pytest.raises(UsageError, match="is not one: write postgresql://user@server/name") as caught:
            read_incidents("postgresql://hush@server:port/name", query=query)
        assert "hush" not in str(caught.value)

    def test_a_password_comes_from_the_environment_or_a_file_that_it_names(self, tmp_path, monkeypatch):
        for name in (PASSWORD, PASSWORD_FILE):
            monkeypatch.delenv(name, raising=False)
        assert _password() == ""
        (tmp_path / "secret").write_text("a secret \r\n", encoding="utf-8")
        monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "secret"))
        assert _password() == "a secret "
        monkeypatch.setenv(PASSWORD, "another")
        assert _password() == "another"
        monkeypatch.delenv(PASSWORD)
        monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "none"))
        with pytest.raises(UsageError, match=f"The file that {PASSWORD_FILE} names cannot be read"):
            _password()

    def test_a_driver_that_is_missing_is_named(self, query, monkeypatch):
        sqlalchemy = pytest.importorskip("sqlalchemy")

        def missing(*_args, **_options):
            raise ImportError("pyodbc")

        monkeypatch.setattr(sqlalchemy, "create_engine", missing)
        with pytest.raises(DataMissingError, match="Reading this database needs the extra"):
            read_incidents("mssql://server/name", query=query)

    def test_a_server_needs_a_query(self):
        with pytest.raises(UsageError, match=r"needs --query FILE\.sql"):
            read_incidents("postgresql://server/name")

    def test_a_query_needs_a_database(self, tmp_path, query):
        with pytest.raises(UsageError, match="--query needs a database"):
            read_incidents(tmp_path / "a.csv", query=query)

    def test_another_kind_is_refused(self, query):
        with pytest.raises(UsageError, match="mysql:// is not read"):
            read_incidents("mysql://server/name", query=query)

    def test_the_extra_is_named_where_it_is_missing(self, query, monkeypatch):
        monkeypatch.setitem(sys.modules, "sqlalchemy", None)
        with pytest.raises(DataMissingError, match=r'pip install "derby-hotspots\[databases\]"'):
            read_incidents("postgresql://server/name", query=query)


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """Start a PostgreSQL of our own with PostGIS, or skip."""
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL and PostGIS (Debian: postgresql, postgresql-postgis)")
    folder = tmp_path_factory.mktemp("postgres")
    user = None
    if os.geteuid() == 0:
        # The server refuses to run as root.
        user = "postgres"
        shutil.chown(folder, user)
        for parent in takewhile(lambda one: one != Path(tempfile.gettempdir()), folder.parents):
            parent.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*words: str, **options):
        return subprocess.run(words, check=True, capture_output=True, user=user, cwd=folder, **options)

    secret = folder / "secret"
    secret.write_text("a secret/with:signs\n", encoding="utf-8")
    secret.chmod(0o644)
    run(
        str(programs / "initdb"),
        "-D",
        "data",
        "-U",
        "owner",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-N",
    )
    start = [
        f"-o-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off",
        "-l",
        "log",
        "-w",
        "start",
    ]
    run(str(programs / "pg_ctl"), "-D", "data", *start)
    import psycopg

    try:
        with psycopg.connect(
            host="127.0.0.1", port=port, user="owner", password="a secret/with:signs", dbname="postgres"
        ) as own:
            try:
                own.execute("CREATE EXTENSION postgis")
            except psycopg.Error:
                pytest.skip("needs PostGIS (Debian: postgresql-postgis)")
            own.execute("""
                CREATE TABLE incidents AS SELECT * FROM (VALUES
                    (timestamp '2024-01-05 10:30', 'Drugs', ST_SetSRID(ST_Point(435200, 336200), 27700)),
                    (timestamp '2024-01-20 23:10', 'Burglary', ST_SetSRID(ST_Point(435300, 336300), 27700))
                ) AS rows ("Date", "Crime type", geom)""")
            own.execute("""
                CREATE FUNCTION change() RETURNS int LANGUAGE sql AS
                $$ DELETE FROM incidents RETURNING 1 $$""")
        yield f"postgresql://owner@127.0.0.1:{port}/postgres", secret
    finally:
        run(str(programs / "pg_ctl"), "-D", "data", "-m", "immediate", "stop")


class TestPostgres:
    """A real server."""

    @pytest.fixture(autouse=True)
    def password(self, postgres, monkeypatch):
        monkeypatch.setenv("HOTSPOTS_DATABASE_PASSWORD_FILE", str(postgres[1]))

    def test_geometry_of_postgis_is_read(self, postgres, query):
        read = read_incidents(Path(postgres[0]), query=query)
        assert read.frame["crime_type"].astype(str).tolist() == ["Drugs", "Burglary"]
        assert read.frame["easting"].tolist() == [435200, 435300]
        assert read.resolution == "time"
        assert [one.name for one in read.report.sources] == ["incidents.parquet"]

    def test_geometry_in_degrees_is_read(self, postgres, tmp_path):
        path = tmp_path / "degrees.sql"
        path.write_text('SELECT "Date", "Crime type", ST_Transform(geom, 4326) AS g FROM incidents', "utf-8")
        read = read_incidents(postgres[0], query=path)
        assert read.frame["longitude"].tolist() == pytest.approx([-1.4776, -1.4761], abs=2e-3)

    def test_the_server_itself_refuses_a_change(self, postgres, tmp_path, query):
        path = tmp_path / "change.sql"
        path.write_text("SELECT change()", "utf-8")
        with pytest.raises(InputError, match=r"ReadOnlySqlTransaction, SQLSTATE 25006"):
            read_incidents(postgres[0], query=path)
        assert len(read_incidents(postgres[0], query=query)) == 2

    def test_signs_of_sql_are_left_as_they_are(self, postgres, tmp_path):
        path = tmp_path / "like.sql"
        where = """ "Crime type" LIKE '%ru%' AND ':x'::text <> '%s' """
        path.write_text(f"SELECT * FROM incidents WHERE {where}", "utf-8")
        assert len(read_incidents(postgres[0], query=path)) == 1

    def test_a_wrong_password_is_in_no_message(self, postgres, query, monkeypatch):
        monkeypatch.setenv("HOTSPOTS_DATABASE_PASSWORD", "not the word")
        with pytest.raises(InputError, match="refused the query") as caught:
            read_incidents(postgres[0], query=query)
        assert "not the word" not in str(caught.value) and "owner" not in str(caught.value)

    def test_neither_address_nor_password_is_in_the_report(self, postgres, query):
        said = str(read_incidents(postgres[0], query=query).report.as_dict())
        assert "secret" not in said and "127.0.0.1" not in said and "owner" not in said
