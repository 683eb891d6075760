"""Closed generics as services, and open registrations that answer for every closed one."""

import asyncio
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NewType, Protocol, TypeVar

import pytest

from kimera_di import (
    ANY_KEY,
    CaptiveDependencyError,
    CircularDependencyError,
    InterfaceMismatchError,
    Key,
    Lazy,
    MissingServiceError,
    Provider,
    RegistrationError,
    SameKey,
    ScopeRequiredError,
    ServiceCollection,
    ServiceKey,
)
from tests.spec.conftest import Importer
from tests.spec.helpers import fact, in_threads, problem, way

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


class Entity:
    pass


class User(Entity):
    pass


class Order(Entity):
    pass


class Named(Protocol):
    name: str


class City:
    name = "Rome"


E = TypeVar("E", bound=Entity)
N = TypeVar("N", bound=Named)
Late = TypeVar("Late", bound="Entity")
C = TypeVar("C", int, str)


class Repository(ABC, Generic[T]):
    @abstractmethod
    def all(self) -> list[T]: ...


class Mapper(Generic[T]):
    pass


class SqlRepository(Repository[V]):
    def __init__(self, mapper: Mapper[V]) -> None:
        self.mapper = mapper

    def all(self) -> list[V]:
        return []


class MemoryRepository(Repository[T]):
    def all(self) -> list[T]:
        return []


class EntityRepository(MemoryRepository[E]):
    pass


class UserRepository(MemoryRepository[User]):
    pass


@dataclass(eq=False)
class Shop:
    users: Repository[User]
    orders: Repository[Order]


def test_closed_generics_are_services_of_their_own(services: ServiceCollection) -> None:
    services.singleton(Mapper[User]).singleton(Mapper[Order])

    container = services.build()

    assert container.resolve(Mapper[User]) is container.resolve(Mapper[User])
    assert container.resolve(Mapper[User]) is not container.resolve(Mapper[Order])


def test_open_registration_answers_every_closed_look_up(services: ServiceCollection) -> None:
    container = services.singleton(Repository, SqlRepository).singleton(Mapper).build()

    users, orders = container.resolve(Repository[User]), container.resolve(Repository[Order])

    assert type(users) is type(orders) is SqlRepository
    assert users is container.resolve(Repository[User])
    assert users is not orders
    assert isinstance(users, SqlRepository)
    assert users.mapper is container.resolve(Mapper[User])


def test_open_registration_answers_parameters(services: ServiceCollection) -> None:
    container = services.scoped(Repository, SqlRepository).singleton(Mapper).scoped(Shop).build()

    with container.scope() as scope:
        assert scope.resolve(Shop).users is scope.resolve(Repository[User])
        assert scope.resolve(Shop).orders is scope.resolve(Repository[Order])
    with pytest.raises(ScopeRequiredError, match=r"Repository\[User\] is scoped"):
        container.resolve(Repository[User])


def test_type_arguments_are_put_into_nested_annotations(services: ServiceCollection) -> None:
    class Deep(Generic[T]):
        def __init__(self, few: list[Mapper[T]], maybe: Mapper[list[T]] | None, bare: Mapper[Any]) -> None:
            self.few, self.maybe, self.bare = few, maybe, bare

    container = services.singleton(Mapper).singleton(Deep).build()

    found = container.resolve(Deep[User])

    assert found.few == [container.resolve(Mapper[User])]
    assert found.maybe is container.resolve(Mapper[list[User]])
    assert found.bare is container.resolve(Mapper[Any])


def test_inherited_constructor_is_read_in_the_variables_of_its_class(services: ServiceCollection) -> None:
    class Base(Generic[K, V]):
        def __init__(self, keys: Mapper[K], values: Mapper[V]) -> None:
            self.keys, self.values = keys, values

    class Swapped(Base[V, K]):
        pass

    class Closed(Base[User, V]):
        pass

    container = services.singleton(Mapper).singleton(Swapped).singleton(Closed).build()

    assert container.resolve(Swapped[User, Order]).keys is container.resolve(Mapper[User])
    assert container.resolve(Closed[Order]).keys is container.resolve(Mapper[User])
    assert container.resolve(Closed[Order]).values is container.resolve(Mapper[Order])


