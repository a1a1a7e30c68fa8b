"""
Incidents from a database: one query, read-only, laid down as a table that is read like any other file.

PostgreSQL (PostGIS geometry too) and SQL Server go through SQLAlchemy, DuckDB through its own package, SQLite
through Python's. SQL Server has not been tried. A password never stands in an address: it would be kept by
shells and process lists.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspots.errors import DataMissingError, InputError, UsageError
from hotspots.reading.cell import attribute_text
from hotspots.text import safe_text

if TYPE_CHECKING:
    import pyarrow as pa

#: Addresses that are understood, and what SQLAlchemy calls them.
SERVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "mssql": "mssql+pyodbc",
    "mssql+pyodbc": "mssql+pyodbc",
}
FILES: Final = {".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite", ".duckdb": "duckdb"}
#: Where a password may stand; PostgreSQL's own PGPASSWORD and ~/.pgpass are heeded too.
PASSWORD: Final = "HOTSPOTS_DATABASE_PASSWORD"  # noqa: S105 - a name
PASSWORD_FILE: Final = "HOTSPOTS_DATABASE_PASSWORD_FILE"  # noqa: S105 - a name
_EXTRA: Final = 'Reading {} needs the extra "databases": pip install "derby-hotspots[databases]".'
_CHUNK: Final = 50_000
# A path has lost one of the two slashes after the colon, and on Windows both are turned.
_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+]{2,}):/{1,2}(?!/)", re.IGNORECASE)


def is_database(given: str | os.PathLike[str]) -> bool:
    """Tell whether an input is the address of a database or a database file."""
    return _address(given) is not None or Path(given).suffix.lower() in FILES


@contextmanager
def tables_laid_down(
    given: Iterable[str | os.PathLike[str]], *, query: Path | str | None
) -> Iterator[list[str | os.PathLike[str]]]:
    """
    Lend the inputs with each database replaced by a file of what the query gives.

    The files lie in a folder of the user alone and are gone when the block ends.

    Parameters
    ----------
    given : iterable of path-like
        Inputs as the user named them.
    query : Path or str, optional
        A file with one SELECT. A database file with a single table needs none.

    Raises
    ------
    UsageError
        If an address holds a password or a query is missing or without a database.
    InputError
        If the database refuses, or gives nothing; never with what it said of rows or of who asked.
    DataMissingError
        If the extra is not installed.
    """
    inputs = list(given)
    databases = [one for one in inputs if is_database(one)]
    if query is not None and not databases:
        raise UsageError("--query needs a database among the inputs, such as postgresql://server/name.")
    if not databases:
        yield inputs
        return
    statement = None if query is None else _statement(Path(query))
    name = "table" if query is None else Path(query).stem
    with tempfile.TemporaryDirectory(prefix="hotspots-") as folder:
        laid: list[str | os.PathLike[str]] = [one for one in inputs if not is_database(one)]
        for number, one in enumerate(databases):
            place = Path(folder) / str(number)
            place.mkdir(mode=0o700)
            path = place / f"{safe_text(name)}.parquet"
            _write(path, *_ask(one, statement))
            laid.append(path)
        yield laid


def _statement(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig").strip().rstrip(";").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"The query {safe_text(path.name)} cannot be read: check --query.") from None
    if not re.match(r"(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*(?:select|with)\b", text, re.IGNORECASE | re.DOTALL):
        raise UsageError(f"The query {safe_text(path.name)} must be one SELECT: nothing else is run.")
    return text


def _ask(given: str | os.PathLike[str], statement: str | None) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns and their values as text."""
    address = _address(given)
    if address is None:
        path = Path(given)
        if not path.is_file():
            raise InputError(f"The database {safe_text(path)} does not exist.")
        return _ask_file(path, statement)
    if statement is None:
        raise UsageError("A database needs --query FILE.sql: a SELECT that gives one row an incident.")
    return _ask_server(address, statement)


def _address(given: str | os.PathLike[str]) -> str | None:
    text = os.fspath(given).replace("\\", "/") if isinstance(given, os.PathLike) else str(given)
    found = _ADDRESS.match(text)
    if found is None or not (found[1].lower() in SERVERS or "://" in text):
        return None
    return f"{found[1].lower()}://{text[found.end() :]}"


