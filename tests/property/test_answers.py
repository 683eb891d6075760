"""Which registration answers equals what a naive reading of the rules says: keyed, for any key, closed and open."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimera_di import ANY_KEY, AmbiguousServiceError, Key, MissingServiceError, ServiceCollection, ServiceContainer

pytestmark = pytest.mark.check

T = TypeVar("T")
B = TypeVar("B", bound=str)


class Box(Generic[T]):
    """What is asked for."""


class Narrow(Box[B]):
    """Takes type arguments that are strings."""


class Text(str):
    """A string of one's own."""


OPEN, NARROW = "open", "narrow"
TYPES: tuple[Any, ...] = (int, str, Text)
KEYS: tuple[Hashable, ...] = (None, "a", 0, ANY_KEY)


@dataclass(frozen=True)
class Registered:
    """One registration: a closed type, or an open one with or without a bound."""

    kind: Any
    key: Hashable

    def fits(self, argument: Any) -> bool:
        """Tell whether it can answer for ``Box[argument]`` at all."""
        if self.kind is OPEN:
            return True
        return issubclass(argument, str) if self.kind is NARROW else self.kind is argument

    @property
    def is_open(self) -> bool:
        return self.kind in {OPEN, NARROW}


def build(those: list[Registered]) -> tuple[ServiceContainer, list[type]]:
    """Register classes that can be told apart, one for each registration."""
    services, made = ServiceCollection(), list[type]()
    for each in those:
        if each.is_open:
            base: Any = Narrow[B] if each.kind is NARROW else Box[T]  # type: ignore[valid-type]
            service: Any = Box
        else:
            base = service = Box[each.kind]
        cls = type("Made", (base.__origin__,), {"__orig_bases__": (base,)})
        if each.is_open:
            cls.__parameters__ = base.__parameters__  # type: ignore[attr-defined]
        made.append(cls)
        services.singleton(service, cls, key=each.key)
    return services.build(), made


def last(those: list[Registered], argument: Any, key: Hashable) -> int | None:
    """The registration that answers one look-up, by the rules as they are written in the reference."""
    for is_open in (False, True):
        for mine in (key, ANY_KEY) if key is not None else (None,):
            found = [n for n, r in enumerate(those) if r.is_open is is_open and r.key == mine and r.fits(argument)]
            if found:
                return found[-1]
    return None


def every(those: list[Registered], argument: Any, key: Hashable) -> list[int]:
    """The registrations that answer a look-up for all."""
    keys = [each for each in KEYS if each is not None and each is not ANY_KEY] if key is ANY_KEY else [key]
    return [n for n, r in enumerate(those) if r.key in keys and r.fits(argument)]


REGISTRATIONS = st.lists(
    st.builds(Registered, st.sampled_from([*TYPES, OPEN, NARROW]), st.sampled_from(KEYS)), max_size=8
)
QUERIES = st.lists(
    st.tuples(st.booleans(), st.sampled_from(TYPES), st.sampled_from((*KEYS, "other"))), min_size=1, max_size=8
)


@given(REGISTRATIONS, QUERIES)
def test_look_ups_give_what_the_rules_say_in_whatever_order_they_come(
    those: list[Registered], queries: list[tuple[bool, Any, Hashable]]
) -> None:
    container, made = build(those)
    objects: dict[tuple[int, Any, Hashable], object] = {}

    for for_all, argument, key in queries:
        if for_all:
            found = container.resolve_all(Box[argument], key=key)
            assert [type(each) for each in found] == [made[number] for number in every(those, argument, key)]
            continue
        expected = last(those, argument, key)
        assert container.is_service(Box[argument], key) is (expected is not None and key is not ANY_KEY)
        if key is ANY_KEY:
            with pytest.raises(AmbiguousServiceError, match="names no single Box"):
                container.resolve(Box[argument], key=key)
        elif expected is None:
            with pytest.raises(MissingServiceError, match="nothing provides Box"):
                container.resolve(Box[argument], key=key)
        else:
            value = container.resolve(Box[argument], key=key)
            assert type(value) is made[expected]
            assert objects.setdefault((expected, argument, key), value) is value


@given(REGISTRATIONS, st.sampled_from(TYPES), st.sampled_from(KEYS[:3]))
def test_parameters_are_given_what_look_ups_give(those: list[Registered], argument: Any, key: Hashable) -> None:
    container, _ = build(those)
    number = last(those, argument, key)
    given_to: list[Any] = []

    def take(one: Any, few: Any) -> None:
        given_to.extend((one, few))

    take.__annotations__ = {
        "one": Annotated[Box[argument] | None, Key(key)],
        "few": Annotated[list[Box[argument]], Key(key)],
    }
    container.call(take)

    assert given_to == [container.get(Box[argument], key=key), container.resolve_all(Box[argument], key=key)]
    assert (given_to[0] is None) is (number is None)
