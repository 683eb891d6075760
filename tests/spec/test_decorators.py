import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Generic, Protocol, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    InterfaceMismatchError,
    Key,
    Lazy,
    MissingServiceError,
    RegistrationError,
    ServiceCollection,
    ServiceKey,
)
from tests.spec.helpers import fact, problem

T = TypeVar("T")
N = TypeVar("N", bound=int)
T_co = TypeVar("T_co", covariant=True)


class Vault(Protocol):
    def get(self) -> str: ...


class MemoryVault:
    def get(self) -> str:
        return "memory"


class OtherVault:
    def get(self) -> str:
        return "other"


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []


class Cached:
    def __init__(self, inner: Vault, log: Log) -> None:
        self.inner = inner
        self.log = log

    def get(self) -> str:
        return f"cached {self.inner.get()}"


class Checked:
    def __init__(self, inner: Vault) -> None:
        self.inner = inner

    def get(self) -> str:
        return f"checked {self.inner.get()}"


class Consumer:
    def __init__(self, vault: Vault) -> None:
        self.vault = vault


def base() -> ServiceCollection:
    return ServiceCollection().singleton(Log).singleton(Vault, MemoryVault)


def test_decorator_wraps_the_service_and_gets_its_own_dependencies() -> None:
    services = base().decorate(Vault, Cached).singleton(Consumer)

    container = services.build()

    vault = container.resolve(Consumer).vault
    assert vault.get() == "cached memory"
    assert isinstance(vault, Cached)
    assert vault.log is container.resolve(Log)
    assert container.resolve(Vault) is vault


def test_last_decorator_is_outermost() -> None:
    services = base().decorate(Vault, Cached).decorate(Vault, Checked)

    assert services.build().resolve(Vault).get() == "checked cached memory"


def test_decorator_touches_registrations_after_it() -> None:
    services = ServiceCollection().singleton(Log).decorate(Vault, Cached).singleton(Vault, MemoryVault)

    assert services.build().resolve(Vault).get() == "cached memory"


def test_decorator_of_a_keyed_type_with_arguments_that_names_no_key_says_so() -> None:
    """Python makes a new ``list[int]`` each time it is written."""

    def longer(inner: list[int]) -> list[int]:
        return [*inner, 0]

    services = ServiceCollection().instance(list[int], [1], key="a").decorate(list[int], longer)

    error = problem(services, MissingServiceError)

    assert fact(error, "note").startswith("without key= it decorates unkeyed registrations")


def test_every_item_of_a_collection_is_decorated() -> None:
    services = base().singleton(Vault, OtherVault).decorate(Vault, Checked)

    assert [each.get() for each in services.build().resolve_all(Vault)] == ["checked memory", "checked other"]


def test_decorated_scoped_service_lives_in_its_scope() -> None:
    services = ServiceCollection().scoped(Vault, MemoryVault).decorate(Vault, Checked)

    container = services.build()

    with container.scope() as one, container.scope() as other:
        assert one.resolve(Vault) is one.resolve(Vault)
        assert one.resolve(Vault) is not other.resolve(Vault)


def test_decorated_transient_is_built_anew() -> None:
    container = ServiceCollection().transient(Vault, MemoryVault).decorate(Vault, Checked).build()

    one, other = container.resolve(Vault), container.resolve(Vault)

    assert isinstance(one, Checked)
    assert isinstance(other, Checked)
    assert one.inner is not other.inner


def test_decorated_instance_is_inside() -> None:
    vault = MemoryVault()

    decorated = ServiceCollection().instance(Vault, vault).decorate(Vault, Checked).build().resolve(Vault)

    assert isinstance(decorated, Checked)
    assert decorated.inner is vault


def test_function_may_decorate() -> None:
    def wrap(inner: Vault) -> Vault:
        return Checked(inner)

    assert base().decorate(Vault, wrap).build().resolve(Vault).get() == "checked memory"


def test_async_function_may_decorate() -> None:
    async def wrap(inner: Vault) -> Vault:
        await asyncio.sleep(0)
        return Checked(inner)

    container = base().decorate(Vault, wrap).build()

    assert asyncio.run(container.aresolve(Vault)).get() == "checked memory"


def test_generator_decorator_and_inner_object_are_closed_in_order() -> None:
    events: list[str] = []

    def open_vault() -> Iterator[Vault]:
        yield MemoryVault()
        events.append("inner closed")

    def wrap(inner: Vault) -> Iterator[Vault]:
        yield Checked(inner)
        events.append("decorator closed")

    container = ServiceCollection().singleton(Vault, open_vault).decorate(Vault, wrap).build()

    with container:
        assert container.resolve(Vault).get() == "checked memory"

    assert events == ["decorator closed", "inner closed"]


def test_on_close_of_the_inner_object_gets_that_object() -> None:
    closed: list[object] = []
    services = ServiceCollection().singleton(Vault, MemoryVault, on_close=closed.append).decorate(Vault, Checked)
    container = services.build()

    with container:
        decorated = container.resolve(Vault)

    assert isinstance(decorated, Checked)
    assert closed == [decorated.inner]


