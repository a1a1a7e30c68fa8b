"""
The command line: it checks words, calls the library and prints.

Data go to standard output, commentary and progress to standard error. Nothing
heavy is imported until a command needs it, so that --help answers at once.
"""

from __future__ import annotations

import json as json_module
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from hotspots._version import __version__
from hotspots.errors import HotspotsError, OutputError, StrictError
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.settings import Settings

app = typer.Typer(
    name="hotspots",
    help="From incident files to hot spot maps, ward profiles and tables.",
    epilog="Exit codes: 0 done; 1 unexpected; 2 usage; 3 input or configuration at fault; 4 data missing; "
    "5 network; 6 finished with warnings under --strict; 130 interrupted; 143 terminated.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
fetch_app = typer.Typer(
    help="Bring open data from its publisher: the only commands that use the network.", no_args_is_help=True
)
app.add_typer(fetch_app, name="fetch")

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(metavar="INPUT", help="Files, folders or zips; none for the synthetic sample."),
]
Dedupe = Annotated[
    bool | None,
    typer.Option(
        "--dedupe-source",
        envvar="HOTSPOTS_DEDUPE_SOURCE",
        show_envvar=False,
        help="Count one of each row where a month holds every row of a type twice, or two files overlap.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No commentary; warnings are still told.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit 6 if a row of the area was rejected or a warning given.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the code an error arose.")]
Folder = Annotated[Path | None, typer.Option("--folder", help="Where to put it, instead of the usual place.")]


def _option(*names: str, text: str, env: bool = True, **more: Any) -> Any:
    variable = "HOTSPOTS_" + names[0].lstrip("-").replace("-", "_").upper() if env else None
    return typer.Option(*names, help=text, envvar=variable, show_envvar=False, **more)


Config = Annotated[Path | None, _option("--config", text="A hotspots.toml with settings and column mapping.")]
Area = Annotated[
    str | None, _option("--area", text="GSS code of the local authority (default: E06000015, Derby).")
]
Boundaries = Annotated[
    Path | None, _option("--boundaries", text="Folder of area layers to use instead of the shipped ones.")
]
Wards = Annotated[
    str | None,
    _option("--wards", text="Ward vintage: 2003 or 2023, others with --boundaries (default: 2023)."),
]
Lsoas = Annotated[
    str | None,
    _option("--lsoas", text="LSOA vintage: 2011 or 2021, others with --boundaries (default: 2021)."),
]
From = Annotated[str | None, _option("--from", text="First month, YYYY-MM.", metavar="MONTH")]
To = Annotated[str | None, _option("--to", text="Last month, YYYY-MM.", metavar="MONTH")]
ThemeRules = Annotated[
    Path | None, _option("--theme-rules", text="Themes of your own: a file shaped like data/themes.toml.")
]
Force = Annotated[str | None, _option("--force", text="Read only this force's files of an archive.")]
DateFormat = Annotated[str | None, _option("--date-format", text="How dates are written, such as %d/%m/%Y.")]
Sheet = Annotated[str | None, _option("--sheet", text="Sheet of a workbook to read.")]
Postcodes = Annotated[
    Path | None,
    _option("--postcodes", text="ONSPD, NSPL or Code-Point Open file, for rows located by postcode."),
]
Ostn15 = Annotated[Path | None, _option("--ostn15", text="OSTN15 grid, for coordinates within a centimetre.")]