def test_variables_of_a_dataclass_and_its_base_are_told_apart(services: ServiceCollection) -> None:
    @dataclass
    class Base(Generic[T]):
        first: Mapper[T]

    @dataclass
    class Both(Base[Order], Generic[T]):
        second: Mapper[T]

    container = services.singleton(Mapper).singleton(Both).build()

    found = container.resolve(Both[User])

    assert found.first is container.resolve(Mapper[Order])
    assert found.second is container.resolve(Mapper[User])


def test_closed_implementation_has_its_arguments_put_into_its_parameters(services: ServiceCollection) -> None:
    services.singleton(Mapper[User]).singleton(Repository[User], SqlRepository[User])

    assert isinstance(services.build().resolve(Repository[User]), SqlRepository)


def test_bare_implementation_of_a_closed_service_is_closed_with_it(services: ServiceCollection) -> None:
    services.singleton(Mapper[User]).singleton(Repository[User], SqlRepository)

    assert isinstance(services.build().resolve(Repository[User]), SqlRepository)


def test_class_that_inherits_from_a_closed_base_has_its_arguments(services: ServiceCollection) -> None:
    class UserSql(SqlRepository[User]):
        pass

    services.singleton(Mapper[User]).singleton(UserSql)

    container = services.build()

    assert container[UserSql].mapper is container.resolve(Mapper[User])


def test_factory_with_type_variables_is_an_open_registration(services: ServiceCollection) -> None:
    def make(mapper: Mapper[T]) -> Repository[T]:
        return SqlRepository(mapper)

    container = services.singleton(Repository, make).singleton(Mapper).build()

    found = container.resolve(Repository[User])

    assert isinstance(found, SqlRepository)
    assert found.mapper is container.resolve(Mapper[User])


def test_factory_of_a_subclass_is_an_open_registration(services: ServiceCollection) -> None:
    def make(kind: type[V]) -> Iterator[SqlRepository[V]]:
        found: SqlRepository[V] = SqlRepository(Mapper())
        found.kind = kind  # type: ignore[attr-defined]
        yield found

    container = services.scoped(Repository, make).build()

    with container.scope() as scope:
        assert scope.resolve(Repository[Order]).kind is Order  # type: ignore[attr-defined]


def test_async_factory_is_an_open_registration(services: ServiceCollection) -> None:
    async def make(kind: type[T]) -> AsyncIterator[Mapper[T]]:
        found: Mapper[T] = Mapper()
        found.kind = kind  # type: ignore[attr-defined]
        yield found

    services.scoped(Mapper, make).scoped(Repository, SqlRepository)

    async def main() -> Any:
        async with services.build() as container, container.scope() as scope:
            return (await scope.aresolve(Repository[User])).mapper.kind  # type: ignore[attr-defined]

    assert asyncio.run(main()) is User


def test_class_argument_is_passed_for_type_of_the_variable(services: ServiceCollection) -> None:
    class Table(Generic[T]):
        def __init__(self, row: type[T]) -> None:
            self.row = row

    container = services.singleton(Table).build()

    assert container.resolve(Table[User]).row is User


def test_registered_class_object_wins_over_the_class_argument(services: ServiceCollection) -> None:
    class Special(User):
        pass

    class Table(Generic[T]):
        def __init__(self, row: type[T]) -> None:
            self.row = row

    container = services.singleton(Table).instance(type[User], Special).build()

    assert container.resolve(Table[User]).row is Special
    assert container.resolve(Table[Order]).row is Order


def test_closed_is_preferred_over_open_whatever_the_order(services: ServiceCollection) -> None:
    services.singleton(Repository[User], UserRepository).singleton(Repository, MemoryRepository)

    container = services.build()

    assert type(container.resolve(Repository[User])) is UserRepository
    assert type(container.resolve(Repository[Order])) is MemoryRepository


