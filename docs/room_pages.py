"""Write a page for each room of the package from what its own docstrings say, before the site is built."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "hotspots"
#: From the files that come in to the folder that goes out.
ORDER = (
    *("fetching", "reading", "geography", "locating", "themes", "statistics", "density", "clusters"),
    *("targeting", "evaluation", "findings", "release", "pages", "outputs", "auditing"),
)


def write_room_pages(folder: Path) -> None:
    """Write index.md and a page for every room; a room that `ORDER` does not name comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    rooms = sorted((path.parent.name for path in PACKAGE.glob("*/__init__.py")), key=_place)
    for room in rooms:
        (folder / f"{room}.md").write_text(_page(room), encoding="utf-8")
    listed = "\n".join(rooms)
    (folder / "index.md").write_text(
        "# The rooms of the package\n\n"
        "A row of a file goes up once, through reading, locating and themes; a sum goes up once, "
        "through statistics, density, clusters and findings; a released figure goes up once, through "
        "pages and outputs. "
        "A room imports only from those before it. Four nouns change hands at the doors: `Incidents`, "
        "`Places`, `Findings`, `Release`.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n",
        encoding="utf-8",
    )


def _place(room: str) -> tuple[int, str]:
    return (ORDER.index(room) if room in ORDER else len(ORDER), room)


def _page(room: str) -> str:
    files = [path for path in sorted((PACKAGE / room).glob("*.py")) if path.name != "__init__.py"]
    rows = "\n".join(f"| `{path.name}` | {_said(path).splitlines()[0]} |" for path in files)
    said = "\n".join(
        f"- {line}" if ": " in line else line for line in _said(PACKAGE / room / "__init__.py").splitlines()
    )
    return f"# {room}\n\n{said}\n\n| file | what it is for |\n|---|---|\n{rows}\n"


def _said(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
