"""Annotations that say something unusual: bounds that are unions or no classes, keys of several types."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from kimera_di import (
    ServiceCollection,
)

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
