"""One registration on its own: how an object comes into being, and what makes no sense."""

import functools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from kimera_di import RegistrationError, ServiceId
from kimera_di.registration.descriptors import Construction, describe
from kimera_di.vocabulary import Lifetime, Place

HERE = Place("main.py", 3)


class Thing:
    async def __aenter__(self) -> "Thing":
        return self

    async def make(self) -> "Thing":
        return self

    @classmethod
    async def made(cls) -> "Thing":
        return cls()

    @staticmethod
    def gave() -> Iterator["Thing"]:
        yield Thing()


class AsyncFactory:
    async def __call__(self) -> Thing:
        return Thing()


class InheritedAsyncFactory(AsyncFactory): ...


def function() -> Thing:
    return Thing()


async def coroutine() -> Thing:
    return Thing()


def generator() -> Iterator[Thing]:
    yield Thing()


async def async_generator() -> AsyncIterator[Thing]:
    yield Thing()


@pytest.mark.parametrize(
    ("maker", "expected"),
    [
        (Thing, Construction.CALL),
        (function, Construction.CALL),
        (lambda: Thing(), Construction.CALL),  # noqa: PLW0108 - a lambda is what is tested
        (coroutine, Construction.COROUTINE),
        (Thing().make, Construction.COROUTINE),
        (Thing.made, Construction.COROUTINE),
        (AsyncFactory(), Construction.COROUTINE),
        (InheritedAsyncFactory(), Construction.COROUTINE),
        (functools.partial(coroutine), Construction.COROUTINE),
        (functools.partial(functools.partial(coroutine)), Construction.COROUTINE),
        (generator, Construction.GENERATOR),
        (Thing.gave, Construction.GENERATOR),
        (contextmanager(generator), Construction.GENERATOR),
        (async_generator, Construction.ASYNC_GENERATOR),
        (asynccontextmanager(async_generator), Construction.ASYNC_GENERATOR),
        (functools.partial(async_generator), Construction.ASYNC_GENERATOR),
    ],
)
def test_construction_is_read_off_the_maker(maker: Any, expected: Construction) -> None:
    descriptor = describe(ServiceId(Thing), Lifetime.SCOPED, maker, HERE)

    assert descriptor.construction is expected
    assert descriptor.lifetime is Lifetime.SCOPED


def test_context_manager_function_is_registered_as_its_generator() -> None:
    """The container closes it itself and tells it the scope's error."""
    descriptor = describe(ServiceId(Thing), Lifetime.SCOPED, contextmanager(generator), HERE)

    assert descriptor.maker is generator


def test_instance_is_a_singleton_whatever_it_is() -> None:
    descriptor = describe(ServiceId(Thing), Lifetime.TRANSIENT, coroutine, HERE, is_instance=True)

    assert (descriptor.construction, descriptor.lifetime) == (Construction.INSTANCE, Lifetime.SINGLETON)


@pytest.mark.parametrize(
    ("maker", "options", "text"),
    [
        (3, {}, "3 is neither a class nor a factory, so it cannot build Thing"),
        (generator, {"enter": True}, "generator is a generator and closes itself after its yield"),
        (async_generator, {"on_close": print}, "async_generator is a generator and closes itself"),
        (Thing, {"enter": True, "on_close": print}, "enter=True and on_close= would close the object twice"),
        (Thing, {"on_close": 3}, "on_close=3 cannot be called"),
    ],
)
def test_what_makes_no_sense_on_its_own_is_refused_with_its_line(
    maker: Any, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(RegistrationError) as caught:
        describe(ServiceId(Thing), Lifetime.SINGLETON, maker, HERE, **options)

    assert text in caught.value.summary
    assert ("at", "main.py:3") in caught.value.facts


def test_generator_may_say_that_nothing_else_is_to_be_closed() -> None:
    descriptor = describe(ServiceId(Thing), Lifetime.SINGLETON, generator, HERE, on_close=None)

    assert descriptor.on_close is None
