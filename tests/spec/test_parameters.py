from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, NewType, Optional, Protocol, TypeVar, Union

import pytest

from kimera_di import AmbiguousServiceError, AnnotationError, Key, MissingServiceError, ServiceCollection
from tests.spec.helpers import fact, problem, way

T = TypeVar("T")
UserId = NewType("UserId", int)


class A:
    pass


class B:
    pass


class User:
    pass


class Repository(Generic[T]):
    pass


def received(services: ServiceCollection, factory: Any) -> Any:
    """Build what ``factory`` makes."""
    return services.singleton(dict, factory).build().resolve(dict)


def test_positional_only_parameter_is_injected(services: ServiceCollection) -> None:
    def make(a: A, /) -> dict[str, Any]:
        return {"a": a}

    assert type(received(services.singleton(A), make)["a"]) is A


def test_keyword_only_parameter_is_injected(services: ServiceCollection) -> None:
    def make(*, a: A) -> dict[str, Any]:
        return {"a": a}

    assert type(received(services.singleton(A), make)["a"]) is A


def test_parameters_of_every_kind_mix(services: ServiceCollection) -> None:
    def make(a: A, /, b: B, *, c: User, d: int = 4) -> dict[str, Any]:
        return {"types": [type(a), type(b), type(c), d]}

    services.singleton(A).singleton(B).singleton(User)

    assert received(services, make)["types"] == [A, B, User, 4]


def test_star_parameters_are_ignored(services: ServiceCollection) -> None:
    def make(a: A, *args: B, **kwargs: B) -> dict[str, Any]:
        return {"args": args, "kwargs": kwargs}

    services.singleton(A).singleton(B)

    assert received(services, make) == {"args": (), "kwargs": {}}


def test_default_is_used_when_the_type_is_not_registered(services: ServiceCollection) -> None:
    def make(size: int = 7) -> dict[str, Any]:
        return {"size": size}

    assert received(services, make) == {"size": 7}


def test_default_is_not_used_when_the_type_is_registered(services: ServiceCollection) -> None:
    def make(size: int = 7) -> dict[str, Any]:
        return {"size": size}

    assert received(services.instance(int, 8), make) == {"size": 8}


def test_parameter_after_a_default_that_is_left_out_is_still_injected(services: ServiceCollection) -> None:
    def make(size: int = 7, a: Any = None, b: A | None = None) -> dict[str, Any]:
        return {"size": size, "a": a, "b": b}

    made = received(services.singleton(A), make)

    assert made["size"] == 7
    assert type(made["b"]) is A


def test_positional_only_parameter_after_an_unregistered_default_is_injected(services: ServiceCollection) -> None:
    """A value for the second cannot be passed by position without one for the first."""

    def make(size: int = 7, a: A | None = None, /) -> dict[str, Any]:
        return {"size": size, "a": a}

    made = received(services.singleton(A), make)

    assert made["size"] == 7
    assert type(made["a"]) is A


@pytest.mark.parametrize("annotation", [A | None, Optional[A], Union[None, A]])  # noqa: UP007, UP045 - the old spellings
def test_optional_parameter_is_none_when_nothing_is_registered(services: ServiceCollection, annotation: Any) -> None:
    def make(a: Any) -> dict[str, Any]:
        return {"a": a}

    make.__annotations__["a"] = annotation

    assert received(services, make) == {"a": None}


@pytest.mark.parametrize("annotation", [A | None, Optional[A], Union[None, A]])  # noqa: UP007, UP045 - the old spellings
def test_optional_parameter_is_injected_when_registered(services: ServiceCollection, annotation: Any) -> None:
    def make(a: Any) -> dict[str, Any]:
        return {"a": a}

    make.__annotations__["a"] = annotation

    assert type(received(services.singleton(A), make)["a"]) is A


def test_optional_parameter_with_a_default_gets_the_default(services: ServiceCollection) -> None:
    fallback = A()

    def make(a: A | None = fallback) -> dict[str, Any]:
        return {"a": a}

    assert received(services, make) == {"a": fallback}


def test_union_gets_its_only_registered_member(services: ServiceCollection) -> None:
    def make(either: A | B) -> dict[str, Any]:
        return {"either": either}

    assert type(received(services.singleton(B), make)["either"]) is B


def test_union_registered_as_such_wins_over_its_members(services: ServiceCollection) -> None:
    def make(either: A | B) -> dict[str, Any]:
        return {"either": either}

    own = B()
    services.singleton(A).singleton(B).instance(A | B, own)

    assert received(services, make)["either"] is own


def test_union_with_several_registered_members_is_ambiguous(services: ServiceCollection) -> None:
    def make(either: A | B) -> dict[str, Any]:
        return {"either": either}

    services.singleton(A).singleton(B).singleton(dict, make)

    error = problem(services, AmbiguousServiceError)

    assert error.code == "KD205"
    assert way(error) == [(dict, "either"), (A | B, None)]
    assert "A | B could be any of A, B" in error.summary


def test_optional_union_with_several_registered_members_is_ambiguous(services: ServiceCollection) -> None:
    """A default does not hide the question."""

    def make(either: A | B | None = None) -> dict[str, Any]:
        return {"either": either}

    services.singleton(A).singleton(B).singleton(dict, make)

    assert problem(services, AmbiguousServiceError).service == A | B | None


