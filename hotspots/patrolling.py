"""What `hotspots patrol` makes: a shift over beats that were chosen for it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from hotspots import schema
from hotspots.analysis import Analysis, Progress, analyse_files
from hotspots.audiences import POLICIES
from hotspots.errors import InputError, UsageError
from hotspots.findings.beats import FEWEST, BeatPlan, find_beats, leaves_out
from hotspots.findings.findings import Findings
from hotspots.geography.roads import read_roads
from hotspots.months import MONTH_PATTERN, month_words, shift_month
from hotspots.reading.incidents import Watch
from hotspots.release.beats import release_beats
from hotspots.release.coarse_beats import walked
from hotspots.release.disclose import disclose
from hotspots.release.release import Release
from hotspots.release.shift import Shift, release_shift
from hotspots.settings import Settings
from hotspots.targeting.patrol import DELIVERED, patrol_plan
from hotspots.targeting.plan import Beats, Walked
from hotspots.targeting.returned import Returned, read_returned
from hotspots.targeting.tally import hours_by_place
from hotspots.text import nearest
from hotspots.themes.themes import classify, load_themes, select_themes

#: Past months on which the choice is graded.
GRADED: Final = 6
#: Least part of the theme's incidents with a time of day from which beats are those of the shift's hours.
TIMED: Final = 0.5
_MILE: Final = 1.609344
_SPEED: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(km/?h|kph|mph)?", re.IGNORECASE)
_POINT: Final = re.compile(r"\s*(\d{1,6}(?:\.\d+)?)\s*,\s*(\d{1,7}(?:\.\d+)?)\s*")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Asked:
    """
    The shift that was asked for.

    Attributes
    ----------
    theme : str
        Slug.
    officers : int
    hours : float
        Length of the shift.
    visit : float
        Minutes of an ordinary visit.
    speed : float
        Kilometres an hour between beats.
    start : (float, float) or None
        Easting and northing where the shift begins and ends.
    begins : str
        Time of day, "18:00"; "" for none.
    month : str
        The month planned for; "" for the one after the last one known.
    crew : int
        Officers who walk together.
    every : float
        Hours within which each beat is visited again.
    share : float
        Part of the area that the beats may make up.
    delivered : float or None
        Part of the planned time that is delivered in the end; None for what `returned` says, or
        else a trial found.
    even_wards : bool
        Whether wards take turns.
    returned : tuple of Path
        Forms of past shifts, filled in.
    """

    theme: str = schema.ALL_INCIDENTS
    officers: int = 4
    hours: float = 6.0
    visit: float = 15.0
    speed: float = 4.0
    start: tuple[float, float] | None = None
    begins: str = ""
    month: str = ""
    crew: int = 2
    every: float = 2.0
    share: float = 0.02
    delivered: float | None = None
    even_wards: bool = False
    returned: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no shift can be planned by, all of it in one error."""
        faults = []
        if self.month and not re.fullmatch(MONTH_PATTERN, self.month):
            faults.append("--month takes a month as YYYY-MM, such as 2026-01.")
        if not 0 < self.share <= 1:
            faults.append("--share takes a part of the area in per cent, above 0 and up to 100.")
        if faults:
            raise UsageError(" ".join(faults))

    @property
    def block(self) -> tuple[int, int] | None:
        """Hours of the day that the shift touches; None without a beginning, or around the clock."""
        if not self.begins:
            return None
        hour, minute = map(int, self.begins.split(":"))
        length = math.ceil(minute / 60 + self.hours)
        return None if length >= 24 else (hour, (hour + length - 1) % 24 + 1)

    def as_dict(self) -> dict[str, Any]:
        """Give what was asked for as plain values."""
        names = [path.name for path in self.returned]
        return {**asdict(self), "start": list(self.start) if self.start else None, "returned": names}

    def part_delivered(self, returned: Returned | None) -> float:
        """Give the part of planned time that is counted on: as asked, as returned, or as in a trial."""
        if self.delivered is not None:
            return self.delivered
        return min(returned.share, 1.0) if returned is not None and returned.share > 0 else DELIVERED