def _version(value: bool) -> None:
    if value:
        print(f"hotspots {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From incident files to hot spot maps, ward profiles and tables."""


@app.command()
def run(
    inputs: Inputs = None,
    out: Annotated[Path | None, _option("--out", "-o", text="Folder to write (default: maps).")] = None,
    config: Config = None,
    area: Area = None,
    boundaries: Boundaries = None,
    wards: Wards = None,
    lsoas: Lsoas = None,
    from_month: From = None,
    to_month: To = None,
    themes: Annotated[
        list[str] | None,
        _option("--theme", text="Only this theme, by its name in `hotspots themes` (repeat for more)."),
    ] = None,
    theme_rules: ThemeRules = None,
    audience: Annotated[
        str | None,
        _option("--audience", text="Who will see it: internal, partner or public (default: internal)."),
    ] = None,
    marking: Annotated[str | None, _option("--marking", text="Security marking for every page.")] = None,
    seed: Annotated[int | None, _option("--seed", text="Seed of every random draw.")] = None,
    top: Annotated[
        int | None, _option("--top", text="How many areas the ranking calls its top (default: 3).")
    ] = None,
    harm: Annotated[
        str | None, _option("--harm", text="Harm index beside the counts: cambridge or ons.")
    ] = None,
    force: Force = None,
    date_format: DateFormat = None,
    sheet: Sheet = None,
    dedupe_source: Dedupe = None,
    postcodes: Postcodes = None,
    ostn15: Ostn15 = None,
    backdrop: Annotated[
        Path | None, _option("--backdrop", text="Georeferenced raster to lay under the map.")
    ] = None,
    context: Annotated[
        Path | None, _option("--context", text="Roads, rail or water as GeoPackage or GeoJSON.")
    ] = None,
    tiles: Annotated[str | None, _option("--tiles", text="URL template of your own tile server.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    strict: Strict = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Analyse and report, write nothing.")] = False,
    debug: Debug = False,
) -> None:
    """Analyse incidents and write the map, ward profiles and tables."""
    words = locals()
    with _errors_told(debug=debug):
        settings = _settings(words)
        from hotspots import terminal
        from hotspots.analysis import analyse_files
        from hotspots.outputs.folder import check_target
        from hotspots.pages.map_below import check_layers

        check_layers(backdrop=settings.backdrop, tiles=settings.tiles, context=settings.context)
        if not dry_run:
            check_target(settings.out)
        with _progress(quiet=quiet) as tell:
            analysis = analyse_files(settings, progress=tell)
            if dry_run:
                record = analysis.record()
            else:
                record = analysis.publish(settings.out, progress=tell)
        _warn(analysis.warnings)
        if json:
            _print_json(record)
        else:
            _say(terminal.run_text(record, None if dry_run else settings.out))
        _be_strict(strict, analysis.warnings, analysis.rejected)


@app.command()
def check(
    inputs: Inputs = None,
    config: Config = None,
    area: Area = None,
    boundaries: Boundaries = None,
    wards: Wards = None,
    lsoas: Lsoas = None,
    from_month: From = None,
    to_month: To = None,
    theme_rules: ThemeRules = None,
    force: Force = None,
    date_format: DateFormat = None,
    sheet: Sheet = None,
    dedupe_source: Dedupe = None,
    postcodes: Postcodes = None,
    ostn15: Ostn15 = None,
    rejects: Annotated[
        Path | None,
        typer.Option("--rejects", help="Write file, row and reason of each rejected row to this CSV."),
    ] = None,
    json: Json = False,
    strict: Strict = False,
    debug: Debug = False,
) -> None:
    """Read, validate and geocode; print the report and write nothing."""
    words = locals()
    with _errors_told(debug=debug):
        settings = _settings(words)
        from hotspots import terminal
        from hotspots.checking import check_files

        if rejects:
            from hotspots.outputs.folder import check_rejects_target

            check_rejects_target(rejects)
        checked = check_files(settings)
        if rejects:
            checked.write_rejects(rejects)
        if json:
            _print_json(checked.as_dict())
        else:
            _say(terminal.check_text(checked.as_dict()))
        _be_strict(strict, checked.warnings, checked.rejected)


@app.command("themes")
def list_themes(
    theme_rules: ThemeRules = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List the themes, their rules and what data can show of them."""
    with _errors_told(debug=debug):
        from hotspots import terminal
        from hotspots.themes.themes import describe, load_themes

        rows = describe(load_themes(theme_rules))
        if json:
            _print_json(rows)
        else:
            _say(terminal.themes_text(rows))


@app.command()
def cite() -> None:
    """Say how to cite this software and the data that it ships."""
    with _errors_told(debug=False):
        from hotspots import terminal

        _say(terminal.citation())


@app.command()
def doctor(debug: Debug = False) -> None:
    """Say which versions, data and optional pieces this installation has."""
    with _errors_told(debug=debug):
        from hotspots import terminal

        _say(terminal.installation())


@fetch_app.command("boundaries")
def fetch_boundaries(area: Area = None, folder: Folder = None, debug: Debug = False) -> None:
    """Bring the official wards and LSOAs of an authority (Office for National Statistics)."""
    with _errors_told(debug=debug):
        from hotspots.fetching import publishers
        from hotspots.settings import Settings

        _print_paths(publishers.fetch_boundaries(area or Settings().area, folder=folder))


@fetch_app.command("police")
def fetch_police(
    from_month: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.", metavar="MONTH")],
    to_month: Annotated[
        str | None, typer.Option("--to", help="Last month, YYYY-MM (default: the first).", metavar="MONTH")
    ] = None,
    area: Area = None,
    boundaries: Boundaries = None,
    force: Annotated[
        str, typer.Option("--force", help="The area's force, as data.police.uk/api/forces calls it.")
    ] = "derbyshire",
    folder: Folder = None,
    debug: Debug = False,
) -> None:
    """Bring street crime inside the area, month by month (data.police.uk)."""
    with _errors_told(debug=debug):
        from hotspots.settings import Settings

        settings = Settings(
            from_month=from_month, to_month=to_month or from_month, area=area or Settings().area
        )
        from hotspots.fetching import publishers
        from hotspots.geography.load import load_areas
        from hotspots.months import months_between

        outline = load_areas(folder=boundaries, area=settings.area).outline
        months = months_between(settings.from_month, settings.to_month)
        _print_paths(publishers.fetch_police(months, outline=outline, force=force, folder=folder))


@fetch_app.command("population")
def fetch_population(folder: Folder = None, debug: Debug = False) -> None:
    """Bring residents and households of the fetched LSOAs (Nomis, census 2021)."""
    with _errors_told(debug=debug):
        from hotspots.fetching import publishers

        _print_paths(publishers.fetch_population(folder=folder))


@fetch_app.command("postcodes")
def fetch_postcodes(folder: Folder = None, debug: Debug = False) -> None:
    """Bring Code-Point Open, every live postcode (Ordnance Survey)."""
    with _errors_told(debug=debug):
        from hotspots.fetching import publishers

        _print_paths(publishers.fetch_postcodes(folder=folder))


@fetch_app.command("ostn15")
def fetch_ostn15(folder: Folder = None, debug: Debug = False) -> None:
    """Bring the OSTN15 grid for conversions better than a metre (Ordnance Survey)."""
    with _errors_told(debug=debug):
        from hotspots.fetching import publishers

        _print_paths(publishers.fetch_ostn15(folder=folder))


def main() -> NoReturn:
    """Run the command line; the entry point of the installed script."""
    signal.signal(signal.SIGTERM, _terminate)
    if hasattr(signal, "SIGPIPE"):
        # A reader that leaves early, such as head, ends the output and not the run.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        # A street called Café must not end a run on an ASCII terminal.
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app()
    sys.exit(0)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    # As an exception, so that temporary folders are removed on the way out.
    raise SystemExit(143)


def _settings(words: Mapping[str, Any]) -> Settings:
    """Resolve a command's words; each flag that steers a run is named as the setting."""
    from hotspots.reading.dates import run_date
    from hotspots.settings import Settings, resolve

    # Libraries read SOURCE_DATE_EPOCH when they load, and end in a traceback where it is no number.
    run_date()
    names = {field.name for field in fields(Settings)}
    given = {name: value for name, value in words.items() if name in names}
    lists = {name: tuple(value) or None for name, value in given.items() if isinstance(value, list)}
    return resolve({**given, **lists}, config=words["config"])


@contextmanager
def _errors_told(*, debug: bool) -> Iterator[None]:
    """Turn an error into one line and an exit code."""
    try:
        yield
    except (typer.Exit, SystemExit):
        raise
    except BrokenPipeError:
        # A reader that has seen enough, such as head, is no fault.
        _close_stdout()
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        _fail("Interrupted; the earlier outputs are as they were.", 130, debug=debug)
    except HotspotsError as error:
        _fail(str(error), error.exit_code, debug=debug)
    except MemoryError:
        _fail("Not enough memory for this input; the earlier outputs are as they were.", 1, debug=debug)
    except Exception as error:  # noqa: BLE001 - the last line of defence names the kind, never the values
        _fail(
            f"Unexpected {type(error).__name__}; the earlier outputs are as they were. "
            "Run again with --debug and report what it shows.",
            1,
            debug=debug,
        )


def _fail(message: str, code: int, *, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"hotspots: {message}", file=sys.stderr)
    raise SystemExit(code)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    """Lend a function that tells each step: a spinner on a terminal, plain lines elsewhere."""
    if quiet:
        yield lambda _text: None
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield console.print
        return
    with console.status("Starting") as status:
        yield status.update


def _warn(warnings: tuple[str, ...]) -> None:
    for text in warnings:
        print(f"warning: {text}", file=sys.stderr)


def _be_strict(strict: bool, warnings: tuple[str, ...], rejected: pd.DataFrame) -> None:
    # a force's file holds its whole county: a row outside the area is no fault
    n_rejected = int((rejected["reason"] != "outside_area").sum())
    if strict and (warnings or n_rejected):
        raise StrictError(
            f"Finished with {counted(len(warnings), 'warning')} and {counted(n_rejected, 'rejected row')}, "
            "and --strict was given."
        )


def _say(text: str) -> None:
    """Print on standard output at once, so that a full disk or a closed pipe is met here and not at exit."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        _close_stdout()
        raise OutputError(f"Standard output could not be written: {error.strerror}.") from error


def _print_json(record: Any) -> None:
    _say(json_module.dumps(record, indent=2, ensure_ascii=False, allow_nan=False))


def _print_paths(paths: tuple[Path, ...]) -> None:
    for path in paths:
        _say(str(path))


def _close_stdout() -> None:
    # Python would complain about the broken pipe once more while it shuts down.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
