import copy
import weakref
from collections.abc import Mapping
from typing import Any

import pytest

from kimera_di import MissingServiceError, ServiceCollection, ServiceContainer


class A:
    pass


@pytest.fixture
def container(services: ServiceCollection) -> Any:
    return services.singleton(A).build()


def test_empty_container_is_true(services: ServiceCollection) -> None:
    assert services.build()


def test_empty_collection_is_true(services: ServiceCollection) -> None:
    assert services


def test_container_is_an_instance_of_its_class(container: Any) -> None:
    assert isinstance(container, ServiceContainer)
    assert type(container).__name__ == "ServiceContainer"


def test_container_is_hashable_and_equal_to_itself_only(services: ServiceCollection) -> None:
    first, second = services.build(), services.build()

    assert len({first, second, first}) == 2
    assert first == first  # noqa: PLR0124 - what the test is about
    assert first != second


def test_container_is_weakly_referenceable(container: Any) -> None:
    assert weakref.ref(container)() is container


def test_container_is_no_dict_and_no_mapping(container: Any) -> None:
    assert not isinstance(container, dict | Mapping)


def test_items_cannot_be_assigned(container: Any) -> None:
    with pytest.raises(TypeError, match="item assignment"):
        container[A] = A()


def test_items_cannot_be_deleted(container: Any) -> None:
    with pytest.raises(TypeError, match="item deletion"):
        del container[A]


def test_container_has_no_length(container: Any) -> None:
    with pytest.raises(TypeError, match="len"):
        len(container)


def test_container_cannot_be_iterated(container: Any) -> None:
    with pytest.raises(TypeError, match="iterable"):
        iter(container)


@pytest.mark.parametrize("name", ["keys", "items", "values", "pop", "update", "setdefault", "clear"])
def test_container_has_no_method_of_a_mapping(container: Any, name: str) -> None:
    assert not hasattr(container, name)


def test_attributes_cannot_be_added(container: Any) -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        container.nonsense = 1


def test_brackets_raise_and_get_gives_none_for_an_unregistered_service(container: Any) -> None:
    assert container.get(int) is None
    with pytest.raises(MissingServiceError, match="nothing provides int") as caught:
        container[int]
    assert not isinstance(caught.value, KeyError)
    assert caught.value.__context__ is None


def test_in_tells_what_is_registered(container: Any) -> None:
    assert A in container
    assert int not in container


def test_brackets_give_what_resolve_gives(container: Any) -> None:
    assert container[A] is container.resolve(A) is container.get(A)


def test_brackets_of_two_containers_do_not_mix(services: ServiceCollection) -> None:
    first, second = services.singleton(A).build(), services.build()

    assert first[A] is first[A]
    assert second[A] is second[A]
    assert first[A] is not second[A]


def test_container_shows_whether_it_is_open(container: Any) -> None:
    shown_open = repr(container)
    container.close()

    assert shown_open == "<ServiceContainer of 1 services, open>"
    assert repr(container) == "<ServiceContainer of 1 services, closed>"


def test_container_cannot_be_copied(container: Any) -> None:
    """Two containers that share singletons would close them twice."""
    with pytest.raises(TypeError, match="ServiceContainer"):
        copy.copy(container)