def test_closed_is_preferred_over_open_for_parameters(services: ServiceCollection) -> None:
    services.singleton(Repository[User], UserRepository).singleton(Repository, MemoryRepository).singleton(Shop)

    shop = services.build()[Shop]

    assert (type(shop.users), type(shop.orders)) == (UserRepository, MemoryRepository)


def test_all_who_name_a_closed_type_share_its_object(services: ServiceCollection) -> None:
    def make(users: Repository[User], mapper: Mapper[User]) -> list[Any]:
        return [users, mapper]

    services.singleton(Repository, SqlRepository).singleton(Mapper).singleton(Shop).singleton(list, make)

    container = services.build()

    assert container[list] == [container[Shop].users, container[Shop].users.mapper]  # type: ignore[attr-defined]


def test_last_open_registration_that_fits_wins(services: ServiceCollection) -> None:
    services.singleton(Repository, MemoryRepository).singleton(Repository, EntityRepository)

    container = services.build()

    assert type(container.resolve(Repository[User])) is EntityRepository
    assert type(container.resolve(Repository[int])) is MemoryRepository


def test_list_holds_closed_and_matching_open_registrations_in_order(services: ServiceCollection) -> None:
    services.singleton(Repository, EntityRepository).singleton(Repository[User], UserRepository)
    services.singleton(Repository, MemoryRepository)

    container = services.build()

    assert [type(each) for each in container.resolve_all(Repository[User])] == [
        EntityRepository, UserRepository, MemoryRepository,
    ]  # fmt: skip
    assert [type(each) for each in container.resolve_all(Repository[int])] == [MemoryRepository]
    assert container.resolve_all(Repository[User])[1] is container.resolve(Repository[User])


def test_list_without_a_candidate_is_empty(services: ServiceCollection) -> None:
    container = services.singleton(Repository, EntityRepository).build()

    assert container.resolve_all(Repository[int]) == []


@pytest.mark.parametrize(
    ("variable", "fits", "fails", "reason"),
    [
        (E, User, int, "E is bound by Entity"),
        (Late, User, int, "Late is bound by Entity"),
        (N, City, User, "N is bound by Named"),
        (C, int, bool, "C is one of int, str"),
        (E, User | Order, User | int, "E is bound by Entity"),
    ],
    ids=["class", "string", "protocol", "constraints", "union"],
)
def test_bound_or_constraint_decides_who_answers(
    services: ServiceCollection, variable: Any, fits: Any, fails: Any, reason: str
) -> None:
    class Bounded(Mapper[variable]):  # type: ignore[misc]
        pass

    container = services.singleton(Mapper, Bounded).build()

    with pytest.raises(MissingServiceError, match="nothing provides Mapper") as caught:
        container.resolve(Mapper[fails])

    assert type(container.resolve(Mapper[fits])) is Bounded
    assert reason in fact(caught.value, "no candidate")
    assert container.get(Mapper[fails]) is None


def test_implementation_of_a_part_of_the_types_answers_for_these(services: ServiceCollection) -> None:
    class Lists(Repository[list[T]]):
        def all(self) -> list[list[T]]:
            return []

    container = services.singleton(Repository, Lists).build()

    assert type(container.resolve(Repository[list[User]])) is Lists
    assert container.get(Repository[User]) is None


def test_protocol_is_implemented_by_a_class_that_does_not_inherit(services: ServiceCollection) -> None:
    class Reads(Protocol[V_co]):
        def read(self) -> V_co: ...

    class Reader(Generic[T]):
        def __init__(self, row: type[T]) -> None:
            self.row = row

        def read(self) -> T:
            return self.row()

    container = services.singleton(Reads, Reader).build()

    assert type(container.resolve(Reads[User]).read()) is User


def test_bare_class_of_an_open_registration_is_one_of_any(services: ServiceCollection) -> None:
    """PEP 484: a generic class without arguments has Any for each of them."""
    container = services.singleton(Mapper).build()

    assert container[Mapper] is container.resolve(Mapper)  # pyright: ignore[reportUnknownMemberType]
    assert container.resolve(Mapper[User]) is not container.resolve(Mapper)  # pyright: ignore[reportUnknownMemberType]


