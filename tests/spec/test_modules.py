import functools
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import pytest

from kimera_di import FrozenCollectionError, Key, MissingServiceError, RegistrationError, ServiceCollection
from tests.spec.helpers import fact, problem

T = TypeVar("T")


class Clock:
    pass


class Rates:
    pass


class OtherRates(Rates):
    pass


class Invoices:
    def __init__(self, rates: Rates) -> None:
        self.rates = rates


class Shipping:
    def __init__(self, rates: Rates) -> None:
        self.rates = rates


class Everything:
    def __init__(self, rates: list[Rates]) -> None:
        self.rates = rates


def billing() -> ServiceCollection:
    return ServiceCollection(name="billing").singleton(Rates, private=True).singleton(Invoices)


def test_included_collection_brings_its_services_in_order() -> None:
    module = ServiceCollection().singleton(Rates).singleton(Rates, OtherRates)

    container = ServiceCollection().singleton(Clock).include(module).build()

    assert [type(each) for each in container.resolve_all(Rates)] == [Rates, OtherRates]
    assert Clock in container


def test_collection_included_twice_counts_once() -> None:
    module = ServiceCollection().singleton(Rates)

    container = ServiceCollection().include(module).include(module).build()

    assert len(container.resolve_all(Rates)) == 1


def test_collection_included_by_two_others_counts_once() -> None:
    shared = ServiceCollection().singleton(Rates)
    one, other = ServiceCollection().include(shared), ServiceCollection().include(shared)

    container = ServiceCollection().include(one).include(other).build()

    assert len(container.resolve_all(Rates)) == 1


def test_frozen_collection_may_be_included() -> None:
    module = ServiceCollection().singleton(Rates)
    module.build()

    assert Rates in ServiceCollection().include(module).build()


def test_function_registers_into_the_collection_it_is_given() -> None:
    def register(services: ServiceCollection) -> None:
        services.singleton(Rates).replace(Clock, Clock)

    container = ServiceCollection().singleton(Clock).include(register).build()

    assert Rates in container


def test_function_included_twice_is_called_once() -> None:
    called: list[int] = []

    def register(services: ServiceCollection) -> None:
        called.append(len(services))
        services.singleton(Rates)

    services = ServiceCollection().include(register).include(register)

    assert called == [0]
    assert len(services.build().resolve_all(Rates)) == 1


def test_function_included_by_two_collections_counts_once() -> None:
    def register(services: ServiceCollection) -> None:
        services.singleton(Rates)

    one, other = ServiceCollection().include(register), ServiceCollection().include(register)

    assert len(ServiceCollection().include(one).include(other).build().resolve_all(Rates)) == 1


def test_function_that_includes_itself_ends() -> None:
    def register(services: ServiceCollection) -> None:
        services.singleton(Rates).include(register)

    assert len(ServiceCollection().include(register).build().resolve_all(Rates)) == 1


def test_collection_made_inside_a_function_may_be_included_there() -> None:
    def register(services: ServiceCollection) -> None:
        services.include(ServiceCollection().singleton(Rates))

    assert Rates in ServiceCollection().include(register).build()


def test_function_that_fails_leaves_the_collection_as_it_was() -> None:
    def register(services: ServiceCollection) -> None:
        services.singleton(Rates)
        raise ValueError("no licence")

    services = ServiceCollection().singleton(Clock)

    with pytest.raises(ValueError, match="no licence"):
        services.include(register)
    assert [each.service.interface for each in services.descriptors()] == [Clock]


def test_registration_of_a_module_keeps_its_own_line() -> None:
    def register(services: ServiceCollection) -> None:
        services.singleton(Rates)

    services = ServiceCollection().include(register)

    assert services.descriptors()[0].place.line == register.__code__.co_firstlineno + 1


async def async_module(services: ServiceCollection) -> None:
    services.singleton(Rates)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        pytest.param(3, "3 is no module that can be included", id="number"),
        pytest.param(Rates, "the class Rates is no module that can be included", id="class"),
        pytest.param(billing, "billing cannot be called with the collection", id="function without parameter"),
        pytest.param(async_module, "async_module registers nothing when it is called", id="async function"),
    ],
)
def test_what_is_no_module_is_refused(module: Any, text: str) -> None:
    with pytest.raises(RegistrationError, match=text):
        ServiceCollection().include(module)


def test_partial_function_is_a_module() -> None:
    def register(services: ServiceCollection, key: str) -> None:
        services.singleton(Rates, key=key)

    container = ServiceCollection().include(functools.partial(register, key="eu")).build()

    assert container.is_service(Rates, key="eu")


def test_levels_of_an_included_collection_must_be_known() -> None:
    module = ServiceCollection(("session", "request"))

    with pytest.raises(RegistrationError, match="has the scope level 'session', this one does not"):
        ServiceCollection().include(module)


def test_private_service_is_given_to_its_module() -> None:
    container = ServiceCollection().include(billing()).build()

    assert type(container.resolve(Invoices).rates) is Rates


def test_private_service_cannot_be_looked_up() -> None:
    container = ServiceCollection().include(billing()).build()

    with pytest.raises(MissingServiceError) as caught:
        container.resolve(Rates)

    assert "private to billing" in fact(caught.value, "note")
    assert Rates not in container
    assert container.resolve_all(Rates) == []


