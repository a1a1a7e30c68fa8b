"""`hotspots run`: from incident files to the folder of outputs."""

from __future__ import annotations

from collections.abc import Sequence

from hotspots.commands import _options as options
from hotspots.commands._asking import all_settings_of
from hotspots.commands._telling import be_strict, errors_told, say, say_json, steps_told, warn
from hotspots.errors import StrictError, UsageError
from hotspots.settings import Settings
from hotspots.text import counted

EXAMPLES = (
    "hotspots run",
    "hotspots run downloads/ --from 2025-01 --to 2025-12",
    "hotspots run council.xlsx --config council.toml --out reports/2025",
    "hotspots run downloads/ --compare 2024-01..2024-12 2025-01..2025-12",
    "hotspots run downloads/ --audience public --marking OFFICIAL",
    "hotspots run downloads/ --audience public --out july/ --previous june/",
    "hotspots run postgresql://analyst@server/crime --query incidents.sql",
    'hotspots run --area "Derby; Leicester"',
    "hotspots run downloads/ --theme anti-social-behaviour --dry-run",
    "hotspots run downloads/ --word",
)


def command(
    inputs: options.Inputs = None,
    config: options.Config = None,
    force: options.Force = None,
    date_format: options.DateFormat = None,
    sheet: options.Sheet = None,
    dedupe_source: options.Dedupe = None,
    query: options.Query = None,
    postcodes: options.Postcodes = None,
    ostn15: options.Ostn15 = None,
    area: options.Area = None,
    boundaries: options.Boundaries = None,
    wards: options.Wards = None,
    lsoas: options.Lsoas = None,
    from_month: options.From = None,
    to_month: options.To = None,
    compare: options.Compare = None,
    themes: options.Themes = None,
    theme_rules: options.ThemeRules = None,
    denominator: options.OwnDenominator = None,
    seed: options.Seed = None,
    top: options.Top = None,
    harm: options.Harm = None,
    scan: options.Scan = None,
    found_by_patrol: options.FoundByPatrol = None,
    points: options.Points = None,
    zones: options.Zones = None,
    out: options.Out = None,
    audience: options.Audience = None,
    already_public: options.AlreadyPublic = None,
    marking: options.Marking = None,
    backdrop: options.Backdrop = None,
    context: options.Context = None,
    tiles: options.Tiles = None,
    word: options.Word = None,
    also: options.Also = None,
    previous: options.Previous = None,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    debug: options.Debug = False,
) -> None:
    """Analyse incidents and write the map, ward profiles and tables."""
    words = locals()
    with errors_told(debug=debug):
        chosen = all_settings_of(words)
        settings = chosen[0]
        from hotspots import terminal
        from hotspots.analysis import analyse_files
        from hotspots.outputs.folder import check_target
        from hotspots.pages.map_below import check_layers
        from hotspots.pages.word import check_word

        if settings.word:
            check_word()
        check_layers(backdrop=settings.backdrop, tiles=settings.tiles, context=settings.context)
        if len(chosen) > 1:
            if previous:
                raise UsageError("--previous goes with one area at a time: earlier releases are of one each.")
            _several(chosen, dry_run=dry_run, json=json, quiet=quiet, strict=strict)
            return
        if not dry_run:
            check_target(settings.out)
        with steps_told(quiet=quiet) as steps:
            analysis = analyse_files(settings, progress=steps, watch=steps.watch)
            if dry_run:
                record = analysis.record()
            else:
                record = analysis.publish(settings.out, previous=previous or (), progress=steps)
        warn(analysis.warnings)
        if json:
            say_json(record)
        else:
            say(terminal.run_text(record, analysis.release(), None if dry_run else settings.out))
        be_strict(strict, analysis.warnings, analysis.rejected)


def _several(chosen: Sequence[Settings], *, dry_run: bool, json: bool, quiet: bool, strict: bool) -> None:
    """Run each of several authorities, and make the page that leads to them."""
    from hotspots import terminal
    from hotspots.side_by_side import run_side_by_side

    with steps_told(quiet=quiet) as steps:
        done = run_side_by_side(chosen, progress=steps, watch=steps.watch, write=not dry_run)
    warn(done.warnings)
    if json:
        say_json(done.records)
    else:
        out = None if dry_run else chosen[0].out
        say(terminal.side_by_side_text(done.records, done.releases, out))
    if strict and done.warnings:
        raise StrictError(f"Finished with {counted(len(done.warnings), 'warning')}, and --strict was given.")