def test_object_registered_for_a_bare_class_is_an_ordinary_service(services: ServiceCollection) -> None:
    own = UserRepository()
    container = services.instance(Repository, own).build()

    assert container.is_service(Repository)
    assert container.get(Repository[User]) is None
    assert container[Repository] is own  # pyright: ignore[reportUnknownMemberType]


def test_closed_implementation_of_a_bare_service_leaves_nothing_open(services: ServiceCollection) -> None:
    container = services.singleton(Repository, UserRepository).build()

    assert container.is_service(Repository)
    assert not container.is_service(Repository[User])


def test_registration_for_a_part_of_the_types_answers_for_these(services: ServiceCollection) -> None:
    container = services.singleton(Mapper[list[T]], Mapper).build()  # type: ignore[valid-type]

    assert container.is_service(Mapper[list[User]])
    assert not container.is_service(Mapper[User])
    assert isinstance(container.resolve(Mapper[list[User]]), Mapper)


def test_is_service_is_true_for_closed_forms_and_derives_nothing(services: ServiceCollection) -> None:
    container = services.singleton(Repository, EntityRepository).singleton(Mapper[User], key="k").build()

    assert [container.is_service(each) for each in (Repository[User], Repository[int], Repository)] == [
        True,
        False,
        False,
    ]
    assert [container.is_service(Mapper[User], key) for key in ("k", "l", None)] == [True, False, False]
    assert Repository[User] in container
    assert "2 services" in repr(container)


def test_keyed_open_registration_answers_under_its_key(services: ServiceCollection) -> None:
    container = services.singleton(Repository, MemoryRepository, key="a").build()

    assert type(container.resolve(Repository[User], key="a")) is MemoryRepository
    assert container.get(Repository[User]) is None
    assert container.is_service(Repository[User], "a")
    assert not container.is_service(Repository, "a")


def test_open_registration_with_any_key_answers_for_types_and_keys(services: ServiceCollection) -> None:
    class Table(Generic[T]):
        def __init__(
            self, row: type[T], name: Annotated[str, ServiceKey()], mapper: Annotated[Mapper[T], SameKey()]
        ) -> None:
            self.row, self.name, self.mapper = row, name, mapper

    container = services.singleton(Table, key=ANY_KEY).singleton(Mapper, key=ANY_KEY).build()

    found = container.resolve(Table[User], key="x")

    assert (found.row, found.name) == (User, "x")
    assert found.mapper is container.resolve(Mapper[User], key="x")


def test_closed_type_of_any_key_is_preferred_over_an_open_one_of_the_key(services: ServiceCollection) -> None:
    services.singleton(Repository[User], UserRepository, key=ANY_KEY).singleton(Repository, MemoryRepository, key="a")

    container = services.build()

    assert type(container.resolve(Repository[User], key="a")) is UserRepository
    assert type(container.resolve(Repository[Order], key="a")) is MemoryRepository


def test_list_for_any_key_holds_open_registrations_under_keys(services: ServiceCollection) -> None:
    services.singleton(Repository, MemoryRepository, key="b").singleton(Repository[User], UserRepository, key="a")
    services.singleton(Repository, EntityRepository, key=ANY_KEY)

    container = services.build()

    assert [type(each) for each in container.resolve_all(Repository[User], key=ANY_KEY)] == [
        MemoryRepository, UserRepository,
    ]  # fmt: skip


def test_missing_dependency_of_a_closed_parameter_is_found_at_build(services: ServiceCollection) -> None:
    services.scoped(Repository, SqlRepository).singleton(Mapper[User]).scoped(Shop)

    assert way(problem(services, MissingServiceError)) == [
        (Shop, "orders"), (Repository[Order], "mapper"), (Mapper[Order], None),
    ]  # fmt: skip