def test_async_generator_may_decorate() -> None:
    events: list[str] = []

    async def wrap(inner: Vault) -> AsyncIterator[Vault]:
        yield Checked(inner)
        events.append("closed")

    async def run() -> str:
        async with base().decorate(Vault, wrap).build() as container:
            return (await container.aresolve(Vault)).get()

    assert asyncio.run(run()) == "checked memory"
    assert events == ["closed"]


def test_unannotated_parameter_takes_the_inner_service_when_it_is_the_only_one() -> None:
    def wrap(inner, log: Log) -> Vault:  # type: ignore[no-untyped-def] # noqa: ANN001
        return Cached(inner, log)

    assert base().decorate(Vault, wrap).build().resolve(Vault).get() == "cached memory"


def test_parameter_of_a_base_class_takes_the_inner_service_when_nothing_else_provides_it() -> None:
    class Wide:
        pass

    class Narrow(Wide):
        pass

    class Wrapper(Narrow):
        def __init__(self, inner: Wide) -> None:
            self.inner = inner

    container = ServiceCollection().singleton(Narrow).decorate(Narrow, Wrapper).build()

    assert type(container.resolve(Narrow)) is Wrapper


def test_parameter_of_type_object_does_not_take_the_inner_service() -> None:
    class Greedy(MemoryVault):
        def __init__(self, anything: object) -> None:
            self.anything = anything

    error = problem(base().decorate(Vault, Greedy), RegistrationError)

    assert error.summary.endswith("none of its parameters takes the inner Vault")


def test_lazy_inner_service_is_the_inner_one() -> None:
    class Later:
        def __init__(self, inner: Lazy[Vault]) -> None:
            self.inner = inner

        def get(self) -> str:
            return f"later {self.inner.value.get()}"

    assert base().decorate(Vault, Later).build().resolve(Vault).get() == "later memory"


def test_keyed_decorator_touches_its_key() -> None:
    services = base().singleton(Vault, OtherVault, key="b").decorate(Vault, Checked, key="b")

    container = services.build()

    assert container.resolve(Vault).get() == "memory"
    assert container.resolve(Vault, key="b").get() == "checked other"


def test_unkeyed_decorator_leaves_keyed_services_alone() -> None:
    services = base().singleton(Vault, OtherVault, key="b").decorate(Vault, Checked)

    container = services.build()

    assert container.resolve(Vault).get() == "checked memory"
    assert container.resolve(Vault, key="b").get() == "other"


def test_decorator_of_any_key_touches_every_keyed_one() -> None:
    services = base().singleton(Vault, OtherVault, key="b").singleton(Vault, MemoryVault, key=0)
    services.decorate(Vault, Checked, key=ANY_KEY)

    container = services.build()

    assert container.resolve(Vault).get() == "memory"
    assert container.resolve(Vault, key="b").get() == "checked other"
    assert container.resolve(Vault, key=0).get() == "checked memory"


def test_decorator_and_inner_object_receive_the_key_they_are_registered_under() -> None:
    class Named:
        def __init__(self, key: Annotated[str, ServiceKey()]) -> None:
            self.key = key

        def get(self) -> str:
            return self.key

    class Twice:
        def __init__(self, inner: Vault, key: Annotated[str, ServiceKey()]) -> None:
            self.inner, self.key = inner, key

        def get(self) -> str:
            return f"{self.key} {self.inner.get()}"

    services = ServiceCollection().singleton(Vault, Named, key="b").decorate(Vault, Twice, key="b")

    assert services.build().resolve(Vault, key="b").get() == "b b"


def test_decorator_may_ask_for_the_service_under_another_key() -> None:
    class Fallback:
        def __init__(self, inner: Vault, other: Annotated[Vault, Key("other")]) -> None:
            self.inner, self.other = inner, other

        def get(self) -> str:
            return f"{self.inner.get()} else {self.other.get()}"

    services = base().singleton(Vault, OtherVault, key="other").decorate(Vault, Fallback)

    assert services.build().resolve(Vault).get() == "memory else other"


def test_keyed_services_by_key_hold_what_is_decorated_once() -> None:
    services = base().singleton(Vault, OtherVault, key="b").decorate(Vault, Checked, key="b")

    found = services.build().resolve(dict[str, Vault])

    assert {key: each.get() for key, each in found.items()} == {"b": "checked other"}


class Repository(Protocol[T_co]):
    def kind(self) -> str: ...


class SqlRepository(Generic[T]):
    def __init__(self, of: type[T]) -> None:
        self.of = of

    def kind(self) -> str:
        return self.of.__name__


class TracedRepository(Generic[T]):
    def __init__(self, inner: Repository[T], of: type[T]) -> None:
        self.inner = inner
        self.of = of

    def kind(self) -> str:
        return f"traced {self.of.__name__} {self.inner.kind()}"


class Orders:
    def __init__(self, repository: Repository[int]) -> None:
        self.repository = repository


