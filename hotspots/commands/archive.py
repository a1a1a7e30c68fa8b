"""`hotspots archive`: files to a lake, which is read once and brought up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from hotspots.commands import _options as options
from hotspots.commands._asking import settings_of
from hotspots.commands._telling import errors_told, say, say_json, steps_told, warn
from hotspots.errors import UsageError
from hotspots.text import counted

EXAMPLES = (
    "hotspots archive downloads/ --out lake",
    "hotspots archive 2025-12.zip --out lake --workers 8",
    "hotspots archive https://host/2025.zip s3://bucket/police --out lake",
    "hotspots archive downloads/ --out lake --engine dask --scheduler tcp://office:8786",
    "hotspots run lake --area E06000015",
)


def command(
    inputs: options.Inputs = None,
    config: options.Config = None,
    date_format: options.DateFormat = None,
    sheet: options.Sheet = None,
    out: Annotated[
        Path | None,
        options.option("--out", "-o", text="Folder of the lake.", group=options.WRITE, env=False),
    ] = None,
    mend: Annotated[
        bool,
        options.flag("--mend", text="Check every part, and read anew what is damaged.", group=options.WRITE),
    ] = False,
    engine: options.EngineName = "local",
    workers: options.Workers = 0,
    memory: options.Memory = 0,
    scheduler: options.Scheduler = "",
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Read files once, into a lake that `hotspots run` and `hotspots national` take as input."""
    words = {
        name: value
        for name, value in locals().items()
        if name in ("inputs", "config", "date_format", "sheet", "quiet")
    }
    with errors_told(debug=debug):
        if not inputs:
            raise UsageError("Name the files, folders, zips or addresses that the lake is to hold.")
        if out is None:
            raise UsageError("Name the folder of the lake: --out lake.")
        settings = settings_of(words)
        from hotspots.bringing import bring
        from hotspots.scale.archive import archive
        from hotspots.scale.choosing import choose_engine
        from hotspots.scale.lake import ReadAs

        chosen = choose_engine(engine, workers=workers, scheduler=scheduler, memory=memory)
        with steps_told(quiet=quiet) as steps:
            steps("Copying inputs")
            here = bring(settings.inputs, out, engine=chosen, tell=steps.count)
            steps("Reading incidents")
            done = archive(
                here,
                out,
                read_as=ReadAs(dict(settings.columns), settings.date_format, settings.sheet),
                engine=chosen,
                mend=mend,
                tell=steps.count,
            )
        record = done.as_dict()
        warn(record["warnings"])
        if json:
            say_json(record)
            return
        months = record["months"]
        period = f" of {months[0]} to {months[-1]}" if months else ""
        say(
            f"{counted(record['rows'], 'row')}{period} in {counted(record['sources'], 'file')}: "
            f"{record['read']:,} read now, {record['known']:,} known, {record['left']:,} left the lake.\n"
            f"Next: hotspots run {out.as_posix()} --area CODE"
        )