def test_missing_dependency_of_a_closed_look_up_has_the_whole_path(services: ServiceCollection) -> None:
    class Clock:
        pass

    class Timed(Mapper[T]):
        def __init__(self, clock: Mapper[list[T]]) -> None:
            del clock

    container = services.singleton(Repository, SqlRepository).singleton(Mapper[User], Timed).build
    services.singleton(Mapper[list[User]])

    with pytest.raises(MissingServiceError, match=r"nothing provides Mapper\[Order\]") as caught:
        container().resolve(Repository[Order])

    assert way(caught.value) == [(Repository[Order], "mapper"), (Mapper[Order], None)]


def test_look_up_that_failed_leaves_nothing_behind(services: ServiceCollection) -> None:
    container = services.singleton(Repository, SqlRepository).singleton(Mapper[User]).build()

    for _ in range(2):
        with pytest.raises(MissingServiceError, match=r"Mapper\[Order\]"):
            container.resolve(Repository[Order])

    assert isinstance(container.resolve(Repository[User]), SqlRepository)
    assert [node.service for node in container.graph().nodes if "Order" in node.service] == []


def test_scoped_dependency_of_a_closed_singleton_is_captive(services: ServiceCollection) -> None:
    container = services.singleton(Repository, SqlRepository).scoped(Mapper).build()

    with pytest.raises(CaptiveDependencyError, match="would keep the scoped Mapper") as caught:
        container.resolve(Repository[User])

    assert way(caught.value) == [(Repository[User], "mapper"), (Mapper[User], None)]


def test_cycle_of_open_registrations_is_found_at_the_look_up(services: ServiceCollection) -> None:
    class Egg(Generic[T]):
        def __init__(self, hen: "Hen[T]") -> None: ...

    class Hen(Generic[T]):
        def __init__(self, egg: Egg[T]) -> None: ...

    container = services.singleton(Egg).singleton(Hen).build()

    with pytest.raises(CircularDependencyError, match="needs itself") as caught:
        container.resolve(Egg[User])

    assert [step.service for step in caught.value.path] == [Egg[User], Hen[User], Egg[User]]


def test_type_arguments_that_grow_without_end_are_a_cycle(services: ServiceCollection) -> None:
    class Grows(Generic[T]):
        def __init__(self, inner: "Grows[list[T]]") -> None: ...

    container = services.singleton(Grows).build()

    with pytest.raises(CircularDependencyError, match="ever larger type arguments") as caught:
        container.resolve(Grows[User])

    assert caught.value.path[0].service is Grows
    assert container.is_service(Grows[User])


def test_deep_chain_of_open_registrations_needs_no_recursion(services: ServiceCollection) -> None:
    top: Any = Mapper
    for _ in range(1500):

        class Link(Generic[T]):
            def __init__(self, inner: Any) -> None:
                self.inner = inner

        Link.__init__.__annotations__ = {"inner": top[T]}
        services.singleton(Link)
        top = Link
    services.singleton(Mapper)

    found = services.build().resolve(top[User])

    assert type(found.inner.inner) is not Mapper


def test_threads_asking_first_for_a_closed_type_get_one_object(services: ServiceCollection) -> None:
    container = services.singleton(Repository, SqlRepository).singleton(Mapper).build()
    barrier = threading.Barrier(4)
    kinds: list[Any] = [NewType(f"Kind{n}", int) for n in range(20)]

    def ask() -> list[Any]:
        barrier.wait(10)
        return [container.resolve(Repository[kind]) for kind in kinds]

    first, *others = in_threads([ask] * 4)

    assert all(each == first for each in others)
    assert len({id(each.mapper) for each in first}) == 20


def test_override_of_a_closed_service_holds_for_those_met_later(services: ServiceCollection) -> None:
    class Fake(Mapper[User]):
        pass

    container = services.scoped(Repository, SqlRepository).singleton(Mapper).build()

    with container.override(Mapper[User], Fake()), container.scope() as scope:
        assert type(scope.resolve(Repository[User]).mapper) is Fake  # type: ignore[attr-defined]
        assert type(scope.resolve(Repository[Order]).mapper) is Mapper  # type: ignore[attr-defined]
    with container.scope() as scope:
        assert type(scope.resolve(Repository[User]).mapper) is Mapper  # type: ignore[attr-defined]


