"""What the page about stability promises is what the package exports, and the reference describes it."""

import re

import pytest

import kimera_di
from tests.docs.pages import ROOT

pytestmark = pytest.mark.check

REFERENCE = ROOT / "docs" / "reference"
PAGE = REFERENCE / "stability.md"


def promised() -> list[str]:
    """List the names in the table below "What is stable"."""
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("| what | names |")[2].partition("\n\n")[0]
    return [name for row in table.splitlines() if row for name in re.findall(r"`(\w+)`", row.split("|")[2])]


def test_names_that_are_promised_are_those_that_are_exported() -> None:
    names = promised()

    assert sorted(names) == sorted(kimera_di.__all__)


def test_every_name_that_is_promised_is_described_in_the_reference() -> None:
    """A promise about something that nobody can read up is none."""
    pages = [page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md") if page != PAGE]
    described = set(re.findall(r"\w+", "\n".join(pages)))

    missing = [name for name in promised() if name not in described]

    assert missing == []


def test_every_python_version_of_the_classifiers_is_named() -> None:
    declared = re.findall(r'Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    supported = re.search(r"^\| ([\d., ]+) \| supported \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert declared
    assert supported is not None
    assert supported.group(1).split(", ") == declared
