"""The page about blind spots names every test of them, and only tests that exist."""

import ast
import re

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "explanation" / "what-the-check-sees.md"
TESTS = ROOT / "tests" / "architecture" / "test_blind_spots.py"


def test_page_and_tests_name_the_same_blind_spots() -> None:
    tree = ast.parse(TESTS.read_text("utf-8"))

    written = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    assert set(re.findall(r"`(test_(?!blind_spots)\w+)`", PAGE.read_text("utf-8"))) == written
