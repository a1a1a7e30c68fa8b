"""Which counts a release leaves out as a whole, by month or by LSOA, and why, in words."""

from __future__ import annotations

from hotspots import schema
from hotspots.audiences import Policy
from hotspots.findings.findings import Findings
from hotspots.release.from_counts import Shown
from hotspots.release.further import Further
from hotspots.release.withholding import States


def small_words(policy: Policy, further: Further) -> str:
    """Say why a grain is left out."""
    small = f"most would be blank, being below {policy.minimum}"
    return f"{small}, or an earlier release would give them back" if further.earlier else small


def grain_words(theme: int, slugs: list[str], states: States, findings: Findings, *, small: str) -> str:
    """Say which counts of a theme are left out as a whole, and why."""
    said = []
    if len(findings.months) > 1 and not states.monthly[theme]:
        said.append(f"Counts by month are left out: {small}.")
    if not states.fine[theme]:
        coarse = findings.themes[slugs[theme]].theme.sensitivity != "open"
        said.append(f"Counts by LSOA are left out: {'the theme is restricted' if coarse else small}.")
    return " ".join(said)


def combined_grain(shown: Shown, slugs: list[str], states: States) -> str:
    """Say which counts the combination lacks because one of its themes lacks them."""
    kinds = (("month", states.monthly, schema.WARD), ("LSOA", states.fine, schema.LSOA))
    said = [
        f"Counts by {name} are left out: a theme among them has none."
        for name, given, level in kinds
        if not all(given[slugs.index(slug)] for slug in shown.combined_at.get(level, ()))
        and (name == "LSOA" or len(shown.counts.months) > 1)
    ]
    return " ".join(said)
