"""What `hotspots assess` makes: the evidence of an assessment from published folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotspots import schema
from hotspots.assessment.alike import authorities_alike
from hotspots.assessment.answers import Answers, read_answers
from hotspots.assessment.assess import assess
from hotspots.assessment.folders import Folders, read_folders
from hotspots.assessment.trends import EDITIONS
from hotspots.comparing.compare import compare_folders
from hotspots.errors import UsageError


@dataclass(frozen=True)
class Assessed:
    """
    What the pages and tables of an assessment are made from.

    Attributes
    ----------
    folders : Folders
    answers : Answers
    evidence : dict
        See `assess.assess`.
    since : dict or None
        What changed since the last assessment; None where no earlier folder was named.
    """

    folders: Folders
    answers: Answers
    evidence: dict[str, Any]
    since: dict[str, Any] | None

    @property
    def labels(self) -> dict[str, Any]:
        """What every page says of itself."""
        record = self.folders.latest.record
        return {
            "marking": self.folders.marking,
            "synthetic": self.folders.synthetic,
            "audience": str(record["audience"]),
            "version": str(record["version"]),
        }


def assess_folders(
    paths: Sequence[Path],
    *,
    answers: Path | None = None,
    edition: str = "yearly",
    since: Path | None = None,
    nation: Path | None = None,
) -> Assessed:
    """
    Gather the evidence from folders.

    Parameters
    ----------
    paths : sequence of Path
        Of `hotspots run` one or more, of `patrol` and `evaluate` any number.
    answers : Path, optional
        assessment.toml.
    edition : {"yearly", "quarterly"}
    since : Path, optional
        The folder of the run on which the last assessment rests.
    nation : Path, optional
        A folder of `hotspots national`, which names the authorities most like this one.

    Raises
    ------
    UsageError
        If the edition is none.
    InputError, ConfigError
        If the folders do not belong together or the file of answers is at fault.
    """
    if edition not in EDITIONS:
        raise UsageError(f"--edition takes one of {', '.join(map(repr, EDITIONS))}.")
    folders = read_folders(paths)
    themes = {one["slug"]: one["name"] for one in folders.latest.record["themes"]}
    held = read_answers(answers, themes=themes)
    record = folders.latest.record
    code, audience = str(record["area"]["code"]), str(record["audience"])
    alike = authorities_alike(nation, code, audience=audience) if nation else []
    evidence = {**assess(folders, held, edition=edition), "alike": alike}
    return Assessed(folders, held, evidence, _since(since, folders, themes) if since else None)


def _since(before: Path, folders: Folders, themes: dict[str, str]) -> dict[str, Any]:
    """Say what changed since the last one, as far as chance does not explain it."""
    # Not through the same door twice: another audience or marking must not slip in here.
    read_folders([before, folders.latest.path])
    # A nought of a theme that nothing here shows would read as "it does not happen".
    views = folders.latest.record["themes"]
    seen = {one["slug"] for one in views if one["observability"] not in schema.UNSEEN}
    found = compare_folders(before, folders.latest.path)
    counts = found.counts[found.counts["level"].eq(schema.WARD) & found.counts["status"].eq("changed")]
    hotspots = found.hotspots[found.hotspots["found"].isin(["new", "gone"])]
    return {
        "before": found.before,
        "after": found.after,
        "caveats": list(found.caveats),
        "totals": [row for row in found.totals.to_dict("records") if row["theme"] in seen],
        "counts": [
            {**row, "theme": themes.get(row["theme"], row["theme"])} for row in counts.to_dict("records")
        ],
        "hotspots": [
            {**row, "theme": themes.get(row["theme"], row["theme"])} for row in hotspots.to_dict("records")
        ],
    }
