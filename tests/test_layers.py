"""The architecture that the README shows is the one that the imports have."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

from conftest import CLONE

PACKAGE = CLONE / "hotspots"


def _order() -> list[str]:
    """Modules from top to bottom, as the README lists them."""
    text = (CLONE / "README.md").read_text(encoding="utf-8")
    section = text.split("## Architecture", 1)[1].split("\n## ", 1)[0]
    return re.findall(
        r"`(_?[a-z_]+)`", "\n".join(line for line in section.splitlines() if line.startswith("|"))
    )


def _imported(path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hotspots"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("hotspots.")}
    return found - {"__version__"}


def test_each_module_is_in_the_list_once():
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    order = _order()
    assert sorted(order) == sorted(modules)


def test_a_module_imports_only_from_below():
    order = {name: place for place, name in enumerate(_order())}
    upward = [
        f"{path.stem} imports {name}"
        for path in sorted(PACKAGE.glob("*.py"))
        if path.stem not in {"__init__", "__main__"}
        for name in sorted(_imported(path))
        if order[name] <= order[path.stem]
    ]
    assert upward == []


def test_help_loads_no_heavy_library():
    program = (
        "import sys\nfrom hotspots.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'geopandas', 'shapely', 'sklearn', 'scipy', 'folium', 'openpyxl'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    for words in (["--help"], ["run", "--help"], ["check", "--help"], ["fetch", "--help"], ["--version"]):
        ended = subprocess.run(
            [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True, cwd=CLONE
        )
        assert ended.stderr.strip().endswith("[]"), (words, ended.stderr)


def test_the_public_face_is_what_all_says():
    import hotspots

    for name in hotspots.__all__:
        assert getattr(hotspots, name) is not None
