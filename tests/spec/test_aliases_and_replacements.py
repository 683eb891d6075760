from collections.abc import Callable
from typing import Annotated, Generic, Protocol, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    CircularDependencyError,
    FrozenCollectionError,
    InterfaceMismatchError,
    Key,
    Lifetime,
    MissingServiceError,
    RegistrationError,
    ServiceCollection,
)
from tests.spec.helpers import fact, in_threads, problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ReadVault(Protocol):
    def get(self) -> str: ...


class Vault(ReadVault, Protocol):
    def put(self, value: str) -> None: ...


class Readable(Protocol):
    def get(self) -> str: ...


class MemoryVault:
    def __init__(self) -> None:
        self.value = ""

    def get(self) -> str:
        return self.value

    def put(self, value: str) -> None:
        self.value = value


class OtherVault(MemoryVault):
    pass


class Blind:
    pass


class Reader:
    def __init__(self, vault: ReadVault) -> None:
        self.vault = vault


def test_alias_gives_the_same_object() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).alias(ReadVault, Vault).singleton(Reader)

    container = services.build()

    assert container.resolve(ReadVault) is container.resolve(Vault)
    assert container.resolve(Reader).vault is container.resolve(Vault)


def test_alias_of_a_scoped_service_has_its_lifetime() -> None:
    services = ServiceCollection().scoped(Vault, MemoryVault).alias(ReadVault, Vault)

    container = services.build()

    with container.scope() as one, container.scope() as other:
        assert one.resolve(ReadVault) is one.resolve(Vault)
        assert one.resolve(ReadVault) is not other.resolve(ReadVault)


def test_alias_follows_the_last_registration_of_its_target() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).alias(ReadVault, Vault).singleton(Vault, OtherVault)

    assert type(services.build().resolve(ReadVault)) is OtherVault


def test_chain_of_aliases_gives_the_same_object() -> None:
    services = ServiceCollection().alias(ReadVault, Vault).alias(Vault, MemoryVault).singleton(MemoryVault)

    container = services.build()

    assert container.resolve(ReadVault) is container.resolve(MemoryVault)


def test_alias_counts_among_all_implementations_in_order() -> None:
    services = ServiceCollection().singleton(ReadVault, OtherVault).singleton(Vault, MemoryVault)
    services.alias(ReadVault, Vault)

    container = services.build()

    assert [type(each) for each in container.resolve_all(ReadVault)] == [OtherVault, MemoryVault]
    assert type(container.resolve(ReadVault)) is MemoryVault


def test_registration_after_an_alias_answers_instead_of_it() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).alias(ReadVault, Vault)
    services.singleton(ReadVault, OtherVault)

    container = services.build()

    assert type(container.resolve(ReadVault)) is OtherVault
    assert len(container.resolve_all(ReadVault)) == 2


def test_two_aliases_of_one_service_count_once_in_a_collection() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).alias(ReadVault, Vault).alias(ReadVault, Vault)

    assert len(services.build().resolve_all(ReadVault)) == 1


def test_override_of_the_target_holds_for_the_alias() -> None:
    container = ServiceCollection().singleton(Vault, MemoryVault).alias(ReadVault, Vault).singleton(Reader).build()
    fake = OtherVault()

    with container.override(Vault, fake):
        assert container.resolve(ReadVault) is fake
        assert container.resolve(Reader).vault is fake

    assert container.resolve(ReadVault) is not fake


def test_alias_with_a_key_means_the_target_under_that_key() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key="eu").singleton(Vault, OtherVault)
    services.alias(ReadVault, Vault, key="eu")

    container = services.build()

    assert container.resolve(ReadVault, key="eu") is container.resolve(Vault, key="eu")


def test_alias_with_a_key_of_an_unkeyed_target_means_that() -> None:
    services = ServiceCollection().singleton(MemoryVault).alias(Vault, MemoryVault, key="memory")

    container = services.build()

    assert container.resolve(Vault, key="memory") is container.resolve(MemoryVault)


def test_alias_of_an_annotated_target_names_its_key() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key="eu")
    services.alias(ReadVault, Annotated[Vault, Key("eu")])

    container = services.build()

    assert container.resolve(ReadVault) is container.resolve(Vault, key="eu")


def test_alias_for_any_key_names_every_keyed_one() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key="a").singleton(Vault, OtherVault, key="b")
    services.alias(ReadVault, Vault, key=ANY_KEY)

    container = services.build()

    assert container.resolve(ReadVault, key="a") is container.resolve(Vault, key="a")
    assert container.resolve(ReadVault, key="b") is container.resolve(Vault, key="b")


@pytest.mark.parametrize("key", ["eu", 0])
def test_alias_for_any_key_of_what_has_any_key_answers_for_every_key(key: object) -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key=ANY_KEY).alias(ReadVault, Vault, key=ANY_KEY)
    container = services.alias(Readable, ReadVault, key=ANY_KEY).build()

    found = [container.resolve(Readable, key=key), container.get(ReadVault, key=key)]

    assert found == [container.resolve(Vault, key=key)] * 2
    assert container.is_service(Readable, key=key)
    assert container.get(ReadVault) is None


