"""Overrides that cannot be: of a closed container, never entered, of what stands for others."""

import asyncio
from typing import Generic, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    ContainerClosedError,
    KimeraError,
    ServiceCollection,
)

T = TypeVar("T")


class Pool: ...


class Repository(Generic[T]): ...


def test_override_of_a_closed_container_is_refused() -> None:
    container = ServiceCollection().singleton(Pool).build()
    override = container.override(Pool, Pool())
    container.close()

    with pytest.raises(ContainerClosedError, match="container"), override:
        pass


def test_override_that_was_never_entered_has_nothing_to_leave() -> None:
    with ServiceCollection().singleton(Pool).build() as container:
        override = container.override(Pool, Pool())

        override.__exit__(None, None, None)
        asyncio.run(override.__aexit__(None, None, None))

        assert type(container[Pool]) is Pool


def test_override_of_what_stands_for_others_is_refused() -> None:
    services = ServiceCollection().singleton(Repository, key=ANY_KEY)

    with services.build() as container, pytest.raises(KimeraError, match="Repository"):
        container.override(Repository, Repository[int](), key=ANY_KEY).__enter__()
