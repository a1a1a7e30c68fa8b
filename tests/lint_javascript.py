"""
Check the page's scripts with eslint; `make lint` calls this.

Eslint comes from npm on demand. Where npx is missing or npm cannot be reached
the check is skipped with the reason, except on CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ESLINT = "eslint@9.39.1"


def main() -> int:
    """Return eslint's exit code, or 0 where it cannot be had."""
    npx = shutil.which("npx")
    if npx is None:
        return _missing("npx is not installed")
    scripts = sorted(str(path) for path in (HERE.parent / "hotspots" / "pages" / "static").rglob("*.js"))
    base = [npx, "--yes", ESLINT]
    if subprocess.run([*base, "--version"], capture_output=True, check=False).returncode:
        return _missing("npm cannot bring eslint (no network?)")
    command = [*base, "--max-warnings", "0", "--config", str(HERE / "eslint.config.mjs"), *scripts]
    return subprocess.run(command, cwd=HERE.parent, check=False).returncode


def _missing(reason: str) -> int:
    print(f"eslint skipped: {reason}")
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
