"""The page of guarantees names tests and patches that exist, and that belong together."""

import ast
import re

import pytest

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "explanation" / "guarantees.md"
LINE = re.compile(r"^- test: `(?P<test>[^`]+)`, removed by `(?P<patch>\w+)`$", re.MULTILINE)
SECTIONS = dict(re.findall(r"^## (\d+)\. .+?\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))
PAIRS = [(found["test"], found["patch"]) for found in LINE.finditer(PAGE.read_text("utf-8"))]


def test_all_sixteen_are_there() -> None:
    assert list(SECTIONS) == [str(number) for number in range(1, 17)]


@pytest.mark.parametrize("number", SECTIONS)
def test_each_has_a_test_and_a_patch(number: str) -> None:
    assert LINE.search(SECTIONS[number])


@pytest.mark.parametrize(("test", "patch"), PAIRS, ids=[patch for _, patch in PAIRS])
def test_patch_names_the_test(test: str, patch: str) -> None:
    header = (ROOT / "tests" / "mutants" / f"{patch}.patch").read_text("utf-8")

    assert re.search(rf"^# test: {re.escape(test)}(\[.*\])?$", header, re.MULTILINE)


@pytest.mark.parametrize("test", [test for test, _ in PAIRS])
def test_test_exists(test: str) -> None:
    file, _, name = test.partition("::")

    tree = ast.parse((ROOT / file).read_text("utf-8"))

    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name.partition("[")[0].rpartition("::")[2] in names