def plan_shift(
    settings: Settings, asked: Asked, *, progress: Progress = lambda _: None, watch: Watch = iter
) -> tuple[Analysis, Release, Shift]:
    """
    Read, analyse, choose the beats of a theme with all that is known, and plan a shift over them.

    Parameters
    ----------
    settings : Settings
        As for a run.
    asked : Asked
    progress, watch : callable
        As in `analyse_files`.

    Returns
    -------
    Analysis, Release, Shift
        The release holds the beats of this theme alone.

    Raises
    ------
    UsageError
        If the audience or the theme may not have beats.
    InputError
        If the theme has too few incidents in the months known.
    """
    check_asked(settings, asked)
    returned = read_returned(asked.returned) if asked.returned else None
    known = replace(settings, themes=(), to_month=_last_month(settings, asked))
    analysis = analyse_files(known, progress=progress, watch=watch)
    progress("Choosing beats for the shift")
    release, beats, notes = (_exact if POLICIES[settings.audience].exact else _coarse)(analysis, asked)
    progress("Planning the shift")
    if returned is not None:
        notes = [*notes, returned.sentence()]
    shift = _shift(analysis, release, beats, asked, notes=notes, returned=returned)
    return analysis, release, shift


def _exact(analysis: Findings, asked: Asked) -> tuple[Release, Walked, list[str]]:
    """Choose beats by all that is known."""
    beats, notes = choose(analysis, asked)
    return disclose(replace(analysis, beats={asked.theme: beats})), beats, notes


def _coarse(analysis: Findings, asked: Asked) -> tuple[Release, Walked, list[str]]:
    """Take released hot spots for beats."""
    release = disclose(analysis)
    own = release_beats(
        analysis,
        (asked.theme,),
        POLICIES[release.audience],
        clusters=release.clusters,
        share=asked.share,
        theme=asked.theme,
    )
    release = replace(release, **own)
    beats = walked(release, asked.theme)
    if not len(beats):
        raise InputError(
            "This release has no hot spot of the theme, from which a partner's beats are taken: give more "
            "months, or plan for internal use."
        )
    notes = _old(release.beats_for, asked)
    return replace(release, beats_for=asked.month or release.beats_for), beats, notes


def _old(following: str, asked: Asked) -> list[str]:
    """Say where the month planned for does not follow the last one known."""
    if not asked.month or asked.month == following:
        return []
    last = month_words(shift_month(following, -1))
    return [f"The last whole month known is {last}: for {month_words(asked.month)} that is old."]


def check_asked(settings: Settings, asked: Asked) -> None:
    """
    Refuse a theme or audience that may not have beats, before anything is read.

    Raises
    ------
    UsageError
    """
    policy = POLICIES[settings.audience]
    if not policy.beats:
        able = " or ".join(name for name, one in POLICIES.items() if one.beats)
        raise UsageError(f"Patrols are planned for {able} use: --audience {policy.audience} has no beats.")
    if not policy.exact and asked.even_wards:
        raise UsageError(
            "--even-wards chooses among beats of internal use: a partner's are the released hot spots. "
            "Leave it out, or plan for internal use."
        )
    if asked.theme == schema.ALL_INCIDENTS:
        return
    themes = {theme.slug: theme for theme in load_themes(settings.theme_rules)}
    if asked.theme not in themes:
        names = [schema.ALL_INCIDENTS, *themes]
        raise UsageError(
            f"There is no theme '{asked.theme}': `hotspots themes` lists them.{nearest(asked.theme, names)}"
        )
    theme = themes[asked.theme]
    if theme.geography != "place-based" or theme.sensitivity != "open":
        why = "borderless" if theme.geography != "place-based" else theme.sensitivity
        raise UsageError(f"Beats are never chosen for {theme.name}: the theme is {why}.")