def test_alias_with_a_key_of_what_has_any_key_means_that_key() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key=ANY_KEY).alias(ReadVault, Vault, key="eu")

    container = services.build()

    assert container.resolve(ReadVault, key="eu") is container.resolve(Vault, key="eu")
    assert container.get(ReadVault, key="us") is None


def test_alias_for_any_key_of_what_does_not_fit_is_refused() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key=ANY_KEY).alias(Blind, Vault, key=ANY_KEY)

    error = problem(services, InterfaceMismatchError)

    assert "cannot be another name for" in str(error)


def test_circle_of_aliases_for_any_key_names_nothing() -> None:
    services = ServiceCollection().alias(ReadVault, Readable, key=ANY_KEY).alias(Readable, ReadVault, key=ANY_KEY)
    container = services.singleton(Vault, MemoryVault, key=ANY_KEY).build()

    assert container.get(ReadVault, key="eu") is None


def test_alias_without_target_is_a_build_error_with_its_line() -> None:
    services = ServiceCollection().alias(ReadVault, Vault)

    error = problem(services, MissingServiceError)

    assert error.service is Vault
    assert "test_aliases_and_replacements.py:" in fact(error, "at")


def test_circle_of_aliases_is_one_build_error() -> None:
    services = ServiceCollection().alias(ReadVault, Vault).alias(Vault, MemoryVault).alias(MemoryVault, ReadVault)

    error = problem(services, CircularDependencyError)

    assert [step.service for step in error.path] == [ReadVault, Vault, MemoryVault, ReadVault]
    assert all(step.line for step in error.path)


def test_alias_of_something_that_does_not_fit_is_refused() -> None:
    services = ServiceCollection().singleton(Blind).alias(ReadVault, Blind)

    error = problem(services, InterfaceMismatchError)

    assert "ReadVault cannot be another name for Blind" in error.summary


def test_alias_of_itself_is_refused_at_once() -> None:
    with pytest.raises(RegistrationError, match="Vault would be another name for itself"):
        ServiceCollection().alias(Vault, Vault)


def test_registration_if_absent_loses_against_an_earlier_one() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).singleton(Vault, OtherVault, if_absent=True)

    container = services.build()

    assert [type(each) for each in container.resolve_all(Vault)] == [MemoryVault]


def test_registration_if_absent_counts_where_nothing_is() -> None:
    services = ServiceCollection().singleton(Vault, OtherVault, if_absent=True)

    assert type(services.build().resolve(Vault)) is OtherVault


def test_registration_if_absent_looks_at_its_own_key_only() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).singleton(Vault, OtherVault, key="b", if_absent=True)

    assert type(services.build().resolve(Vault, key="b")) is OtherVault


@pytest.mark.parametrize(
    "register",
    [
        pytest.param(lambda s: s.register(Vault, OtherVault, if_absent=True), id="register"),
        pytest.param(lambda s: s.scoped(Vault, OtherVault, if_absent=True), id="scoped"),
        pytest.param(lambda s: s.transient(Vault, OtherVault, if_absent=True), id="transient"),
        pytest.param(lambda s: s.instance(Vault, OtherVault(), if_absent=True), id="instance"),
        pytest.param(lambda s: s.alias(Vault, OtherVault, if_absent=True), id="alias"),
    ],
)
def test_every_way_to_register_knows_if_absent(register: Callable[[ServiceCollection], object]) -> None:
    services = ServiceCollection().singleton(OtherVault).singleton(Vault, MemoryVault)

    register(services)

    assert type(services.build().resolve(Vault)) is MemoryVault


def test_replacement_takes_the_place_in_order() -> None:
    services = ServiceCollection().singleton(ReadVault, MemoryVault).singleton(Vault, MemoryVault)
    services.alias(ReadVault, Vault).replace(Vault, OtherVault)

    container = services.build()

    assert [type(each) for each in container.resolve_all(Vault)] == [OtherVault]
    assert [type(each) for each in container.resolve_all(ReadVault)] == [MemoryVault, OtherVault]


def test_alias_that_leads_into_a_circle_it_is_no_part_of_is_refused() -> None:
    services = ServiceCollection().alias(Readable, Vault).alias(Vault, ReadVault).alias(ReadVault, Vault)

    error = problem(services, CircularDependencyError)

    assert {step.service for step in error.path} >= {Vault, ReadVault}


def test_replacement_keeps_the_lifetime_unless_said() -> None:
    services = ServiceCollection().scoped(Vault, MemoryVault).replace(Vault, OtherVault)

    lifetime = services.descriptors()[-1].lifetime

    assert lifetime is Lifetime.SCOPED
    assert services.copy().replace(Vault, OtherVault, lifetime=Lifetime.TRANSIENT).descriptors()[-1].lifetime is (
        Lifetime.TRANSIENT
    )


