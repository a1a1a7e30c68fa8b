"""The audiences of a release and the rules by which each sees counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Policy:
    """
    The rules for one audience.

    Attributes
    ----------
    audience : str
        Who it is for.
    minimum : int
        Counts below it are withheld, zero among them; 0 withholds nothing. A multiple of `base`,
        or a count at the minimum would be rounded to one below it.
    base : int
        Counts are rounded to multiples of it; 1 leaves them exact.
    shape_minimum : int
        Fewest incidents in a cluster and in each part of a density band.
    shape_places : int
        Fewest distinct places of the same. Where shapes are coarse, places are not counted, which
        would give the last one away: so many incidents lie in each half of a hot spot's cell, and
        so many halves have part in a band.
    snap : float
        Metres of the grid to which corners of clusters are moved; 0 leaves them exact.
        An outline is drawn at a fixed distance around places: exact corners would give them back.
    restricted : bool
        Whether restricted themes keep their LSOA figures, density and clusters.
    secret : bool
        Whether the most sensitive themes appear at all.
    beats : bool
        Whether patrols are its affair.
    """

    audience: str
    minimum: int
    base: int
    shape_minimum: int
    shape_places: int
    snap: float
    restricted: bool
    secret: bool
    beats: bool

    @property
    def exact(self) -> bool:
        """Whether everything is shown as it was found."""
        return not self.minimum

    @property
    def protection(self) -> int:
        """How wide an attacker's interval for a withheld small count stays: all of 0 to minimum - 1."""
        return self.minimum - 1


POLICIES: Final = {
    "internal": Policy("internal", 0, 1, 3, 3, 0.0, True, True, True),
    "partner": Policy("partner", 5, 5, 5, 5, 50.0, False, True, True),
    "public": Policy("public", 10, 5, 10, 5, 50.0, False, False, False),
}
AUDIENCES: Final = tuple(POLICIES)
#: Those who do not see everything as it was found.
OUTSIDE: Final = tuple(name for name, policy in POLICIES.items() if not policy.exact)
#: Stands on every page and in the record of such a release.
ATTESTATION: Final = (
    "Whoever made this release attests that all its incidents are published by {publisher} already. "
    'Counts are exact; an area with fewer than {minimum} incidents is "too few to rank".'
)
#: Who publishes row by row what a release may be of.
PUBLISHERS: Final = ("data.police.uk",)


def policy_for(audience: str, *, already_public: str = "") -> Policy:
    """
    Give the rules for an audience.

    Parameters
    ----------
    audience : str
    already_public : str
        Who publishes every row already, as was attested: then nothing is withheld or coarsened
        but what the audience may not know of as a theme.
    """
    policy, exact = POLICIES[audience], POLICIES["internal"]
    if not already_public:
        return policy
    return replace(exact, audience=audience, restricted=policy.restricted, secret=policy.secret)


def attestation(publisher: str, audience: str) -> str:
    """Say what was attested, and what it changes; "" where nothing was."""
    return ATTESTATION.format(publisher=publisher, minimum=POLICIES[audience].minimum) if publisher else ""