def test_union_without_a_registered_member_is_missing(services: ServiceCollection) -> None:
    def make(either: A | B) -> dict[str, Any]:
        return {"either": either}

    services.singleton(dict, make)

    assert problem(services, MissingServiceError).service == A | B


def test_parameter_without_annotation_is_named(services: ServiceCollection) -> None:
    def make(a) -> dict[str, Any]:  # type: ignore[no-untyped-def]  # noqa: ANN001 - what the test is about
        return {"a": a}

    services.singleton(dict, make)

    error = problem(services, AnnotationError)

    assert error.code == "KD103"
    assert error.summary.startswith("parameter a of ")
    assert error.summary.endswith("it has no annotation")
    assert way(error) == [(dict, "a")]


def test_parameter_without_annotation_but_with_a_default_is_left_out(services: ServiceCollection) -> None:
    def make(a=5) -> dict[str, Any]:  # type: ignore[no-untyped-def]  # noqa: ANN001 - what the test is about
        return {"a": a}

    assert received(services, make) == {"a": 5}


def test_annotated_without_a_key_means_the_type(services: ServiceCollection) -> None:
    def make(a: Annotated[A, "some remark"]) -> dict[str, Any]:
        return {"a": a}

    assert type(received(services.singleton(A), make)["a"]) is A


def test_annotated_optional_means_the_optional(services: ServiceCollection) -> None:
    def make(a: Annotated[A | None, "some remark"]) -> dict[str, Any]:
        return {"a": a}

    assert received(services, make) == {"a": None}


def test_new_type_is_a_service_of_its_own(services: ServiceCollection) -> None:
    def make(user: UserId, number: int) -> dict[str, Any]:
        return {"user": user, "number": number}

    services.instance(UserId, UserId(1)).instance(int, 2)

    assert received(services, make) == {"user": 1, "number": 2}


def test_closed_generics_are_services_of_their_own(services: ServiceCollection) -> None:
    class UserRepository(Repository[User]):
        pass

    class NumberRepository(Repository[int]):
        pass

    def make(users: Repository[User], numbers: Repository[int]) -> dict[str, Any]:
        return {"types": [type(users), type(numbers)]}

    services.singleton(Repository[User], UserRepository).singleton(Repository[int], NumberRepository)

    assert received(services, make)["types"] == [UserRepository, NumberRepository]


def test_closed_generic_without_maker_is_built_itself(services: ServiceCollection) -> None:
    container = services.singleton(Repository[User]).build()

    assert type(container[Repository[User]]) is Repository


def test_inherited_constructor_is_read(services: ServiceCollection) -> None:
    class Base:
        def __init__(self, a: A) -> None:
            self.a = a

    class Child(Base):
        pass

    assert type(services.singleton(A).singleton(Child).build()[Child].a) is A


def test_constructor_inherited_past_a_protocol_is_read(services: ServiceCollection) -> None:
    """A Protocol among the bases brings a constructor without parameters, which is not the one that counts."""

    class Port(Protocol):
        def work(self) -> None: ...

    class Base:
        def __init__(self, a: A) -> None:
            self.a = a

    class Child(Port, Base):
        def work(self) -> None:
            pass

    assert type(services.singleton(A).singleton(Port, Child).build()[Port].a) is A  # type: ignore[attr-defined]


def test_class_with_new_instead_of_init_is_read(services: ServiceCollection) -> None:
    class Made:
        a: A

        def __new__(cls, a: A) -> "Made":
            made = object.__new__(cls)
            made.a = a
            return made

    assert type(services.singleton(A).singleton(Made).build()[Made].a) is A


def test_dataclass_and_named_tuple_are_read(services: ServiceCollection) -> None:
    @dataclass
    class Data:
        a: A
        size: int = 3

    class Tuple(NamedTuple):
        a: A
        size: int = 4

    container = services.singleton(A).singleton(Data).singleton(Tuple).build()

    assert container[Data] == Data(container[A], 3)
    assert container[Tuple] == (container[A], 4)


def test_parameter_called_self_of_a_function_is_injected(services: ServiceCollection) -> None:
    def make(self: A) -> dict[str, Any]:
        return {"a": self}

    assert type(received(services.singleton(A), make)["a"]) is A


@pytest.mark.parametrize("name", ["scope", "values", "v0", "f0", "mine", "error", "SYNC", "LAYER"])
def test_parameter_may_have_any_name(services: ServiceCollection, name: str) -> None:
    """Generated code has names of its own, and they must not meet those of users."""
    space: dict[str, Any] = {"A": A}
    exec(f"def make(*, {name}: A) -> dict: return dict(got={name})", space)  # noqa: S102 - names from the table above

    assert type(received(services.singleton(A), space["make"])["got"]) is A


def test_unhashable_annotation_with_a_default_is_left_out(services: ServiceCollection) -> None:
    def make(a: Annotated[int, []] = 3) -> dict[str, Any]:
        return {"a": a}

    assert received(services, make) == {"a": 3}


def test_missing_service_says_what_to_do(services: ServiceCollection) -> None:
    def make(a: A) -> dict[str, Any]:
        return {"a": a}

    services.singleton(dict, make)

    assert fact(problem(services, MissingServiceError), "do this") == "services.singleton(A, ...)"


def test_key_marker_among_other_metadata_is_found(services: ServiceCollection) -> None:
    def make(a: Annotated[int, "remark", Key("small"), 7]) -> dict[str, Any]:
        return {"a": a}

    assert received(services.instance(int, 1, key="small").instance(int, 2), make) == {"a": 1}