def test_replacement_by_an_instance_gives_that() -> None:
    vault = OtherVault()
    services = ServiceCollection().singleton(Vault, MemoryVault).replace(Vault, instance=vault)

    assert services.build().resolve(Vault) is vault


def test_replacement_of_any_key_replaces_each_under_its_own() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key="a").singleton(Vault, MemoryVault, key="b")
    services.singleton(Vault, MemoryVault).replace(Vault, OtherVault, key=ANY_KEY)

    container = services.build()

    assert [type(container.resolve(Vault, key=key)) for key in ("a", "b")] == [OtherVault, OtherVault]
    assert type(container.resolve(Vault)) is MemoryVault
    assert container.get(Vault, key="c") is None


def test_replacement_under_a_condition_that_is_not_met_changes_nothing() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).replace(Vault, OtherVault, when=lambda _: False)

    assert type(services.build().resolve(Vault)) is MemoryVault


def test_replacing_nothing_is_refused_with_a_guess() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault, key="eu")

    with pytest.raises(MissingServiceError) as caught:
        services.replace(Vault, OtherVault)

    assert caught.value.service is Vault
    assert fact(caught.value, "did you mean") == "Vault['eu']"


def test_removed_services_are_not_there() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).singleton(Vault, OtherVault).remove(Vault)

    container = services.build()

    assert container.get(Vault) is None
    assert container.resolve_all(Vault) == []


def test_removal_touches_earlier_registrations_only() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).remove(Vault).singleton(Vault, OtherVault)

    assert [type(each) for each in services.build().resolve_all(Vault)] == [OtherVault]


def test_removal_of_any_key_leaves_the_unkeyed_one() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).singleton(Vault, OtherVault, key="b")
    services.remove(Vault, key=ANY_KEY)

    container = services.build()

    assert container.get(Vault, key="b") is None
    assert type(container.resolve(Vault)) is MemoryVault


def test_removing_nothing_is_refused() -> None:
    with pytest.raises(MissingServiceError, match="there is nothing to remove: Vault is not registered so far"):
        ServiceCollection().remove(Vault)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s.alias(ReadVault, Vault), id="alias"),
        pytest.param(lambda s: s.remove(Vault), id="remove"),
        pytest.param(lambda s: s.replace(Vault, OtherVault), id="replace"),
        pytest.param(lambda s: s.decorate(Vault, OtherVault), id="decorate"),
        pytest.param(lambda s: s.include(ServiceCollection()), id="include"),
    ],
)
def test_operation_after_build_is_refused(change: Callable[[ServiceCollection], object]) -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault)
    services.build()

    with pytest.raises(FrozenCollectionError, match="the collection was built"):
        change(services)


def test_copy_takes_the_operations_along() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).alias(ReadVault, Vault)
    services.build()

    copy = services.copy().replace(Vault, OtherVault)

    assert type(copy.build().resolve(ReadVault)) is OtherVault
    assert type(services.build().resolve(ReadVault)) is MemoryVault


def test_replacement_stays_at_the_level_of_what_it_replaces() -> None:
    services = ServiceCollection(("session", "request")).scoped(Vault, MemoryVault, scope="session")

    services.replace(Vault, OtherVault)

    assert services.descriptors()[-1].scope == "session"


def test_replacement_by_an_instance_has_no_lifetime_of_its_own() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault)

    with pytest.raises(RegistrationError, match="is neither built nor closed by the container"):
        services.replace(Vault, instance=OtherVault(), lifetime=Lifetime.SCOPED)


def test_aliases_may_be_added_from_many_threads() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault)

    in_threads([lambda key=key: services.alias(ReadVault, Vault, key=key) for key in range(50)])

    container = services.build()
    assert {id(container.resolve(ReadVault, key=key)) for key in range(50)} == {id(container.resolve(Vault))}


class Box(Generic[T]):
    pass


class ReadBox(Protocol[T_co]):
    pass


def test_alias_of_a_closed_generic_names_what_the_open_registration_gives() -> None:
    container = ServiceCollection().singleton(Box).alias(ReadBox[int], Box[int]).build()

    assert container.resolve(ReadBox[int]) is container.resolve(Box[int])


def test_alias_of_a_generic_left_open_is_refused() -> None:
    error = problem(ServiceCollection().singleton(Box).alias(ReadBox, Box), MissingServiceError)

    assert error.service is Box


def test_alias_stands_in_its_place_beside_open_registrations_of_others() -> None:
    services = ServiceCollection().singleton(Vault, MemoryVault).singleton(Box).singleton(ReadVault, OtherVault)
    services.alias(ReadVault, Vault)

    container = services.build()

    assert [type(each) for each in container.resolve_all(ReadVault)] == [OtherVault, MemoryVault]
