"""The command line answers at once, and the public face is what it says."""

from __future__ import annotations

import subprocess
import sys

from paths import CLONE


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