def choose(analysis: Findings, asked: Asked) -> tuple[Beats, list[str]]:
    """
    Choose the beats of the theme, every score and kind of shape tried, and say what they rest on.

    Raises
    ------
    InputError
        If the theme has too few incidents, or is not visible in these data.
    """
    settings = analysis.settings
    themes = select_themes(load_themes(settings.theme_rules), settings.themes)
    membership = classify(analysis.located, themes)
    block, notes = _block(analysis, membership[asked.theme], asked)
    plan = BeatPlan(
        share=asked.share,
        graded=GRADED,
        thorough=True,
        even_wards=asked.even_wards,
        found=settings.found_by_patrol,
        hours=block,
    )
    found = find_beats(
        analysis.themes,
        analysis.located,
        membership,
        places=analysis.places,
        months=analysis.complete_months,
        areas=analysis.areas,
        seed=settings.seed,
        plan=plan,
        only=(asked.theme,),
        lines=read_roads(settings.context) if settings.context else None,
    )
    if asked.theme not in found:
        without = leaves_out(analysis.located["offence_code"][membership[asked.theme].to_numpy()], plan)
        raise InputError(
            f"No beats can be chosen for '{asked.theme}': fewer than {FEWEST} incidents of it have a place "
            "in whole months that follow each other, or these data do not show it. Give more months"
            + (", or count possession of drugs and weapons too, --found-by-patrol." if without else ".")
        )
    beats = found[asked.theme]
    notes += _old(beats.first_month, asked)
    return replace(beats, first_month=asked.month or beats.first_month), notes


def _block(analysis: Findings, member: Any, asked: Asked) -> tuple[tuple[int, int] | None, list[str]]:
    """Take only the hours of the shift where the data tell the time of day."""
    if asked.block is None:
        return None, []
    rows = analysis.located[member.to_numpy()]
    timed = hours_by_place(analysis.places, rows).to_numpy().sum()
    start, stop = asked.block
    if timed < TIMED * len(rows):
        return None, ["The data carry too few times of day: beats and expectations are those of all hours."]
    return asked.block, [f"Beats and expectations are those of {start:02d}:00 to {stop:02d}:00."]


def _last_month(settings: Settings, asked: Asked) -> str:
    """Name the last month that may be known before the one planned for."""
    ends = [month for month in (settings.to_month, asked.month and shift_month(asked.month, -1)) if month]
    return min(ends, default="")


def _shift(
    findings: Findings,
    release: Release,
    beats: Walked,
    asked: Asked,
    *,
    notes: Sequence[str],
    returned: Returned | None,
) -> Shift:
    delivered = asked.part_delivered(returned)
    exact = POLICIES[release.audience].exact
    others = [one for slug, one in findings.beats.items() if slug != asked.theme] if exact else []
    patrol = patrol_plan(
        beats,
        officers=asked.officers,
        hours=asked.hours,
        visit=asked.visit,
        speed=asked.speed,
        start=asked.start,
        crew=asked.crew,
        every=asked.every,
        delivered=delivered,
        others=others,
        seed=findings.settings.seed,
    )
    plain = {**asked.as_dict(), "delivered": delivered, "returns": list(findings.settings.returns)}
    return release_shift(patrol, beats, release, asked=plain, notes=notes, returned=returned)


def read_speed(text: str) -> float:
    """
    Read a speed such as "4km/h", "15 km/h" or "2.5 mph" as kilometres an hour.

    Raises
    ------
    UsageError
    """
    found = _SPEED.fullmatch(text.strip())
    if found is None:
        raise UsageError("--travel takes a speed such as 4km/h or 2.5mph.")
    return float(found[1]) * (_MILE if (found[2] or "").lower() == "mph" else 1.0)


def read_start(text: str) -> tuple[float, float] | None:
    """
    Read "435300,336200" as easting and northing; "" is none.

    Raises
    ------
    UsageError
    """
    if not text:
        return None
    found = _POINT.fullmatch(text)
    if found is None:
        raise UsageError("--start takes easting and northing in metres, such as 435300,336200.")
    return float(found[1]), float(found[2])


def read_clock(text: str) -> str:
    """
    Read a time of day such as "18:00"; "" is none.

    Raises
    ------
    UsageError
    """
    if text and not _CLOCK.fullmatch(text):
        raise UsageError("--begins takes a time of day, such as 18:00.")
    return text
