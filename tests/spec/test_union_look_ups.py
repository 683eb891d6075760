"""Unions as look-ups: what a parameter of that type would be given."""

import asyncio
from typing import Annotated, Any, Generic, Optional, TypeVar, Union

import pytest

from kimera_di import AmbiguousServiceError, Key, MissingServiceError, ServiceCollection
from tests.spec.helpers import fact, way

T = TypeVar("T")


class Disk:
    pass


class Memory:
    pass


class Box(Generic[T]):
    pass


def test_none_in_a_union_is_no_member_even_where_it_is_registered(services: ServiceCollection) -> None:
    container = services.singleton(Memory).singleton(type(None), lambda: None).build()

    assert type(container.resolve(Memory | None)) is Memory


@pytest.mark.parametrize("union", [Disk | Memory, Union[Memory, Disk]], ids=str)  # noqa: UP007 - both spellings
def test_only_registered_member_answers(services: ServiceCollection, union: Any) -> None:
    container = services.singleton(Memory).build()

    with container.scope() as scope:
        assert scope.resolve(union) is container.resolve(union) is container[Memory]


def test_registered_union_wins_over_its_members(services: ServiceCollection) -> None:
    own = Disk()
    container = services.singleton(Memory).singleton(Disk).instance(Disk | Memory, own).build()

    assert container.resolve(Disk | Memory) is own


def test_several_registered_members_are_ambiguous(services: ServiceCollection) -> None:
    container = services.singleton(Memory).singleton(Disk).build()

    with pytest.raises(AmbiguousServiceError, match="could be any of Disk, Memory") as caught:
        container.resolve(Disk | Memory)

    assert caught.value.service == Disk | Memory
    assert "ask for one of Disk, Memory" in fact(caught.value, "do this")


def test_no_registered_member_is_missing(services: ServiceCollection) -> None:
    container = services.build()

    with pytest.raises(MissingServiceError, match=r"nothing provides Disk \| Memory") as caught:
        container.resolve(Disk | Memory)

    assert way(caught.value) == [(Disk | Memory, None)]
    assert container.get(Disk | Memory) is None


@pytest.mark.parametrize("optional", [Disk | None, Optional[Disk]], ids=str)  # noqa: UP045 - both spellings
def test_optional_without_a_registration_is_none(services: ServiceCollection, optional: Any) -> None:
    """As a parameter of that type would be given it; the type of the look-up says so."""
    container = services.build()

    async def main() -> object:
        return await container.aresolve(optional)

    assert container.resolve(optional) is container.get(optional) is asyncio.run(main()) is None
    assert not container.is_service(optional)


def test_optional_with_a_registration_is_its_object(services: ServiceCollection) -> None:
    container = services.singleton(Disk).build()

    assert container.resolve(Disk | None) is container[Disk]
    assert container.is_service(Disk | None)


def test_member_may_be_answered_by_an_open_registration(services: ServiceCollection) -> None:
    container = services.singleton(Box).build()

    assert container.resolve(Box[int] | None) is container.resolve(Box[int])


def test_key_counts_for_every_member_without_one(services: ServiceCollection) -> None:
    container = services.singleton(Disk, key="a").singleton(Memory, key="b").build()

    assert type(container.resolve(Disk | Memory, key="a")) is Disk
    assert type(container.resolve(Annotated[Disk | Memory, Key("b")])) is Memory


def test_union_under_an_override_is_what_the_override_gives(services: ServiceCollection) -> None:
    container, fake = services.singleton(Disk).build(), Disk()

    with container.override(Disk, fake):
        assert container.resolve(Disk | Memory) is fake
    assert container.resolve(Disk | Memory) is container[Disk]
