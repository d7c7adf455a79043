"""A report made by the workflow, and a browser to open it with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scaling_studies.pages import planner

ROOT = Path(__file__).resolve().parents[2]
#: Nothing a page needs is on a network, and the browser itself is kept off it.
LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


DESKTOP = {"width": 1280, "height": 900}


def chromium() -> str | None:
    """Path of the machine's Chromium, or of the one that ``CHROMIUM`` names."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else map(shutil.which, ("chromium", "chromium-browser", "chrome"))
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Headless Chromium."""
    path = chromium()
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=path, args=LAUNCH)
        yield instance
        instance.close()


@pytest.fixture(scope="session")
def reports(whole_run: Path) -> Path:
    """Folder of a report on all studies."""
    return whole_run / "reports"


@dataclass
class Opened:
    """A page and what the browser complained about."""

    page: object
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def open_page(browser: object) -> Iterator[object]:
    """Return a function that opens a file and records errors and requests."""
    contexts = []

    def open_file(path: Path, **settings: object) -> Opened:
        context = browser.new_context(**{"viewport": DESKTOP, **settings})
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on(
            "console",
            lambda message: (
                opened.complaints.append(message.text)
                if message.type in ("error", "warning")
                else None
            ),
        )
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("requestfailed", lambda item: opened.complaints.append(item.url))
        opened.page.on("request", lambda item: opened.requests.append(item.url))
        opened.page.goto(path.as_uri())
        return opened

    yield open_file
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def write_front() -> Callable[[Path, str], Path]:
    """Return a function that writes a front page and the script that draws its planner."""

    def write(folder: Path, html: str) -> Path:
        (folder / "index.html").write_text(html, encoding="utf-8")
        (folder / "assets").mkdir()
        (folder / "assets/vega.js").write_text(planner.bundle(), encoding="utf-8")
        return folder / "index.html"

    return write


@pytest.fixture
def opened(page_path: Path, open_page: Callable) -> Opened:
    """The front page that a module simulates as ``page_path``, its planner drawn."""
    opened = open_page(page_path)
    opened.page.wait_for_selector("#planner[data-drawn]")
    return opened
