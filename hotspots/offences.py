"""The vocabulary of offences: police.uk's crime types and Home Office offence codes, compared as text."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

#: The 14 crime types that police.uk publishes now, and two that older files carry.
POLICE_TYPES: Final = (
    "Anti-social behaviour",
    "Bicycle theft",
    "Burglary",
    "Criminal damage and arson",
    "Drugs",
    "Other crime",
    "Other theft",
    "Possession of weapons",
    "Public order",
    "Robbery",
    "Shoplifting",
    "Theft from the person",
    "Vehicle crime",
    "Violence and sexual offences",
    "Public disorder and weapons",
    "Violent crime",
)
#: The flags that an incident can carry; `read_incidents` joins those set with ";".
FLAGS: Final = ("alcohol", "cyber", "knife", "modern-slavery", "ocg", "terrorism", "youth")

# A class number, its letter, a sub-class, and whatever explains them: "010D - Article with blade".
_CODE = re.compile(r"0*(\d+)([A-Z]?)(?:[./]0*(\d+))?(?:\s*[-:–]\s*\D.*|\s+\D.*)?")


def normalise_code(code: str) -> str:
    """
    Write an offence code in one way, so that two spellings of it are equal.

    Case, spaces around it, leading zeros and a description after it do not
    matter; "." and "/" mean the same. The number of a sub-class is a whole
    number, not a decimal: "4.1" and "4.10" stay two codes. Codes of another
    make ("NFIB52C") come back in capitals.

    Parameters
    ----------
    code : str
        As a file has it, read as text; "" where there is none.

    Returns
    -------
    str
        "8N" for "008n", "4/1" for "4.1" and "004/01", "28/3" for "28/03".
    """
    text = code.strip().upper()
    found = _CODE.fullmatch(text)
    if not found:
        return "".join(text.split())
    number, letter, subclass = found.groups()
    return f"{number}{letter}/{subclass}" if subclass else f"{number}{letter}"


def code_within(code: str, codes: Collection[str]) -> bool:
    """Tell whether a normalised code is one of `codes` (normalised too) or a sub-code of one of them."""
    return code in codes or code.partition("/")[0] in codes


def normalise_type(name: str) -> str:
    """Write a crime type without case and punctuation: "ASB - Personal" becomes "asb personal"."""
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))
