"""A Chromium for the browser tests: found on the machine, cut off from any network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: How many times slower than it is the machine shall seem to the pages, to find tests that race them.
SLOWER = float(os.environ.get("CHROMIUM_SLOWER", "1"))
#: Without a graphics card its drawing is imitated, which takes a quarter of the processor's time.
ARGUMENTS = ["--no-sandbox", "--disable-gpu"]
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the browser that CHROMIUM names, else the first known one on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if Path(named).is_file() else shutil.which(named)
    return next((path for name in CANDIDATES if (path := shutil.which(name))), None)


_started: list[Any] = []


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium, or share the one that runs; skip where there is none, but fail on CI."""
    # Playwright starts once in a process, and a session's browser outlives its module.
    if _started:
        yield _started[-1]
        return
    missing = "needs Chromium (apt-get install chromium, or name it in CHROMIUM)"
    path = find_chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        _started.append(started)
        try:
            yield started
        finally:
            _started.remove(started)
            started.close()


class Watched:
    """A page whose requests, errors and console are remembered."""

    def __init__(self, chromium: Any, **options: Any) -> None:
        size = options.pop("viewport", {"width": 1440, "height": 900})
        self.context = chromium.new_context(offline=True, viewport=size, accept_downloads=True, **options)
        self.page = self.context.new_page()
        if SLOWER > 1:
            session = self.context.new_cdp_session(self.page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.requests: list[str] = []
        self.blocked: list[str] = []
        self.problems: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", self._failed)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("dialog", self._asked)

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)

    def _failed(self, request: Any) -> None:
        if request.failure == "csp":
            self.blocked.append(request.url)

    def _asked(self, dialog: Any) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path: Path, hash_: str = "") -> Any:
        """Open a file as a viewer does, from disk."""
        self.page.goto(path.as_uri() + hash_)
        return self.page

    def outside(self) -> list[str]:
        """Give the requests that left the file, without those that the page's policy stopped."""
        left = [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]
        return [url for url in left if url not in self.blocked]
