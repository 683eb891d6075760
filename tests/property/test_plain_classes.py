"""Random classes, as odd as source text can make them, are planned straight as the general way plans them."""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di import Lifetime, ServiceCollection
from kimera_di.planning.indexes import index
from kimera_di.planning.misfits import misfits
from kimera_di.planning.plain import PlainNodes, closes_nothing, fits_itself
from kimera_di.planning.planner import make_node
from kimera_di.planning.selection import select

pytestmark = pytest.mark.check

HEAD = """
import abc, dataclasses, enum, functools, typing
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, Optional, Protocol, TypeVar
from kimera_di import Injected, Key, Lazy, ServiceContainer
T = TypeVar("T")
class Meta(type):
    def __getattr__(cls, name): return []
def wrapped(function):
    @functools.wraps(function)
    def wrapper(*args, **named): ...
    return wrapper
"""
BASES = ("abc.ABC", "Protocol", "Generic[T]", "metaclass=Meta", "NamedTuple", "enum.Enum", "dict", "int", "Exception")
ANNOTATIONS = (
    *("{}", "'{}'") * 12,  # most of them ordinary, else hardly a class is planned straight
    "' {}'", "Annotated[{}, []]", "Annotated[{}, Key('')]", "Optional[{}]",
    "'{} | None'", "list[{}]", "Lazy[{}]", "Injected[{}]", "[{}]", "type[{}]", "'module.{}'", "T", "'T'", "int", "None",
    "'None'", "'object'", "'Nobody'", "''", "'1'", "Any", "ServiceContainer", "'list'",
)  # fmt: skip
EXTRAS = (
    "__slots__ = ()", "def close(self): ...", "@abc.abstractmethod\n def todo(self): ...", "C0 = int", "C1 = 'C0'",
    "__signature__ = 3", "__init__ = None", "__module__ = 'nowhere'",
)  # fmt: skip


@st.composite
def constructors(draw: st.DrawFn, names: list[str]) -> str:
    """Write a constructor; parameters of any kind, annotated with anything."""
    parts = ["self"]
    has_default = False
    for name in draw(st.lists(st.sampled_from(("a", "__b", "é", "_c")), max_size=3, unique=True)):
        has_default = has_default or draw(st.integers(0, 4)) == 0
        note = draw(st.sampled_from(ANNOTATIONS)).format(draw(st.sampled_from(names)))
        note = f": {note}" if draw(st.integers(0, 9)) else ""
        parts.append(f"{name}{note}{' = None' if has_default else ''}")
    mark = draw(st.sampled_from((*("",) * 9, "/", "*", "*rest", "**more")))
    if mark in {"/", "*"} and len(parts) > 1:
        parts.insert(draw(st.integers(1, len(parts) - (mark == "*"))), mark)
    elif mark:
        parts.append(mark if mark.startswith("*") and mark != "*" else "*rest")
    decorator = draw(st.sampled_from((*("",) * 9, "@wrapped\n ", "@staticmethod\n ")))
    return f"{decorator}def __init__({', '.join(parts)}): ..."


@st.composite
def sources(draw: st.DrawFn) -> list[str]:
    """Write classes, each of which may take and extend those before it."""
    written: list[str] = []
    for number in range(draw(st.integers(2, 6))):
        names = [f"C{each}" for each in range(number)] or ["int"]
        bases = (
            draw(st.lists(st.sampled_from((*names, *BASES)), max_size=2, unique=True)) if draw(st.booleans()) else []
        )
        bases.sort(key=lambda base: "=" in base)
        body = [draw(constructors(names))] if draw(st.integers(0, 2)) else []
        fields = draw(st.booleans()) and not draw(st.integers(0, 3))
        head = "@dataclasses.dataclass\n" if fields else ""
        body = [f"f: {draw(st.sampled_from(ANNOTATIONS)).format(draw(st.sampled_from(names)))}"] if fields else body
        body += [draw(st.sampled_from(EXTRAS))] if not draw(st.integers(0, 4)) else []
        written.append(f"{head}class C{number}({', '.join(bases)}):\n " + "\n ".join(body or ["pass"]))
    return written


@contextmanager
def module_of(written: list[str], file: str, *, as_text: bool) -> Iterator[dict[str, Any]]:
    """Give the names of a module with those classes that Python takes."""
    module = types.ModuleType("kimera_random_module")
    sys.modules[module.__name__] = module
    try:
        exec(compile(HEAD, file, "exec"), vars(module))  # noqa: S102
        for source in written:
            text = ("from __future__ import annotations\n" if as_text else "") + source
            try:
                exec(compile(text, file, "exec", dont_inherit=True), vars(module))  # noqa: S102
            except Exception:  # noqa: BLE001, S112 - bases that do not go together, parameters in a wrong order
                continue
        yield vars(module)
    finally:
        del sys.modules[module.__name__]


@given(
    written=sources(),
    file=st.sampled_from(("here.py", "<string>")),
    as_text=st.booleans(),
    lifetimes=st.lists(st.sampled_from(list(Lifetime)), min_size=6, max_size=6),
    again=st.booleans(),
)
def test_random_classes_are_planned_straight_as_the_general_way_plans_them(
    written: list[str], file: str, as_text: bool, lifetimes: list[Lifetime], again: bool
) -> None:
    with module_of(written, file, as_text=as_text) as names:
        classes = [names[f"C{number}"] for number in range(len(written)) if f"C{number}" in names]
        services = ServiceCollection(scopes=("session", "request"))
        for cls, lifetime in zip(classes * (1 + again), lifetimes * 2, strict=False):
            services.register(cls, lifetime=lifetime)
        descriptors = select(services.entries()).descriptors
        known = index(descriptors, services.scopes)
        plain = PlainNodes(known, descriptors)

        for number, descriptor in enumerate(descriptors):
            straight = plain.node(number, descriptor)
            general, unmet = make_node(number, descriptor, known)
            assert straight is None or (straight == general and not unmet)
            assert not (fits_itself(general) and misfits(general, known.known))
            has_closer = any(
                callable(getattr(general.produces, each, None)) for each in ("close", "aclose", "__exit__")
            )
            assert not (closes_nothing(general.produces) and has_closer)
        services.validate()  # whatever is wrong is told, and nothing is raised
