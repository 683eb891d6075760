import sys
from collections.abc import Callable
from typing import Any

import pytest

from kimera_di import ANY_KEY, Call, Conditions, RegistrationError, ServiceCollection
from tests.spec.helpers import fact, problem


class Cache:
    pass


class RedisCache(Cache):
    pass


class MemoryCache(Cache):
    pass


class Redis:
    pass


class Config:
    def __init__(self, url: str) -> None:
        self.url = url


def yes(conditions: Conditions) -> bool:
    return bool(conditions.platform)


def no(conditions: Conditions) -> bool:
    return not conditions.platform


def test_registration_counts_where_its_predicate_says_so() -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache).singleton(Cache, RedisCache, when=yes)

    assert type(services.build().resolve(Cache)) is RedisCache


def test_registration_does_not_count_where_its_predicate_says_no() -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache).singleton(Cache, RedisCache, when=no)

    assert [type(each) for each in services.build().resolve_all(Cache)] == [MemoryCache]


@pytest.mark.parametrize(
    "register",
    [
        pytest.param(lambda s: s.register(Cache, RedisCache, when=no), id="register"),
        pytest.param(lambda s: s.scoped(Cache, RedisCache, when=no), id="scoped"),
        pytest.param(lambda s: s.transient(Cache, RedisCache, when=no), id="transient"),
        pytest.param(lambda s: s.instance(Cache, RedisCache(), when=no), id="instance"),
        pytest.param(lambda s: s.alias(Cache, RedisCache, when=no), id="alias"),
    ],
)
def test_every_way_to_register_takes_a_predicate(register: Callable[[ServiceCollection], object]) -> None:
    services = ServiceCollection().singleton(RedisCache)

    register(services)

    assert services.build().get(Cache) is None


def test_predicate_sees_every_registration_without_condition() -> None:
    services = ServiceCollection().singleton(Cache, RedisCache, when=lambda c: c.has(Redis)).singleton(Redis)

    assert type(services.build().resolve(Cache)) is RedisCache


def test_predicate_sees_conditions_that_were_met_before_it() -> None:
    services = ServiceCollection()
    services.singleton(Cache, RedisCache, when=lambda c: c.has(Redis))
    services.singleton(Redis, when=yes)
    services.singleton(Cache, MemoryCache, key="later", when=lambda c: c.has(Redis))

    container = services.build()

    assert container.get(Cache) is None
    assert type(container.resolve(Cache, key="later")) is MemoryCache


def test_default_counts_only_where_no_condition_was_met() -> None:
    def build(condition: Callable[[Conditions], bool]) -> Cache:
        services = ServiceCollection().singleton(Cache, RedisCache, when=condition)
        return services.singleton(Cache, MemoryCache, if_absent=True).build().resolve(Cache)

    assert type(build(yes)) is RedisCache
    assert type(build(no)) is MemoryCache


def test_predicate_asks_for_keyed_services() -> None:
    services = ServiceCollection().singleton(Redis, key="eu")
    services.singleton(Cache, RedisCache, when=lambda c: c.has(Redis, key="eu") and not c.has(Redis))

    assert type(services.build().resolve(Cache)) is RedisCache


def test_predicate_knows_platform_and_version() -> None:
    seen: list[Any] = []

    def remember(conditions: Conditions) -> bool:
        seen.append((conditions.platform, conditions.python))
        return True

    ServiceCollection().singleton(Cache, when=remember).build()

    assert seen == [(sys.platform, sys.version_info[:3])]


def test_predicate_is_asked_once_per_build() -> None:
    asked: list[str] = []

    def ask(conditions: Conditions) -> bool:
        asked.append(conditions.platform)
        return True

    services = ServiceCollection().singleton(Cache, when=ask)

    services.build().resolve(Cache)

    assert asked == [sys.platform]


def test_predicate_reads_a_registered_instance() -> None:
    services = ServiceCollection().instance(Config, Config("redis:"))
    services.singleton(Cache, RedisCache, when=lambda c: c.settings(Config).url.startswith("redis:"))

    assert type(services.build().resolve(Cache)) is RedisCache


def test_predicate_that_asks_for_a_built_service_is_a_build_error() -> None:
    services = ServiceCollection().singleton(Redis).singleton(Cache, when=lambda c: c.settings(Redis) is not None)

    error = problem(services, RegistrationError)

    assert "when= of Cache raised MissingServiceError" in error.summary


