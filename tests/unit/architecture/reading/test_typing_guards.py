from textwrap import dedent

import pytest

from kimera_di.architecture.reading.typing_guards import guarded_lines, has_odd_guard


def guarded(source: str) -> list[int]:
    return sorted(guarded_lines(dedent(source).lstrip("\n").encode()))


@pytest.mark.parametrize(
    "source",
    [
        "if not TYPE_CHECKING:\n    x = 1\nelse:\n    import a",
        "from typing import TYPE_CHECKING as TC\nx = 1\nif TC:\n    import a",
        "import typing as t\nx = 1\nif t.TYPE_CHECKING and x:\n    import a",
        "if x or not (t.TYPE_CHECKING):\n    x = 1\nelse:\n    import a",
        "if not not TYPE_CHECKING:\n    x = 1\n    if x:\n        import a",
        "if x and not TYPE_CHECKING:\n    x = 1\nelif TYPE_CHECKING:\n    import a",
        "def f():\n    x = 1\n    if TYPE_CHECKING and x:\n        import a",
    ],
    ids=["else-of-not", "alias", "and", "or-not", "twice-not", "elif", "function"],
)
def test_import_behind_a_false_guard_is_typing_only(source: str) -> None:
    assert guarded(source) == [4]


@pytest.mark.parametrize(
    "source",
    [
        "if not TYPE_CHECKING:\n    import a",
        "if TYPE_CHECKING or x:\n    import a",
        "if TYPE_CHECKING and x:\n    pass\nelse:\n    import a",
        "if x and not TYPE_CHECKING:\n    pass\nelse:\n    import a",
        "if x.TC:\n    import a",
        "x = TYPE_CHECKING and (lambda: 1)\nimport a",
    ],
    ids=["not", "or", "else-of-and", "else-of-unknown", "attribute", "expression"],
)
def test_import_that_a_run_may_take_is_not(source: str) -> None:
    assert guarded(source) == []


def test_lazy_import_does_not_keep_a_file_from_being_read() -> None:
    source = "lazy import b\nif not TYPE_CHECKING:\n    lazy from c import d\nelse:\n    import a"

    assert guarded(source) == [5]


def test_syntax_newer_than_the_interpreter_gives_nothing() -> None:
    assert guarded("if not TYPE_CHECKING:\n    x = §\nelse:\n    import a") == []


@pytest.mark.parametrize(
    ("source", "odd"),
    [
        (b"if TYPE_CHECKING:\n    import a", False),
        (b"from typing import (TYPE_CHECKING, Any)", False),
        (b"if not TYPE_CHECKING:\n    x = 1\nelse:\n    x = 2\nimport a", False),
        (b"# if not TYPE_CHECKING\nimport a", False),
        (b"if not TYPE_CHECKING:\n    x = 1\n\n# why\nelse:\n    import a", True),
        (b"if not (\n    typing.TYPE_CHECKING\n):\n    x = 1\nelse: import a", True),
        (b"if TYPE_CHECKING \\\n    and x:\n    import a", True),
        (b"if (\n    x and not TYPE_CHECKING\n):\n    x = 1\nelse: import a", True),
        (b"from typing import TYPE_CHECKING as TC", True),
        (b"if x:\n    pass\nelif TYPE_CHECKING and x:\n    import a", True),
        (b"if TYPE_CHECKING and x: import a", True),
        (b"# a\rif not TYPE_CHECKING:\r    x = 1\relse:\r    import a", True),
        (b"if TYPE_CHECKING and x: pass; x = 1", False),
        (b"if (x and\nTYPE_CHECKING):\n    import a", True),
        (b"if TYPE_CHECKING and \\\nx:\n    import a", True),
        (b"if not TYPE_CHECKING:\n    x = [\n1]\nelse:\n    import a", True),
        (b"if not TYPE_CHECKING:\n    x = '''\n1'''\nelse:\n    import a", True),
        (b'if not TYPE_CHECKING:\n    x = """\n1"""\nelse:\n    import a', True),
        (b"if not TYPE_CHECKING:\n    x = [1]\ny = 1\nimport a", False),
    ],
)
def test_file_is_parsed_only_for_odd_guards_with_imports(source: bytes, odd: bool) -> None:
    assert has_odd_guard(source) is odd