def _ask_server(address: str, statement: str) -> tuple[list[str], list[list[str]]]:
    scheme = address.partition("://")[0]
    if scheme not in SERVERS:
        raise UsageError(
            f"A database at {scheme}:// is not read: give postgresql:// or mssql://, "
            "or a SQLite or DuckDB file."
        )
    try:
        import sqlalchemy as sa
    except ImportError:
        raise DataMissingError(_EXTRA.format("a database")) from None
    try:
        url = sa.make_url(address).set(drivername=SERVERS[scheme])
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(
            "The address of the database is not one: write postgresql://user@server/name."
        ) from None
    if url.password is not None or {"password", "pwd"} & {key.lower() for key in url.query}:
        raise UsageError(
            "The address of the database holds a password, which shells and process lists keep: leave it "
            f"out, and give it by {PASSWORD}, by {PASSWORD_FILE}, or by ~/.pgpass."
        )
    secret = _password()
    try:
        engine = sa.create_engine(url.set(password=secret) if secret else url, poolclass=sa.pool.NullPool)
    except ImportError:
        raise DataMissingError(_EXTRA.format("this database")) from None
    # `postgresql_readonly` opens a transaction in which the server itself refuses every change.
    options = {"postgresql_readonly": True, "stream_results": True}
    try:
        with engine.connect().execution_options(**options) as connection:
            # A colon or a per cent sign in the query is itself, and no place for a value.
            plain = sa.text(statement.replace(":", "\\:"))
            result = connection.execution_options(yield_per=_CHUNK).execute(plain)
            names = list(result.keys())
            return _columns(names, (list(part) for part in result.partitions()))
    except sa.exc.SQLAlchemyError as error:
        raise _refused(url.host or "the server", error, getattr(error, "orig", None)) from None


def _refused(where: str, error: Exception, driver: BaseException | None) -> InputError:
    """Say that a database refused by the kind of fault alone: its own words may hold values and names."""
    kind = type(driver or error).__name__
    state = getattr(driver, "sqlstate", "") or ""
    said = f"{kind}, SQLSTATE {state}" if state else kind
    return InputError(
        f"The database at {safe_text(where)} refused the query ({said}): check its address, the password "
        "and the query. It was asked in a transaction that changes nothing."
    )


def _password() -> str:
    if direct := os.environ.get(PASSWORD):
        return direct
    if named := os.environ.get(PASSWORD_FILE):
        try:
            return Path(named).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"The file that {PASSWORD_FILE} names cannot be read.") from None
    return ""


def _ask_file(path: Path, statement: str | None) -> tuple[list[str], list[list[str]]]:
    kind = FILES[path.suffix.lower()]
    connection, faults = _opened(path, kind)
    with closing(connection):
        try:
            query = statement or _only_table(path, connection, kind)
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            return _columns(names, iter(lambda: cursor.fetchmany(_CHUNK), []))
        except faults as error:
            raise _refused(path.name, error, None) from None


def _opened(path: Path, kind: str) -> tuple[Any, tuple[type[Exception], ...]]:
    """Open a database file so that nothing can change it."""
    if kind == "sqlite":
        import sqlite3

        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True), (sqlite3.Error,)
    try:
        import duckdb
    except ImportError:
        raise DataMissingError(_EXTRA.format("DuckDB")) from None
    try:
        # A file of a stranger's shall not make DuckDB read others or fetch from the network.
        settings: dict[str, Any] = {
            "enable_external_access": "false",
            "autoinstall_known_extensions": "false",
        }
        return duckdb.connect(str(path), read_only=True, config=settings), (duckdb.Error,)
    except duckdb.Error as error:
        raise _refused(path.name, error, None) from None


def _only_table(path: Path, connection: Any, kind: str) -> str:
    schema = (
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        if kind == "sqlite"
        else "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
    )
    names = sorted(str(row[0]) for row in connection.execute(schema).fetchall())
    if len(names) != 1:
        shown = ", ".join(safe_text(name) for name in names[:8]) or "none"
        raise UsageError(
            f"{safe_text(path.name)} holds {len(names)} tables ({shown}): "
            "give a SELECT with --query FILE.sql."
        )
    quoted = names[0].replace('"', '""')
    return f'SELECT * FROM "{quoted}"'  # noqa: S608 - a name that the database gave, quoted


def _columns(
    names: Sequence[str], parts: Iterable[Sequence[Sequence[Any]]]
) -> tuple[list[str], list[list[str]]]:
    columns: list[list[str]] = [[] for _ in names]
    for part in parts:
        for row in part:
            for column, value in zip(columns, row, strict=True):
                column.append(_text(value))
    if not names or not columns[0]:
        raise InputError("The query gives no row: check it, and the period.")
    return list(names), columns


def _text(value: Any) -> str:
    """Write a value as a file would hold it; bytes as the hexadecimal that PostGIS writes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex().upper()
    return attribute_text(value)


def _write(path: Path, names: list[str], columns: list[list[str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(set(names)) < len(names):
        raise InputError("The query gives two columns of one name: name them apart with AS.")
    table: pa.Table = pa.table([pa.array(column, pa.string()) for column in columns], names=names)
    pq.write_table(table, path)