def test_predicate_that_raises_is_a_build_error_with_its_line() -> None:
    def broken(_: Conditions) -> bool:
        raise ValueError("no such variable")

    error = problem(ServiceCollection().singleton(Cache, when=broken), RegistrationError)

    assert error.summary == "when= of Cache raised ValueError: no such variable"
    assert "test_conditions.py:" in fact(error, "at")
    assert isinstance(error.__cause__, ValueError)


def test_predicate_that_cannot_be_called_is_refused_at_once() -> None:
    predicate: Any = True

    with pytest.raises(RegistrationError, match="when=True of Cache cannot be called"):
        ServiceCollection().singleton(Cache, when=predicate)


def test_async_predicate_is_refused_at_once() -> None:
    async def ask(_: Conditions) -> bool:
        return False

    with pytest.raises(RegistrationError, match="when= of Cache is an async function or a generator"):
        ServiceCollection().singleton(Cache, when=ask)


def test_explain_says_what_was_not_chosen_and_why() -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache).singleton(Cache, RedisCache, when=no)
    services.singleton(Cache, if_absent=True).singleton(Cache, MemoryCache)

    lines = services.build().explain(Cache).splitlines()

    assert lines[0].startswith("Cache <- MemoryCache")
    assert "a later registration answers" in lines[1]
    assert "RedisCache" in lines[2]
    assert "its when= said no" in lines[2]
    assert "if_absent, and" in lines[3]


def test_explain_says_what_was_replaced_and_removed() -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache).replace(Cache, RedisCache)
    services.singleton(Redis).remove(Redis)

    container = services.build()

    assert "not chosen  MemoryCache" in container.explain(Cache)
    assert "replaced at" in container.explain(Cache)
    assert "removed at" in container.explain(Redis)


class Loud(Cache):
    def __init__(self, inner: Cache) -> None:
        self.inner = inner


def around(call: Call) -> Any:
    return call.proceed()


@pytest.mark.parametrize(("when", "kind"), [(yes, Loud), (no, MemoryCache)], ids=["yes", "no"])
def test_decorator_is_put_on_where_its_predicate_says_so(when: Callable[[Conditions], bool], kind: type) -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache).decorate(Cache, Loud, when=when)

    assert type(services.build().resolve(Cache)) is kind


def test_interceptor_is_put_on_where_its_predicate_says_so() -> None:
    def build(when: Callable[[Conditions], bool]) -> Cache:
        return ServiceCollection().singleton(Cache, MemoryCache).intercept(Cache, around, when=when).build()[Cache]

    assert type(build(no)) is MemoryCache
    assert type(build(yes)) is not MemoryCache


def test_predicate_of_a_decorator_sees_every_registration_that_counts() -> None:
    services = ServiceCollection().decorate(Cache, Loud, when=lambda conditions: conditions.has(Redis))
    services.singleton(Cache, MemoryCache).singleton(Redis, when=yes)

    assert type(services.build().resolve(Cache)) is Loud


def test_decorator_with_a_condition_keeps_its_place_among_the_others() -> None:
    class Louder(Loud):
        pass

    services = ServiceCollection().singleton(Cache, MemoryCache)
    services.decorate(Cache, Loud, when=yes).decorate(Cache, Louder).decorate(Cache, Loud, when=no)
    outer: Any = services.build().resolve(Cache)

    assert [type(outer), type(outer.inner), type(outer.inner.inner)] == [Louder, Loud, MemoryCache]


def test_decorator_that_is_not_put_on_needs_nothing_to_wrap() -> None:
    services = ServiceCollection().decorate(Cache, Loud, when=no)

    assert services.validate() == []


@pytest.mark.parametrize("key", ["redis", ANY_KEY], ids=["key", "every-key"])
def test_explain_says_which_decorator_was_not_put_on_and_why(key: Any) -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache, key="redis").decorate(Cache, Loud, key=key, when=no)
    container = services.build()

    text = container.explain(Cache, "redis")

    assert text.startswith("Cache['redis'] <- MemoryCache")
    assert "not chosen  Loud (" in text
    assert "its when= said no" in text


def test_predicate_of_a_decorator_that_raises_is_a_build_error_with_its_line() -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache)
    services.decorate(Cache, Loud, when=lambda _: 1 / 0)

    error = problem(services, RegistrationError)

    assert "when= of Cache raised ZeroDivisionError" in error.summary
    assert "test_conditions.py:" in fact(error, "at")


def test_predicate_of_a_decorator_that_cannot_be_called_is_refused_at_once() -> None:
    services = ServiceCollection().singleton(Cache, MemoryCache)

    with pytest.raises(RegistrationError, match="cannot be called"):
        services.decorate(Cache, Loud, when=True)  # type: ignore[arg-type]
