"""A real browser for the tests of the HTML page; what it shows is kept as pictures where somebody asks for them.

In: pages of text. Out: open pages without a network, in which no script may fail. Skips with the reason when playwright
(requirements/browser.txt) or Chromium is missing.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENSHOTS = "KIMERA_SCREENSHOTS"
"""Environment variable: the folder that screenshots are written to; none are without it."""

Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Start Chromium once."""
    api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is missing: requirements/browser.txt")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is missing: on Debian, apt-get install chromium")
    # Its sandbox needs rights that root in a container does not have.
    arguments = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium: "Browser", tmp_path: Path) -> Iterator[Open]:
    """Give a function that opens the text of a page; afterwards no script has failed and nothing was asked for."""
    trouble: list[str] = []
    asked: list[str] = []
    contexts: list[Any] = []

    def opened(text: str, *, expected_error: str | None = None, **options: Any) -> "Page":
        def note(message: Any) -> None:
            if message.type == "error" and (expected_error is None or expected_error not in message.text):
                trouble.append(message.text)

        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, offline=True, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", note)
        page.on("dialog", lambda dialog: (trouble.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []
    assert asked == [(tmp_path / "page.html").as_uri()] * len(contexts)


@pytest.fixture
def keep() -> Callable[["Page", str], None]:
    """Give a function that keeps a screenshot under a name, where `SCREENSHOTS` names a folder."""

    def kept(page: "Page", name: str) -> None:
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)

    return kept
