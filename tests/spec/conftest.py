"""Fixtures of the behaviour tests."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from kimera_di import ServiceCollection

Importer = Callable[..., ModuleType]


@pytest.fixture
def services() -> ServiceCollection:
    """Give an empty collection."""
    return ServiceCollection()


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Importer]:
    """Give a function that writes modules below a folder of their own and imports the one named first.

    ``load("shop.app", {"shop/app.py": "...", "shop/__init__.py": ""})``; everything is forgotten afterwards.
    """
    before = set(sys.modules)
    sys.path.insert(0, str(tmp_path))

    def write_and_import(name: str, files: dict[str, str]) -> ModuleType:
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(name)

    yield write_and_import

    sys.path.remove(str(tmp_path))
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]
