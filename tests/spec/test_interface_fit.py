"""Guarantee 7, and "Types" of the specification: what an implementation may differ in, and what not."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, NewType, Optional, Protocol, TypeVar, Union, runtime_checkable
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest

from kimera_di import BuildErrors, InterfaceMismatchError, ServiceCollection
from tests.spec.helpers import fact, problem

T = TypeVar("T")


class Animal:
    pass


class Dog(Animal):
    pass


class Port(Protocol):
    """Every method of the table below is checked against one of these."""

    def plain(self, a: int, b: str) -> Animal: ...
    def optional(self, a: int, b: str = "") -> None: ...
    def keyword(self, *, a: int) -> None: ...
    def positional(self, a: int, /) -> None: ...
    def many(self, *args: int, **kwargs: int) -> None: ...
    async def later(self, a: int) -> Animal: ...
    def stream(self) -> AsyncIterator[int]: ...
    def promised(self) -> Awaitable[Animal]: ...
    @property
    def size(self) -> int: ...
    @classmethod
    def make(cls, a: int) -> "Port": ...
    @staticmethod
    def helper(a: int) -> int: ...


def fits(name: str, member: Any) -> list[str]:
    """Register a class whose member is checked against ``Port.<name>`` alone; give the reasons against it."""
    declared = Port.__dict__[name]
    interface = type("Interface", (Protocol,), {name: declared, "__module__": __name__})  # type: ignore[arg-type]
    implementation = type("Impl", (), {name: member, "__module__": __name__})
    errors = ServiceCollection().singleton(interface, implementation).validate()
    assert {type(error) for error in errors} <= {InterfaceMismatchError}
    return [error.summary for error in errors]


async def _later_object(self: Any, a: object) -> Animal:
    return Animal()


async def _later(self: Any, a: int) -> Dog:
    return Dog()


def _awaitable(self: Any, a: int) -> Awaitable[Animal]:
    return _later(self, a)


async def _stream(self: Any) -> AsyncIterator[int]:
    yield 1


async def _promised(self: Any) -> Animal:
    return Animal()


class Members:
    """Methods as an implementation may write them."""

    def same(self, a: int, b: str) -> Animal: ...  # type: ignore[empty-body]
    def wider_parameter(self, a: object, b: str | None) -> Animal: ...  # type: ignore[empty-body]
    def narrower_result(self, a: int, b: str) -> Dog: ...  # type: ignore[empty-body]
    def extra_optional(self, a: int, b: str, c: int = 0) -> Animal: ...  # type: ignore[empty-body]
    def extra_keyword_optional(self, a: int, b: str, *, c: int = 0) -> Animal: ...  # type: ignore[empty-body]
    def with_stars(self, a: int, b: str, *args: Any, **kwargs: Any) -> Animal: ...  # type: ignore[empty-body]
    def only_stars(self, *args: Any, **kwargs: Any) -> Animal: ...  # type: ignore[empty-body]
    def now_optional(self, a: int = 0, b: str = "") -> Animal: ...  # type: ignore[empty-body]
    def unannotated(self, a, b): ...  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - what the case is about
    def any_annotated(self, a: Any, b: Any) -> Any: ...
    def float_for_int(self, a: float, b: str) -> Animal: ...  # type: ignore[empty-body]
    def sequence_for_str(self, a: int, b: Sequence[str]) -> Animal: ...  # type: ignore[empty-body]

    def renamed(self, x: int, b: str) -> Animal: ...  # type: ignore[empty-body]
    def swapped(self, b: str, a: int) -> Animal: ...  # type: ignore[empty-body]
    def missing_parameter(self, a: int) -> Animal: ...  # type: ignore[empty-body]
    def newly_required(self, a: int, b: str, c: int) -> Animal: ...  # type: ignore[empty-body]
    def newly_required_keyword(self, a: int, b: str, *, c: int) -> Animal: ...  # type: ignore[empty-body]
    def keyword_only(self, a: int, *, b: str) -> Animal: ...  # type: ignore[empty-body]
    def positional_only(self, a: int, b: str, /) -> Animal: ...  # type: ignore[empty-body]
    def narrower_parameter(self, a: bool, b: str) -> Animal: ...  # type: ignore[empty-body]
    def other_parameter(self, a: str, b: str) -> Animal: ...  # type: ignore[empty-body]
    def wider_result(self, a: int, b: str) -> Animal | None: ...
    def other_result(self, a: int, b: str) -> int: ...  # type: ignore[empty-body]
    def none_result(self, a: int, b: str) -> None: ...
    async def became_async(self, a: int, b: str) -> Animal: ...  # type: ignore[empty-body]
    def only_kwargs(self, **kwargs: Any) -> Animal: ...  # type: ignore[empty-body]
    def only_args(self, *args: Any) -> Animal: ...  # type: ignore[empty-body]


class Others:
    """The same for the other methods of the port."""

    def optional_required(self, a: int, b: str) -> None: ...
    def optional_same(self, a: int, b: str = "other") -> None: ...
    def keyword_to_both(self, a: int) -> None: ...
    def keyword_positional(self, a: int, /) -> None: ...
    def keyword_renamed(self, *, b: int) -> None: ...
    def keyword_kwargs(self, **kwargs: int) -> None: ...
    def positional_renamed(self, x: int) -> None: ...
    def positional_only_renamed(self, x: int, /) -> None: ...
    def positional_keyword(self, *, a: int) -> None: ...
    def positional_args(self, *args: int) -> None: ...
    def same_many(self, *args: object, **kwargs: object) -> None: ...
    def no_args(self, **kwargs: int) -> None: ...
    def no_kwargs(self, *args: int) -> None: ...
    def sync_later(self, a: int) -> Animal: ...  # type: ignore[empty-body]
    def sync_stream(self) -> list[int]: ...  # type: ignore[empty-body]
    def method_size(self) -> int: ...  # type: ignore[empty-body]

    @property
    def property_size(self) -> int: ...  # type: ignore[empty-body]
    @property
    def property_plain(self) -> int: ...  # type: ignore[empty-body]

    @classmethod
    def class_make(cls, a: int) -> Port: ...  # type: ignore[empty-body]
    @classmethod
    def class_make_renamed(cls, b: int) -> Port: ...  # type: ignore[empty-body]
    @staticmethod
    def static_helper(a: int) -> int: ...  # type: ignore[empty-body]
    @staticmethod
    def static_helper_renamed(b: int) -> int: ...  # type: ignore[empty-body]


def own(holder: type, name: str) -> Any:
    return holder.__dict__[name]


ACCEPTED: list[tuple[str, Any]] = [
    *(
        ("plain", own(Members, name))
        for name in (
            "same", "wider_parameter", "narrower_result", "extra_optional", "extra_keyword_optional", "with_stars",
            "only_stars", "now_optional", "unannotated", "any_annotated", "float_for_int", "sequence_for_str",
        )
    ),
    ("plain", lambda self, a, b: Animal()),
    ("optional", own(Others, "optional_same")),
    ("keyword", own(Others, "keyword_to_both")),
    ("keyword", own(Others, "keyword_kwargs")),
    ("positional", own(Others, "positional_renamed")),
    ("positional", own(Others, "positional_only_renamed")),
    ("positional", own(Others, "positional_args")),
    ("many", own(Others, "same_many")),
    ("later", _later),
    ("later", _later_object),
    ("later", _awaitable),
    ("stream", _stream),
    ("promised", _promised),
    ("size", own(Others, "property_size")),
    ("size", 3),
    ("make", own(Others, "class_make")),
    ("helper", own(Others, "static_helper")),
]  # fmt: skip

REFUSED: list[tuple[str, Any, str]] = [
    ("plain", own(Members, "renamed"), "Impl.plain calls the parameter a x"),
    ("plain", own(Members, "swapped"), "Impl.plain has the parameter a at another position"),
    ("plain", own(Members, "missing_parameter"), "Impl.plain lacks the parameter b"),
    ("plain", own(Members, "newly_required"), "Impl.plain needs the parameter c, which is not declared"),
    ("plain", own(Members, "newly_required_keyword"), "Impl.plain needs the parameter c, which is not declared"),
    ("plain", own(Members, "keyword_only"), "Impl.plain takes the parameter b by keyword only"),
    ("plain", own(Members, "positional_only"), "Impl.plain takes the parameter a by position only"),
    ("plain", own(Members, "narrower_parameter"), "Impl.plain takes bool for a, declared as int"),
    ("plain", own(Members, "other_parameter"), "Impl.plain takes str for a, declared as int"),
    ("plain", own(Members, "wider_result"), "Impl.plain returns Animal | None, declared as Animal"),
    ("plain", own(Members, "other_result"), "Impl.plain returns int, declared as Animal"),
    ("plain", own(Members, "none_result"), "Impl.plain returns None, declared as Animal"),
    ("plain", own(Members, "became_async"), "Impl.plain is async, but not declared async"),
    ("plain", own(Members, "only_kwargs"), "Impl.plain lacks the parameter a"),
    ("plain", own(Members, "only_args"), "Impl.plain lacks the parameter a"),
    ("plain", own(Others, "property_plain"), "Impl.plain is a property, not a method"),
    ("optional", own(Others, "optional_required"), "Impl.optional requires the parameter b, which is optional"),
    ("keyword", own(Others, "keyword_positional"), "Impl.keyword takes the parameter a by position only"),
    ("keyword", own(Others, "keyword_renamed"), "Impl.keyword lacks the parameter a"),
    ("positional", own(Others, "positional_keyword"), "Impl.positional lacks the parameter a"),
    ("many", own(Others, "no_args"), "Impl.many does not take *args"),
    ("many", own(Others, "no_kwargs"), "Impl.many does not take **kwargs"),
    ("later", own(Others, "sync_later"), "Impl.later is not async, but declared async"),
    ("size", own(Others, "method_size"), "Impl.size is a method, but Interface declares a property"),
    ("make", own(Others, "class_make_renamed"), "Impl.make calls the parameter a b"),
    ("helper", own(Others, "static_helper_renamed"), "Impl.helper calls the parameter a b"),
]


def label(value: Any) -> str:
    return getattr(value, "__name__", None) or getattr(getattr(value, "fget", None), "__name__", None) or repr(value)


@pytest.mark.parametrize(("name", "member"), ACCEPTED, ids=label)
def test_member_that_suits_every_caller_is_accepted(name: str, member: Any) -> None:
    assert fits(name, member) == []


@pytest.mark.parametrize(("name", "member", "reason"), REFUSED, ids=label)
def test_member_that_would_break_a_caller_is_refused(name: str, member: Any, reason: str) -> None:
    (summary,) = fits(name, member)

    assert summary.startswith(reason)


class Abstract(ABC):
    @abstractmethod
    def run(self, a: int) -> int: ...


class Concrete(Abstract):
    def run(self, a: int) -> int:
        return a


class Unfinished(Abstract):
    pass


class WrongRun(Abstract):
    def run(self, b: int) -> int:
        return b


class Unrelated:
    def run(self, a: int) -> int:
        return a


class Named(Protocol):
    name: str

    def run(self, a: int) -> int: ...


@runtime_checkable
class Checked(Protocol):
    def run(self, a: int) -> int: ...


def test_abstract_class_cannot_be_built(services: ServiceCollection) -> None:
    error = problem(services.singleton(Abstract), InterfaceMismatchError)

    assert error.code == "KD204"
    assert error.summary == "Abstract leaves run abstract, so it cannot be built"


def test_implementation_that_leaves_a_method_abstract_is_refused(services: ServiceCollection) -> None:
    services.singleton(Abstract, Unfinished)

    assert problem(services, InterfaceMismatchError).summary == "Unfinished leaves run abstract, so it cannot be built"


def test_protocol_cannot_be_built(services: ServiceCollection) -> None:
    services.singleton(Named)

    assert "Named is a Protocol" in problem(services, InterfaceMismatchError).summary


def test_subclass_of_an_abstract_class_is_held_to_its_signatures(services: ServiceCollection) -> None:
    services.singleton(Abstract, WrongRun)

    assert problem(services, InterfaceMismatchError).summary == "WrongRun.run calls the parameter a b"


def test_class_that_does_not_inherit_from_the_interface_is_refused(services: ServiceCollection) -> None:
    services.singleton(Abstract, Unrelated)

    error = problem(services, InterfaceMismatchError)

    assert error.service is Abstract
    assert error.summary == "Unrelated is not a subclass of Abstract"
    assert fact(error, "do this") == "make it fit Abstract, or register it for another interface"


def test_virtual_subclass_is_accepted(services: ServiceCollection) -> None:
    class Port(ABC):
        @abstractmethod
        def run(self, a: int) -> int: ...

    Port.register(Unrelated)

    assert services.singleton(Port, Unrelated).build()[Port].run(3) == 3


def test_class_with_every_member_of_a_protocol_is_accepted(services: ServiceCollection) -> None:
    class Impl:
        name = "x"

        def run(self, a: int) -> int:
            return a

    assert services.singleton(Named, Impl).singleton(Checked, Impl).validate() == []


def test_missing_protocol_members_are_all_named(services: ServiceCollection) -> None:
    class Impl:
        pass

    error = problem(services.singleton(Named, Impl), InterfaceMismatchError)

    assert "Impl has no name, which Named declares" in str(error)
    assert "Impl has no run, which Named declares" in str(error)


@pytest.mark.parametrize("how", ["annotation", "constructor", "slots", "property"])
def test_data_member_of_a_protocol_may_be_given_in_any_way(services: ServiceCollection, how: str) -> None:
    class Base:
        def run(self, a: int) -> int:
            return a

    class Annotation(Base):
        name: str

    class Constructor(Base):
        def __init__(self) -> None:
            self.name = "x"

    class Slots(Base):
        __slots__ = ("name",)

    class Property(Base):
        @property
        def name(self) -> str:
            return "x"

    impl = {"annotation": Annotation, "constructor": Constructor, "slots": Slots, "property": Property}[how]

    assert services.singleton(Named, impl).validate() == []


def test_class_that_answers_any_name_fits_any_protocol(services: ServiceCollection) -> None:
    class Proxy:
        def __getattr__(self, name: str) -> Any:
            return lambda a: a

    assert services.singleton(Named, Proxy).validate() == []


def test_inherited_protocol_members_are_checked(services: ServiceCollection) -> None:
    class Wider(Named, Protocol):
        def stop(self) -> None: ...

    class Impl:
        name = "x"

        def stop(self) -> None:
            pass

    services.singleton(Wider, Impl)

    assert "Impl has no run, which " in problem(services, InterfaceMismatchError).summary


def test_explicit_subclass_of_a_protocol_may_inherit_its_methods(services: ServiceCollection) -> None:
    class Ready(Protocol):
        def run(self) -> int:
            return 1

    class Impl(Ready):
        pass

    assert services.singleton(Ready, Impl).build()[Ready].run() == 1


def test_string_annotations_are_compared_too(services: ServiceCollection) -> None:
    class Impl(Abstract):
        def run(self, a: "int") -> "str":  # type: ignore[override]
            return str(a)

    services.singleton(Abstract, Impl)

    assert problem(services, InterfaceMismatchError).summary.endswith("run returns str, declared as int")


def test_decorated_method_is_judged_by_what_it_wraps(services: ServiceCollection) -> None:
    def logged(function: Callable[..., Any]) -> Callable[..., Any]:
        import functools

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    class Impl(Abstract):
        @logged
        def run(self, a: int) -> int:
            return a

    assert services.singleton(Abstract, Impl).validate() == []


def test_generic_interface_is_checked_by_its_class(services: ServiceCollection) -> None:
    class Repository(ABC, Generic[T]):
        @abstractmethod
        def find(self, key: int) -> T: ...

    class Users(Repository[str]):
        def find(self, key: int) -> str:
            return ""

    class Wrong:
        pass

    services.singleton(Repository[str], Users).singleton(Repository[int], Wrong)

    assert "Wrong is not a subclass of " in problem(services, InterfaceMismatchError).summary


def test_closed_generic_of_an_abstract_class_cannot_be_built(services: ServiceCollection) -> None:
    class Repository(ABC, Generic[T]):
        @abstractmethod
        def find(self, key: int) -> T: ...

    services.singleton(Repository[int])

    assert "leaves find abstract" in problem(services, InterfaceMismatchError).summary


def f_none():  # type: ignore[no-untyped-def]  # noqa: ANN201 - what the case is about
    return Dog()


def f_any() -> Any: ...
def f_base() -> object: ...
def f_same() -> Animal: ...  # type: ignore[empty-body]
def f_sub() -> Dog: ...  # type: ignore[empty-body]
def f_optional() -> Animal | None: ...
def f_generator() -> Iterator[Dog]:
    yield Dog()


def f_bare_generator() -> Iterator:  # type: ignore[type-arg]
    yield Dog()


def f_text() -> "Dog": ...  # type: ignore[empty-body]
async def f_async() -> Dog: ...  # type: ignore[empty-body]
async def f_bare_async_generator() -> AsyncIterator:  # type: ignore[type-arg]
    yield Dog()


def f_wrong() -> int: ...  # type: ignore[empty-body]
def f_wrong_text() -> "int": ...  # type: ignore[empty-body]
def f_nothing() -> None: ...
async def f_wrong_async() -> int: ...  # type: ignore[empty-body]
def f_wrong_generator() -> Iterator[int]:
    yield 1


async def f_wrong_async_generator() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize(
    "factory",
    [
        f_none, f_any, f_base, f_same, f_sub, f_optional, f_generator, f_bare_generator, f_text, f_async,
        f_bare_async_generator, lambda: Dog(),  # noqa: PLW0108 - a function without any annotation
    ],
)  # fmt: skip
def test_factory_that_may_give_the_interface_is_accepted(services: ServiceCollection, factory: Any) -> None:
    assert services.transient(Animal, factory).validate() == []


@pytest.mark.parametrize(
    ("factory", "given"),
    [
        (f_wrong, "int"), (f_wrong_text, "int"), (f_nothing, "None"), (f_wrong_async, "int"),
        (f_wrong_generator, "int"), (f_wrong_async_generator, "int"),
    ],
)  # fmt: skip
def test_factory_of_a_provably_different_class_is_refused(
    services: ServiceCollection, factory: Any, given: str
) -> None:
    services.transient(Animal, factory)

    assert problem(services, InterfaceMismatchError).summary == f"{given} is not a subclass of Animal"


def test_factory_of_an_iterator_service_is_no_generator(services: ServiceCollection) -> None:
    """A plain function that returns an iterator provides the iterator, not its items."""

    def numbers() -> Iterator[int]:
        return iter([1, 2])

    container = services.transient(Iterator[int], numbers).build()

    assert list(container.resolve(Iterator[int])) == [1, 2]


def test_method_that_returns_a_list_fits_a_declared_iterable(services: ServiceCollection) -> None:
    class Source(Protocol):
        def items(self) -> Iterable[int]: ...

    class Impl:
        def items(self) -> list:  # type: ignore[type-arg]
            return [1]

    assert services.singleton(Source, Impl).validate() == []


@pytest.mark.parametrize(
    ("service", "instance"),
    [
        (Animal, Dog()), (float, 1), (complex, 1.5), (Animal | int, 3), (Optional[Animal], None),  # noqa: UP045
        (Union[Animal, str], "x"), (object, None), (NewType("Id", int), 7), (type[Animal], Dog),  # noqa: UP007
        (Callable[[int], int], abs),
    ],
)  # fmt: skip
def test_instance_that_fits_is_accepted(services: ServiceCollection, service: Any, instance: Any) -> None:
    assert services.instance(service, instance).validate() == []


@pytest.mark.parametrize(
    ("service", "instance", "reason"),
    [
        (Animal, 3, "int is not a subclass of Animal"),
        (Animal, None, "None is not a subclass of Animal"),
        (Animal, Dog, "Dog is a class, and what is meant is an object of it"),
        (int, 1.5, "float is not a subclass of int"),
        (Animal | int, "x", "str fits none of Animal | int"),
        (Checked, 3, "int has no run, which Checked declares"),
    ],
)
def test_instance_that_does_not_fit_is_refused(
    services: ServiceCollection, service: Any, instance: Any, reason: str
) -> None:
    services.instance(service, instance)

    assert problem(services, InterfaceMismatchError).summary == reason


@pytest.mark.parametrize("mock", [Mock(), MagicMock(), AsyncMock(), Mock(spec=Abstract)], ids=["", "m", "a", "spec"])
def test_mock_fits_any_interface(services: ServiceCollection, mock: Any) -> None:
    assert services.instance(Abstract, mock).instance(Named, mock).validate() == []


class Shape(Protocol):
    def area(self) -> float: ...


class Square:
    def area(self) -> float:
        return 1.0


class UnitSquare:
    @staticmethod
    def area() -> float:
        return 1.0


class Sized(Protocol):
    size: int


class Fixed:
    size = 3


def mismatch_of(act: Callable[[], object]) -> str:
    with pytest.raises((InterfaceMismatchError, BuildErrors)) as raised:
        act()

    error = raised.value.exceptions[0] if isinstance(raised.value, BuildErrors) else raised.value
    assert isinstance(error, InterfaceMismatchError)
    return str(error)


CLASS_GIVEN: dict[str, Callable[[], object]] = {
    "instance": lambda: ServiceCollection().instance(Shape, Square).build(),
    "instance-of-a-class": lambda: ServiceCollection().instance(Animal, Dog).build(),
    "override": lambda: ServiceCollection().singleton(Shape, Square).build().override(Shape, Square),
    "build": lambda: ServiceCollection().singleton(Shape, Square).build(overrides={Shape: Square}),
    "scope-value": lambda: ServiceCollection().scope_value(Shape).build().scope({Shape: Square}),
}


@pytest.mark.parametrize("way", CLASS_GIVEN)
def test_class_where_an_object_is_meant_is_refused(way: str) -> None:
    text = mismatch_of(CLASS_GIVEN[way])

    assert "is a class, and what is meant is an object of it" in text
    assert "pass an object" in text


@pytest.mark.parametrize(
    ("interface", "given"),
    [(Shape, UnitSquare), (Sized, Fixed), (type[Animal], Dog), (Shape, Mock(spec=Square)), (Shape, Mock(spec=Shape))],
    ids=["static-methods-only", "data-of-its-own", "type-of", "mock-of-a-class", "mock-of-the-protocol"],
)
def test_object_that_is_a_class_or_a_mock_of_one_fits_what_it_does(interface: Any, given: Any) -> None:
    problems = ServiceCollection().instance(interface, given).validate()

    assert problems == []


Url = NewType("Url", str)
Secure = NewType("Secure", Url)


@pytest.mark.parametrize("interface", [Url, Secure], ids=["url", "new-type-of-a-new-type"])
def test_object_of_a_new_type_is_one_of_its_supertype(interface: Any) -> None:
    assert ServiceCollection().instance(interface, "").validate() == []

    text = mismatch_of(ServiceCollection().instance(interface, 3).build)

    assert "int is not a subclass of str" in text
