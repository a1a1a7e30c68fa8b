"""
The errors that a user can meet, and the exit code of each.

Every message is one sentence that names the thing, the place, the kind of
value and the remedy. It never carries a value from a person's record.
"""

from __future__ import annotations

from typing import Any


class HotspotsError(Exception):
    """Anything this project raises on purpose; the command line exits with `exit_code`."""

    exit_code = 1


class UsageError(HotspotsError):
    """The command was called with words that do not fit together."""

    exit_code = 2


class ParameterError(HotspotsError, ValueError):
    """A function was given a value outside its range."""

    exit_code = 2


class InputError(HotspotsError):
    """An input file cannot be used as it is."""

    exit_code = 3


class ConfigError(HotspotsError):
    """The configuration file, or a table shipped in data/, is at fault."""

    exit_code = 3


class BoundaryError(InputError):
    """An area layer is missing a code column, has a broken shape, or does not cover the area."""


class ResolutionError(InputError):
    """The data's dates are too coarse for the analysis that was asked for."""


class DataMissingError(HotspotsError):
    """A data set that has to be fetched first is not at hand."""

    exit_code = 4


class ReleaseError(HotspotsError):
    """Something was about to leave for an audience that no rule lets it go to; nothing was written."""


class NetworkError(HotspotsError):
    """A download failed."""

    exit_code = 5


class OutputError(HotspotsError):
    """The output folder cannot be written."""

    exit_code = 3


class WorkerError(HotspotsError):
    """A process or machine that shared the work was lost, again and again."""


class LakeError(InputError):
    """A lake is damaged, or was made for other settings than it is asked for."""


class AuditError(HotspotsError):
    """An audited release gives back what it withholds; `found` are the counts, where they can be named."""

    exit_code = 7

    def __init__(self, message: str, *, found: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.found = found


class StrictError(HotspotsError):
    """The run finished with warnings or rejected rows, and --strict was given."""

    exit_code = 6
