"""Classes and collections that few programs write: metaclasses that answer anything, constructors without ``self``."""

import warnings
from typing import Any, Protocol

import pytest

from kimera_di import ArgumentsError, BuildErrors, Lifetime, MissingServiceError, ServiceCollection


class Clock: ...


class Ticking(Protocol):
    def tick(self) -> None: ...


def answering(value: object) -> Any:
    """Make a class whose metaclass answers every name with ``value``."""

    class Answering(type):
        def __getattr__(cls, name: str) -> object:
            return value

    class Thing(metaclass=Answering):
        def __init__(self, clock: Clock) -> None:
            self.clock = clock

    return Thing


ANSWERS: dict[str, object] = {"number": 3, "list": [], "names": frozenset({"tick"}), "text": "x", "nothing": None}


@pytest.mark.parametrize("answer", ANSWERS)
def test_class_whose_metaclass_answers_every_name_is_built(answer: str) -> None:
    thing = answering(ANSWERS[answer])
    services = ServiceCollection().singleton(Clock).singleton(thing).singleton(Ticking, thing)

    with services.build() as container:
        assert container[thing].clock is container.create(thing).clock is container.call(thing).clock
        assert type(container[Ticking]) is thing


def test_abstract_class_with_a_metaclass_of_its_own_is_refused() -> None:
    class Meta(type):
        pass

    class Half(metaclass=Meta):
        __abstractmethods__ = frozenset({"tick"})

    Half.__abstractmethods__ = frozenset({"tick"})  # what marks a class as abstract

    with pytest.raises(BuildErrors) as caught:
        ServiceCollection().singleton(Half).build()

    assert "leaves tick abstract" in str(caught.value.exceptions[0])


class Caught:
    """Takes itself among ``*args``, as classes do that allow any name for an argument."""

    def __init__(*args: Any, clock: Clock, name: str = "none") -> None:
        args[0].given = (clock, name, args[1:])

    given: tuple[Clock, str, tuple[Any, ...]]

    def __call__(*args: Any, clock: Clock) -> Clock:
        return clock

    def tell(*args: Any, clock: Clock) -> tuple[Any, Clock]:
        return args, clock


@pytest.mark.parametrize("lifetime", list(Lifetime))
def test_constructor_without_self_is_given_what_it_takes_by_name(lifetime: Lifetime) -> None:
    services = ServiceCollection().singleton(Clock).register(Caught, lifetime=lifetime)

    with services.build() as container, container.scope() as scope:
        assert scope[Caught].given == (container[Clock], "none", ())


def test_constructor_without_self_is_proven() -> None:
    (missing,) = ServiceCollection().singleton(Caught).validate()

    assert isinstance(missing, MissingServiceError)
    assert missing.path[0].parameter == "clock"


def test_methods_without_self_are_called_with_services() -> None:
    with ServiceCollection().singleton(Clock).build() as container:
        caught = container.create(Caught, 1, name="given")

        assert caught.given == (container[Clock], "given", (1,))
        assert container.call(caught) is container[Clock]
        assert container.call(caught.tell, 2) == ((caught, 2), container[Clock])
        with pytest.raises(ArgumentsError, match="unexpected keyword argument 'size'"):
            container.create(Caught, size=3)


class Counting(ServiceCollection):
    """A collection of its own kind: it sees every registration, and begins with one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.singleton(Clock)

    def register(self, service: Any, *args: Any, **options: Any) -> Any:
        self.seen.append((service, options["lifetime"]))
        return super().register(service, *args, **options)


def test_register_of_a_subclass_sees_every_registration() -> None:
    services = Counting()

    services.scoped(Caught).transient(Caught).singleton(Ticking, Caught).singleton(Clock, key=0)

    assert services.seen == [
        (Clock, Lifetime.SINGLETON),
        (Caught, Lifetime.SCOPED),
        (Caught, Lifetime.TRANSIENT),
        (Ticking, Lifetime.SINGLETON),
        (Clock, Lifetime.SINGLETON),
    ]


def test_copy_of_a_subclass_is_one_and_has_the_same_registrations() -> None:
    services = Counting()
    services.build()

    copied = services.copy()
    copied.scoped(Caught)

    assert type(copied) is Counting
    assert [each.service.interface for each in copied.descriptors()] == [Clock, Caught]
    assert [each.service.interface for each in services.descriptors()] == [Clock]


def test_subclass_without_a_register_of_its_own_registers_as_the_collection_does() -> None:
    class Named(ServiceCollection): ...

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (first,), (second,) = (kind().scoped(Clock).descriptors() for kind in (Named, ServiceCollection))

    assert (first.service, first.lifetime, first.maker) == (second.service, second.lifetime, second.maker)
