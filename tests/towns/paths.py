"""Where the clone and the reference data beside it lie."""

from __future__ import annotations

from pathlib import Path

CLONE = Path(__file__).resolve().parents[2]
SHARED = CLONE.parent / "shared"
