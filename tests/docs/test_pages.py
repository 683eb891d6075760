"""Every block of code in README and documentation runs, and every link leads somewhere."""

from pathlib import Path

import pytest

from kimera_di import errors
from kimera_di.architecture.model import codes as architecture_codes
from kimera_di.composition import codes as composition_codes
from tests.docs.pages import ROOT, anchors, links, pages, run_page

pytestmark = pytest.mark.check


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_page_runs_as_it_is_written(page: Path, tmp_path: Path) -> None:
    run_page(page, tmp_path)


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_relative_links_of_a_page_lead_somewhere(page: Path) -> None:
    wrong: list[str] = []
    for link in links(page):
        file, _, anchor = link.partition("#")
        if "://" in file:
            continue
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)

    assert wrong == []


def test_every_error_code_has_its_page() -> None:
    """An error message ends with the command that prints it."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KimeraError)]
    codes = {kind.code for kind in kinds}

    assert codes <= {page.stem for page in (ROOT / "docs/reference/errors").glob("KD*.md")}
    assert len(codes) > 15


def test_every_code_of_a_finding_has_its_page() -> None:
    found = {
        value
        for codes in (architecture_codes, composition_codes)
        for name, value in vars(codes).items()
        if name.isupper()
    }

    assert found <= {page.stem for page in (ROOT / "docs/reference/errors").glob("KD*.md")}
    assert "KD411" in found


def test_every_page_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    todo = [ROOT / "docs/index.md"]
    while todo:
        page = todo.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        todo.extend((page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link)

    assert {name_of(page) for page in pages()} <= {name_of(page) for page in seen if page.is_relative_to(ROOT)}
