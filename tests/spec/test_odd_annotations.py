"""Annotations that say something unusual: bounds that are unions or no classes, keys of several types, no type."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest

from kimera_di import AnnotationError, Lazy, MissingServiceError, ServiceCollection

Text = TypeVar("Text", bound="str | bytes")


Number = TypeVar("Number", bound=int)


class Pool: ...


def test_bound_that_is_a_union_or_takes_no_class_is_kept() -> None:
    class Texts(Generic[Text]): ...

    class Numbers(Generic[Number]): ...

    class Uses:
        def __init__(self, texts: Texts[str], numbers: Numbers[Any]) -> None: ...

    services = ServiceCollection().singleton(Texts).singleton(Numbers).singleton(Uses)

    assert services.validate() == []


def test_mapping_takes_keys_of_any_type_of_a_union() -> None:
    class Uses:
        def __init__(self, pools: Mapping[str | int, Pool], anything: Mapping[Any, Pool]) -> None:
            self.pools, self.anything = pools, anything

    services = ServiceCollection().singleton(Uses).singleton(Pool, key="eu").singleton(Pool, key=1)

    with services.build() as container:
        assert list(container[Uses].pools) == list(container[Uses].anything) == ["eu", 1]


class Clock: ...


NO_TYPES: dict[str, Any] = {
    "a list of one": ([Pool], "[Pool] is no type: write list[Pool]"),
    "a list of two": ([Pool, Clock], "is no type: it cannot be hashed"),
    "a dictionary": ({str: Pool}, "is no type: it cannot be hashed"),
    "text": ("[Pool]", "[Pool] is no type: write list[Pool]"),
    "inside a collection": (list[[Pool]], "[Pool] is no type: write list[Pool]"),  # type: ignore[valid-type, misc]
    "inside a mapping": (Mapping[str, {}], "{} is no type: it cannot be hashed"),  # type: ignore[misc, valid-type]
    "inside a relation": (Lazy[[Pool]], "[Pool] is no type: write list[Pool]"),  # type: ignore[misc, valid-type]
    "a literal": (Literal[[]], "Literal[[]] is no type: it cannot be hashed"),  # type: ignore[valid-type]
}


def asking(annotation: Any, *, default: bool = False) -> type[Any]:
    """Make a class whose constructor takes one parameter."""

    class Asks:
        def __init__(self, pool: Any = None) -> None:
            self.pool = pool

    Asks.__init__.__annotations__["pool"] = annotation
    Asks.__init__.__defaults__ = (None,) if default else None
    return Asks


@pytest.mark.parametrize("case", NO_TYPES)
def test_annotation_that_is_no_type_is_told_beside_every_other_problem(case: str) -> None:
    annotation, reason = NO_TYPES[case]
    services = ServiceCollection().singleton(Pool).singleton(asking(annotation)).singleton(asking(Clock))

    missing, unreadable = services.validate()

    assert isinstance(missing, MissingServiceError)
    assert isinstance(unreadable, AnnotationError)
    assert reason in str(unreadable)
    assert unreadable.path[-1].parameter == "pool"


@pytest.mark.parametrize("case", NO_TYPES)
def test_parameter_with_a_default_and_no_type_keeps_the_default(case: str) -> None:
    asks = asking(NO_TYPES[case][0], default=True)

    with ServiceCollection().singleton(Pool).singleton(asks).build() as container:
        assert container[asks].pool is None


def test_called_function_with_an_annotation_that_is_no_type_is_told_so() -> None:
    def call(pool: Any) -> Any:
        return pool

    call.__annotations__["pool"] = [Pool]

    with ServiceCollection().singleton(Pool).build() as container:
        with pytest.raises(AnnotationError, match=r"\[Pool\] is no type: write list\[Pool\]"):
            container.call(call)
        assert container.call(call, 3) == 3


def test_mark_that_cannot_be_hashed_stands_beside_a_type() -> None:
    asks, asks_all = asking(Annotated[Pool, []]), asking(list[Annotated[Pool, {}]])
    services = ServiceCollection().singleton(Pool).singleton(asks).transient(asks_all)

    with services.build() as container:
        assert container[asks].pool is container[Pool]
        assert container[asks_all].pool == [container[Pool]]


@pytest.mark.parametrize("is_scoped", [False, True], ids=["singleton", "scoped"])
def test_look_up_of_a_type_beside_a_mark_that_cannot_be_hashed_finds_it(is_scoped: bool) -> None:
    marked: Any = Annotated[Pool, []]
    services = ServiceCollection()
    services = services.scoped(Pool) if is_scoped else services.singleton(Pool)

    with services.build() as container, container.scope() as scope:
        found = [scope.resolve(marked), scope.resolve(marked), scope.get(marked)]
        awaited = asyncio.run(scope.aresolve(marked))

        assert {id(each) for each in (*found, awaited)} == {id(scope[Pool])}
