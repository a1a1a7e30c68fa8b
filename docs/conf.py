"""Settings of the documentation site; `make docs` builds it."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from hotspots import __version__

project = "Derby Hotspots"
author = "The Derby Hotspots developers"
copyright = "the Derby Hotspots developers"
release = version = __version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "gallery/README.rst"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = project
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    # more than these do not fit beside the name on a laptop
    "header_links_before_dropdown": 3,
    "navbar_align": "left",
}
# A page without pages below it has nothing to list beside it.
html_sidebars = {
    page: []
    for page in (
        "index",
        "install",
        "tutorial",
        "reading",
        "backtest",
        "responsible-use",
        "transparency",
        "howto/*",
    )
}
html_show_sourcelink = False
html_copy_source = False

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_gallery",
    "filename_pattern": "/plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 3600,
    "write_computation_times": False,
}
# A figure drawn without a screen is meant.
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")

sys.path.insert(0, str(Path(__file__).parent))


def setup(_app: object) -> None:
    """Write the pages of the rooms before the sources are looked for."""
    from room_pages import write_room_pages

    write_room_pages(Path(__file__).parent / "rooms")