def test_nested_overrides_learn_of_a_closed_service_met_later(services: ServiceCollection) -> None:
    class Fake(Mapper[User]):
        pass

    class Late(Generic[T]):
        def __init__(self, mapper: Mapper[T], name: str) -> None:
            self.mapper, self.name = mapper, name

    container = services.singleton(Late).singleton(Mapper).instance(str, "real").build()
    plain = container.resolve(Late[Order])

    with container.override(Mapper[User], Fake()):
        with container.override(str, "fake"):
            inner = container.resolve(Late[User])
        outer = container.resolve(Late[User])

    assert (type(inner.mapper), inner.name) == (Fake, "fake")
    assert (type(outer.mapper), outer.name) == (Fake, "real")
    assert container.resolve(Late[Order]) is plain


def test_variant_replaces_a_closed_service_that_no_parameter_names(services: ServiceCollection) -> None:
    fake = UserRepository()
    services.singleton(Repository, MemoryRepository).singleton(Mapper, key=ANY_KEY)
    mapper: Mapper[User] = Mapper()

    container = services.build(overrides={Repository[User]: fake, Annotated[Mapper[User], Key("a")]: mapper})

    assert container.resolve(Repository[User]) is fake
    assert container.resolve(Mapper[User], key="a") is mapper
    assert type(container.resolve(Repository[Order])) is MemoryRepository


def test_decorator_of_an_open_registration_wraps_every_closed_one(services: ServiceCollection) -> None:
    class Cached(MemoryRepository[T]):
        def __init__(self, inner: Repository[T]) -> None:
            self.inner = inner

    container = services.singleton(Repository, MemoryRepository).decorate(Repository, Cached).build()

    found = container.resolve(Repository[User])

    assert isinstance(found, Cached)
    assert type(found.inner) is MemoryRepository
    assert container.resolve_all(Repository[User]) == [found]


def test_open_decorator_that_does_not_take_the_arguments_is_left_out(services: ServiceCollection) -> None:
    class Cached(MemoryRepository[E]):
        def __init__(self, inner: Repository[E]) -> None:
            self.inner = inner

    services.singleton(Repository, MemoryRepository).decorate(Repository, Cached)
    services.singleton(Repository[int], MemoryRepository[int])

    container = services.build()

    assert [type(each) for each in container.resolve_all(Repository[User])] == [Cached]
    assert [type(each) for each in container.resolve_all(Repository[int])] == [MemoryRepository, MemoryRepository]
    assert type(container.resolve(Repository[str])) is MemoryRepository


def test_relation_to_a_closed_service_gives_its_object(services: ServiceCollection) -> None:
    class Later(Generic[T]):
        def __init__(self, mapper: Lazy[Mapper[T]], every: list[Provider[Mapper[T]]]) -> None:
            self.mapper, self.every = mapper, every

    container = services.singleton(Mapper).singleton(Later).build()

    found = container.resolve(Later[User])

    assert found.mapper.value is container.resolve(Mapper[User])
    assert [each() for each in found.every] == [found.mapper.value]


def test_implementation_of_another_closed_type_does_not_fit(services: ServiceCollection) -> None:
    error = problem(services.singleton(Repository[Order], UserRepository), InterfaceMismatchError)

    assert error.summary == "UserRepository is a Repository[User], not a Repository[Order]"


def test_object_and_factory_of_another_closed_type_do_not_fit(services: ServiceCollection) -> None:
    def make() -> Repository[User]:
        return UserRepository()

    services.instance(Repository[Order], UserRepository()).singleton(Repository[int], make)

    assert [type(each) for each in services.validate()] == [InterfaceMismatchError, InterfaceMismatchError]


def test_implementation_of_the_closed_type_fits(services: ServiceCollection) -> None:
    services.singleton(Repository[User], UserRepository).instance(Repository[Any], UserRepository())

    assert services.validate() == []


