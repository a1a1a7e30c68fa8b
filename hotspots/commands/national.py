"""`hotspots national`: every authority of a lake, a folder each, and an index of all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotspots.commands import _options as options
from hotspots.commands._asking import settings_of
from hotspots.commands._telling import errors_told, say, say_json, steps_told
from hotspots.errors import UsageError
from hotspots.text import counted

EXAMPLES = (
    "hotspots national lake --boundaries layers/ --out country",
    "hotspots national lake --boundaries layers/ --out country --areas E06000015,E06000016",
    "hotspots national lake --boundaries layers/ --out country --areas Derbyshire",
    "hotspots national lake --boundaries layers/ --out country --resume --workers 8",
)


def command(
    lake: Annotated[Path, typer.Argument(metavar="LAKE", help="From `hotspots archive`.")],
    config: options.Config = None,
    force: options.Force = None,
    postcodes: options.Postcodes = None,
    ostn15: options.Ostn15 = None,
    boundaries: options.Boundaries = None,
    wards: options.Wards = None,
    lsoas: options.Lsoas = None,
    from_month: options.From = None,
    to_month: options.To = None,
    themes: options.Themes = None,
    theme_rules: options.ThemeRules = None,
    seed: options.Seed = None,
    top: options.Top = None,
    harm: options.Harm = None,
    out: Annotated[
        Path | None,
        options.option("--out", "-o", text="Folder of the country.", group=options.WRITE, env=False),
    ] = None,
    audience: options.Audience = None,
    marking: options.Marking = None,
    areas: Annotated[
        str,
        options.option(
            "--areas",
            text="all, or GSS codes, names and forces with commas between them.",
            group=options.PLACE,
            env=False,
        ),
    ] = "all",
    resume: Annotated[
        bool,
        options.flag("--resume", text="Go on where an interrupted command ended.", group=options.WORK),
    ] = False,
    engine: options.EngineName = "local",
    workers: options.Workers = 0,
    memory: options.Memory = 0,
    scheduler: options.Scheduler = "",
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Analyse every authority of a lake."""
    words = {name: value for name, value in locals().items() if name not in ("lake", "areas", "engine")}
    with errors_told(debug=debug):
        if out is None:
            raise UsageError("Name the folder of the country: --out country.")
        settings = settings_of(words)
        if settings.boundaries is None:
            raise UsageError("Name the layers of all authorities: --boundaries layers/.")
        from hotspots.loading import check_names
        from hotspots.nationwide import national
        from hotspots.scale.choosing import choose_engine

        check_names(settings)
        with steps_told(quiet=quiet) as steps:
            steps("Analysing authorities")
            record = national(
                lake,
                boundaries=settings.boundaries,
                settings=settings,
                areas=areas,
                engine=choose_engine(engine, workers=workers, scheduler=scheduler, memory=memory),
                resume=resume,
                tell=steps.count,
            )
        if json:
            say_json(record)
            return
        lines = [f"{code}: {why}" for code, why in record["refused"].items()]
        told = f"{counted(len(record['authorities']), 'authority').replace('authoritys', 'authorities')}"
        say("\n".join([*lines, f"{told} analysed.", f"Open {out / 'index.html'}"]))