def test_open_decorator_wraps_every_closed_service() -> None:
    services = ServiceCollection().singleton(Repository, SqlRepository).decorate(Repository, TracedRepository)
    services.singleton(Orders)

    container = services.build()

    assert container.resolve(Orders).repository.kind() == "traced int int"
    assert container.resolve(Repository[str]).kind() == "traced str str"
    assert container.resolve(Repository[str]) is container.resolve(Repository[str])


def test_override_replaces_the_whole_chain() -> None:
    container = base().decorate(Vault, Checked).singleton(Consumer).build()

    with container.override(Vault, OtherVault()):
        assert container.resolve(Consumer).vault.get() == "other"

    assert container.resolve(Consumer).vault.get() == "checked memory"


def test_override_of_a_dependency_reaches_through_the_chain() -> None:
    class Needing:
        def __init__(self, log: Log) -> None:
            self.log = log

        def get(self) -> str:
            return ",".join(self.log.lines)

    container = ServiceCollection().singleton(Log).singleton(Vault, Needing).decorate(Vault, Checked).build()
    fake = Log()
    fake.lines.append("fake")

    with container.override(Log, fake):
        assert container.resolve(Vault).get() == "checked fake"

    assert container.resolve(Vault).get() == "checked "


def test_explain_shows_the_chain() -> None:
    text = base().decorate(Vault, Cached).decorate(Vault, Checked).build().explain(Vault)

    first, second, third, *_ = text.splitlines()

    assert first.startswith("Vault <- Checked")
    assert "inner: Vault[inside Checked] <- Cached" in second
    assert "inner: Vault[inside Cached] <- MemoryVault" in third


def test_decorating_nothing_is_a_build_error_with_its_line() -> None:
    error = problem(ServiceCollection().decorate(Vault, Checked), MissingServiceError)

    assert error.service is Vault
    assert "test_decorators.py:" in fact(error, "at")


def test_decorating_keyed_services_without_a_key_says_so() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key="b").decorate(Vault, Checked)

    error = problem(services, MissingServiceError)

    assert "key=ANY_KEY" in fact(error, "note")


def test_decorator_that_does_not_fit_is_refused() -> None:
    class Blind:
        def __init__(self, inner: Vault) -> None:
            self.inner = inner

    error = problem(base().decorate(Vault, Blind), InterfaceMismatchError)

    assert error.service is Vault


def test_decorator_without_inner_parameter_says_so() -> None:
    error = problem(base().decorate(Vault, OtherVault), RegistrationError)

    assert error.summary == "OtherVault decorates Vault, but none of its parameters takes the inner Vault"


def test_decorator_with_two_inner_parameters_is_refused() -> None:
    class Both(MemoryVault):
        def __init__(self, one: Vault, other: Vault) -> None:
            self.both = one, other

    error = problem(base().decorate(Vault, Both), RegistrationError)

    assert error.summary.endswith("several of its parameters could take the inner Vault: one, other")


def test_decorating_another_name_says_what_to_decorate() -> None:
    services = base().alias(MemoryVault, Vault).decorate(MemoryVault, Checked)

    errors = services.validate()

    assert any("decorate Vault" in fact(error, "do this") for error in errors)


def test_decorating_a_scope_value_is_refused() -> None:
    services = ServiceCollection().scope_value(Vault).decorate(Vault, Checked)

    error = problem(services, RegistrationError)

    assert error.summary == "Vault cannot be decorated: it is given when a scope opens"


def test_decorator_that_can_build_nothing_is_refused_at_once() -> None:
    with pytest.raises(RegistrationError, match="neither a class nor a factory"):
        base().decorate(Vault, object())


def test_long_chain_of_decorators_needs_no_recursion() -> None:
    services = base()
    for _ in range(3000):
        services.decorate(Vault, Checked)

    container = services.build()

    vault = container.resolve(Vault)
    depth = 0
    while isinstance(vault, Checked):
        vault, depth = vault.inner, depth + 1
    assert depth == 3000


def test_decorator_of_every_key_wraps_what_is_registered_for_every_key() -> None:
    class Named:
        def __init__(self, key: Annotated[str, ServiceKey()]) -> None:
            self.key = key

        def get(self) -> str:
            return self.key

    services = ServiceCollection().singleton(Vault, Named, key=ANY_KEY).decorate(Vault, Checked, key=ANY_KEY)

    container = services.build()

    assert container.resolve(Vault, key="one").get() == "checked one"
    assert container.resolve(Vault, key="two").get() == "checked two"


class IntRepository(Generic[N]):
    def kind(self) -> str:
        return "int"


def test_open_decorator_of_what_cannot_be_closed_so_is_refused() -> None:
    services = ServiceCollection().singleton(Repository, IntRepository).decorate(Repository, TracedRepository)
    container = services.build()

    with pytest.raises(RegistrationError, match="which cannot be a Repository"):
        container.resolve(Repository[str])
    assert container.resolve(Repository[int]).kind() == "traced int int"