def test_private_service_is_not_given_to_others() -> None:
    services = ServiceCollection().include(billing()).singleton(Shipping)

    error = problem(services, MissingServiceError)

    assert error.service is Rates
    assert "private to billing" in str(error)


def test_two_modules_have_their_own_private_service_of_one_type() -> None:
    shipping = ServiceCollection(name="shipping").singleton(Rates, OtherRates, private=True).singleton(Shipping)

    container = ServiceCollection().include(billing()).include(shipping).build()

    assert type(container.resolve(Invoices).rates) is Rates
    assert type(container.resolve(Shipping).rates) is OtherRates


def test_private_service_comes_before_a_public_one() -> None:
    services = ServiceCollection().singleton(Rates, OtherRates).include(billing()).singleton(Shipping)

    container = services.build()

    assert type(container.resolve(Invoices).rates) is Rates
    assert type(container.resolve(Shipping).rates) is OtherRates


def test_module_included_by_the_owner_gets_private_services() -> None:
    inner = ServiceCollection().singleton(Shipping)
    owner = billing().include(inner)

    container = ServiceCollection().include(owner).build()

    assert container.resolve(Shipping).rates is container.resolve(Invoices).rates


def test_owner_does_not_get_private_services_of_what_it_includes() -> None:
    inner = ServiceCollection(name="inner").singleton(Rates, private=True)
    services = ServiceCollection(name="outer").include(inner).singleton(Shipping)

    error = problem(services, MissingServiceError)

    assert "private to inner" in str(error)


def test_private_services_count_in_the_collections_of_their_module() -> None:
    owner = billing().singleton(Everything)

    container = ServiceCollection().singleton(Rates, OtherRates).include(owner).build()

    assert [type(each) for each in container.resolve(Everything).rates] == [OtherRates, Rates]


def test_private_keyed_service_is_asked_for_by_its_key() -> None:
    class Keyed:
        def __init__(self, rates: Annotated[Rates, Key("eu")]) -> None:
            self.rates = rates

    owner = ServiceCollection(name="billing").singleton(Rates, key="eu", private=True).singleton(Keyed)

    container = ServiceCollection().include(owner).build()

    assert type(container.resolve(Keyed).rates) is Rates
    assert not container.is_service(Rates, key="eu")


def test_module_decorates_its_private_service_and_others_do_not() -> None:
    class Taxed(Rates):
        def __init__(self, inner: Rates) -> None:
            self.inner = inner

    owner = billing().decorate(Rates, Taxed)
    services = ServiceCollection().include(owner)

    container = services.build()

    assert type(container.resolve(Invoices).rates) is Taxed
    assert isinstance(problem(services.copy().decorate(Rates, Taxed), MissingServiceError), MissingServiceError)


def test_private_alias_is_seen_by_its_module() -> None:
    owner = ServiceCollection(name="billing").singleton(OtherRates).alias(Rates, OtherRates, private=True)
    owner.singleton(Invoices)

    container = ServiceCollection().include(owner).build()

    assert container.resolve(Invoices).rates is container.resolve(OtherRates)
    assert Rates not in container


def test_private_service_needs_a_collection_with_a_name() -> None:
    with pytest.raises(RegistrationError, match="Rates is private to a collection without a name"):
        ServiceCollection().singleton(Rates, private=True)


def test_private_service_is_explained_where_it_is_used() -> None:
    text = ServiceCollection().include(billing()).build().explain(Invoices)

    assert "rates: Rates[private to billing]" in text


def test_including_into_a_built_collection_is_refused() -> None:
    services = ServiceCollection()
    services.build()

    with pytest.raises(FrozenCollectionError, match="cannot be included any more"):
        services.include(lambda other: other.singleton(Rates))


class Mapper(Generic[T]):
    def __init__(self, of: type[T]) -> None:
        self.of = of


class OtherMapper(Mapper[T]):
    pass


class Table(Generic[T]):
    def __init__(self, mapper: Mapper[T]) -> None:
        self.mapper = mapper


def test_private_open_generic_is_given_to_what_its_module_closes_at_run_time() -> None:
    owner = ServiceCollection(name="storage").singleton(Mapper, OtherMapper, private=True).singleton(Table)

    container = ServiceCollection().singleton(Mapper).include(owner).build()

    assert type(container.resolve(Table[int]).mapper) is OtherMapper
    assert type(container.resolve(Mapper[int])) is Mapper


@pytest.mark.parametrize("key", [None, "vat"], ids=["unkeyed", "keyed"])
def test_public_registration_behind_a_private_one_of_its_module_is_warned_of(key: str | None) -> None:
    module = ServiceCollection(name="billing").singleton(Clock, key=key, private=True)
    changed = module.copy().instance(Clock, Clock(), key=key)

    with pytest.warns(UserWarning, match=r"billing is given its private .* all the same: say private=True") as seen:
        ServiceCollection().include(changed).build()

    assert [Path(each.filename).name for each in seen] == ["test_modules.py"]


def test_replacement_of_a_private_service_is_not_warned_of() -> None:
    module = ServiceCollection(name="billing").singleton(Clock, private=True)
    others = ServiceCollection().include(module.copy().replace(Clock, instance=Clock())).singleton(Clock)

    assert others.build()[Clock] is not None
