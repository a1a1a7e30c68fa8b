"""
Make the README's pictures: the map of Derby on a laptop and a phone, and with density bands.

    python docs/pictures.py

Needs Chromium and the reference data beside the clone.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from hotspots.analysis import analyse_files
from hotspots.pages import map_page
from hotspots.settings import Settings

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared" / "derby"
LAPTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
#: Each picture: its screen, and what is chosen before it is taken.
PICTURES = {
    "map.png": (LAPTOP, ""),
    "map-phone.png": (PHONE, "document.querySelector('#clusters button').click()"),
    "density.png": (
        LAPTOP,
        "Hotspots.state.update({ theme: 'anti-social-behaviour',"
        " layers: ['areas', 'density', 'clusters', 'labels', 'backdrop'] })",
    ),
}


def main() -> None:
    """Write the three pictures beside this script."""
    year = {"from_month": "2025-01", "to_month": "2025-12"}
    settings = Settings(inputs=(SHARED / "police",), **year)
    text = map_page.render(analyse_files(settings).release())
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "index.html"
        path.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (screen, choice) in PICTURES.items():
            page = browser.new_context(offline=True, reduced_motion="reduce", **screen).new_page()
            page.goto(path.as_uri())
            _save(page, HERE / name, choice)
        browser.close()


def _save(page: Page, path: Path, choice: str) -> None:
    """Take the picture in 256 colours, which halves the file and is not seen."""
    if choice:
        page.evaluate(choice)
    page.wait_for_timeout(500)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(256)
    picture.save(path, optimize=True)


if __name__ == "__main__":
    main()
