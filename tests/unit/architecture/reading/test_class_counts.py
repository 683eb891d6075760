"""Which classes of a file are abstract, compared with what Python makes of the same source."""

import ast
import inspect
import os
from pathlib import Path
from textwrap import dedent

import pytest

from kimera_di.architecture.reading.class_counts import ClassCounts, _remembered, count_classes, count_in_tree

pytestmark = pytest.mark.check

SOURCES = {
    "concrete": "class A: ...",
    "protocol": "from typing import Protocol\nclass A(Protocol): ...",
    "generic protocol": "from typing import Protocol, TypeVar\nT = TypeVar('T')\nclass A(Protocol[T]): ...",
    "protocol by another name": "from typing import Protocol as P\nclass A(P): ...",
    "protocol of a module": "import typing as t\nclass A(t.Protocol): ...",
    "implementation of a protocol": "from typing import Protocol\nclass A(Protocol): ...\nclass B(A): ...",
    "abc": "from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n    def f(self): ...",
    "abc without abstract methods": "from abc import ABC\nclass A(ABC): ...",
    "metaclass": "import abc\nclass A(metaclass=abc.ABCMeta):\n    @abc.abstractmethod\n    def f(self): ...",
    "mark without a metaclass": "from abc import abstractmethod\nclass A:\n    @abstractmethod\n    def f(self): ...",
    "mark below object": "from abc import abstractmethod\nclass A(object):\n    @abstractmethod\n    def f(self): ...",
    "property": "import abc\nclass A(abc.ABC):\n    @property\n    @abc.abstractmethod\n    def f(self): ...",
    "mark by another name": "from abc import ABC, abstractmethod as am\nclass A(ABC):\n    @am\n    def f(self): ...",
    "async": "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    async def f(self): ...",
    "implemented": """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class B(A):
            def f(self): ...
    """,
    "implemented by a value": """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class B(A):
            f = len
    """,
    "annotated only": """
        import abc
        class A(abc.ABC):
            @property
            @abc.abstractmethod
            def f(self) -> int: ...
        class B(A):
            f: int
    """,
    "implemented in part": """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
            @abc.abstractmethod
            def g(self): ...
        class B(A):
            def f(self): ...
        class C(B):
            def g(self): ...
    """,
    "abstract again": """
        import abc
        class A(abc.ABC):
            def f(self): ...
        class B(A):
            @abc.abstractmethod
            def f(self): ...
    """,
    "defined again without the mark": """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
            def f(self): ...
    """,
    "inside of conditions": """
        import sys
        from typing import Protocol
        if sys.version_info >= (3, 0):
            class A(Protocol): ...
        try:
            class B: ...
        finally:
            class C: ...
        with open(__file__) as file:
            class D(Protocol): ...
    """,
    "implemented by another base": """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class Mix:
            def f(self): ...
        class B(Mix, A): ...
    """,
    "mark below a built-in class": """
        from abc import abstractmethod
        class A(dict):
            @abstractmethod
            def f(self): ...
    """,
    "two bases": """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def f(self): ...
        class Mix:
            def f(self): ...
        class B(A, Mix): ...
    """,
}


def counted(source: str) -> ClassCounts:
    return count_in_tree(ast.parse(dedent(source)))


def made_by_python(source: str) -> ClassCounts:
    """Run the source and ask its classes."""
    names: dict[str, object] = {"__name__": "counted", "__file__": __file__}
    exec(dedent(source), names)  # noqa: S102 - written above
    classes = [each for each in names.values() if isinstance(each, type) and each.__module__ == "counted"]
    abstract = [each for each in classes if inspect.isabstract(each) or vars(each).get("_is_protocol")]
    return ClassCounts(len(classes), len(abstract))


@pytest.mark.parametrize("name", SOURCES)
def test_counts_are_those_of_python(name: str) -> None:
    assert counted(SOURCES[name]) == made_by_python(SOURCES[name])


def test_classes_in_functions_and_in_classes_are_left_out() -> None:
    assert counted("class A:\n    class B: ...\ndef f():\n    class C: ...") == (1, 0)


def test_abstract_method_below_a_base_of_another_module_counts() -> None:
    head = "from abc import abstractmethod\nfrom ports import Port\n"

    assert counted(head + "class A(Port):\n    @abstractmethod\n    def f(self): ...") == (1, 1)


def test_abstract_methods_of_a_base_in_another_module_are_not_known() -> None:
    assert counted("from ports import Port\nclass A(Port): ...") == (1, 0)


def test_file_without_classes_is_counted_as_none(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1", encoding="utf-8")

    assert count_classes(str(file)) == (0, 0)


def test_file_that_changed_is_counted_again(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("class A: ...", encoding="utf-8")
    before = count_classes(str(file))

    file.write_text("class A: ...\nclass B: ...", encoding="utf-8")

    assert (before, count_classes(str(file))) == ((1, 0), (2, 0))


def test_edit_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("class A(object): ...  #  ", encoding="utf-8")
    stamp = file.stat()
    count_classes(str(file))

    file.write_text("class A: ...\nclass B: ...", encoding="utf-8")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))

    assert count_classes(str(file)) == (2, 0)


@pytest.mark.parametrize("text", [b"class A(", b"class A: ...\nx = '\xff'"], ids=["syntax", "bytes"])
def test_file_that_cannot_be_parsed_has_no_counts(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(text)

    assert count_classes(str(file)) is None


def test_file_that_is_gone_has_no_counts(tmp_path: Path) -> None:
    assert count_classes(str(tmp_path / "gone.py")) is None


def test_old_file_is_parsed_once_for_each_version() -> None:
    """The folder of Python's own library is older than any test."""
    before = _remembered.cache_info()

    first, second = count_classes(ast.__file__), count_classes(ast.__file__)

    after = _remembered.cache_info()
    assert first == second
    assert after.hits > before.hits