def test_open_registration_is_proven_as_far_as_its_arguments_do_not_matter(services: ServiceCollection) -> None:
    class Needs(MemoryRepository[T]):
        def __init__(self, mapper: Mapper[T], entity: Entity) -> None: ...

    services.singleton(Repository, Needs)

    assert way(problem(services, MissingServiceError)) == [(Repository, "entity"), (Entity, None)]


def test_resources_of_closed_services_are_closed(services: ServiceCollection) -> None:
    closed: list[Any] = []
    container = services.singleton(Mapper, on_close=closed.append).build()
    found = container.resolve(Mapper[User])

    container.close()

    assert closed == [found]


def test_explain_names_the_closed_service_and_what_is_passed(services: ServiceCollection) -> None:
    class Table(Generic[T]):
        def __init__(self, row: type[T], mapper: Mapper[T]) -> None: ...

    text = services.singleton(Table).singleton(Mapper).build().explain(Table[User])

    assert "row: User" in text
    assert "mapper: Mapper[User]" in text


def test_generic_in_a_module_of_strings_is_read(services: ServiceCollection, load: Importer) -> None:
    source = """
        from __future__ import annotations
        from typing import Generic, TypeVar

        T = TypeVar("T", bound="Base")

        class Base: ...
        class Mapper(Generic[T]): ...
        class Table(Generic[T]):
            def __init__(self, row: type[T], mapper: Mapper[T]) -> None:
                self.row, self.mapper = row, mapper
    """
    module = load("texts", {"texts.py": source})

    container = services.singleton(module.Table).singleton(module.Mapper).build()

    assert container.resolve(module.Table[module.Base]).mapper is container.resolve(module.Mapper[module.Base])
    assert container.get(module.Table[int]) is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is new in 3.12")
def test_class_with_type_parameters_in_brackets_is_generic(services: ServiceCollection, load: Importer) -> None:
    source = """
        class Base: ...
        class User(Base): ...
        class Repository[T]: ...
        class Mapper[T]: ...
        class Table[T: Base](Repository[T]):
            def __init__(self, row: type[T], mapper: "Mapper[T]") -> None:
                self.row, self.mapper = row, mapper

        def make[T](mapper: Mapper[T]) -> Repository[T]:
            return Table(int, mapper)
    """
    module = load("brackets", {"brackets.py": source})

    container = services.singleton(module.Repository, module.Table).singleton(module.Mapper).build()
    other = services.copy().singleton(module.Repository, module.make).build()

    assert container.resolve(module.Repository[module.User]).row is module.User
    assert container.get(module.Repository[int]) is None
    assert other.resolve(module.Repository[int]).mapper is other.resolve(module.Mapper[int])


def test_keyed_closed_parameter_is_given_the_open_registration_of_the_key(services: ServiceCollection) -> None:
    def make(one: Annotated[Repository[User], Key("a")]) -> Shop:
        return Shop(one, MemoryRepository())

    services.singleton(Repository, MemoryRepository, key="a").singleton(Shop, make)

    container = services.build()

    assert container[Shop].users is container.resolve(Repository[User], key="a")


class Box(Generic[T]):
    """What is asked for with its variable open."""


@pytest.mark.parametrize("open_arguments", [False, True], ids=["class", "with-its-variable"])
@pytest.mark.parametrize("form", ["one", "list", "lazy", "variable"])
def test_look_up_that_leaves_a_type_variable_open_is_refused(
    services: ServiceCollection, form: str, *, open_arguments: bool
) -> None:
    forms: dict[str, Any] = {"one": Box[T], "list": list[Box[T]], "lazy": Lazy[Box[T]], "variable": T}
    container = services.singleton(Box[T] if open_arguments else Box).build()

    with pytest.raises(RegistrationError, match=r"stands for, so it is no service|is a type variable") as raised:
        container.resolve(forms[form])

    assert "test_generics.py:" in fact(raised.value, "at")
    assert not container.is_service(forms[form])
