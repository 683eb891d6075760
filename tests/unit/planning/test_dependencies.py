"""What every form of parameter is given."""

from typing import Annotated, Any, Literal

import pytest

from kimera_di import Key, ServiceCollection, ServiceId
from kimera_di.planning.dependencies import Unmet, dependencies_of
from kimera_di.planning.graph import Dependency
from kimera_di.planning.indexes import index


class Clock: ...


class Vault: ...


class Missing: ...


class Other: ...


SERVICES = index(
    ServiceCollection()
    .singleton(Clock)
    .singleton(Clock)
    .singleton(Vault, key="k")
    .singleton(Vault)
    .instance(list[str], ["a"])
    .instance(Clock | Other, Clock())
    .descriptors()
)


def given(annotation: Any, *, default: bool = False) -> Dependency | Unmet:
    """What a parameter of this type is given."""

    def plain(thing: Any) -> None: ...

    def with_default(thing: Any = None) -> None: ...

    maker = with_default if default else plain
    maker.__annotations__["thing"] = annotation
    met, unmet = dependencies_of(maker, SERVICES)
    (only,) = [*met, *unmet]
    return only


def met(service: Any, *targets: int, key: Any = None, **flags: bool) -> Dependency:
    """The expected dependency."""
    return Dependency("thing", ServiceId(service, key), targets, **flags)


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Clock, met(Clock, 1)),
        ("Clock", met(Clock, 1)),
        (Annotated[Vault, Key("k")], met(Vault, 2, key="k")),
        (Annotated[Vault, "note"], met(Vault, 3)),
        (Clock | None, met(Clock, 1)),
        (Missing | None, met(Missing, optional=True)),
        (Missing | Clock, met(Clock, 1)),
        (Clock | Other, met(Clock | Other, 5)),
        (Annotated[Vault | None, Key("k")], met(Vault, 2, key="k")),
        (list[Clock], met(Clock, 0, 1, form="list")),
        (list[Missing], met(Missing, form="list")),
        (list[Annotated[Vault, Key("k")]], met(Vault, 2, key="k", form="list")),
        (Annotated[list[Vault], Key("k")], met(Vault, 2, key="k", form="list")),
        (list[str], met(list[str], 4)),
    ],
)
def test_parameter_is_given_what_its_type_asks_for(annotation: Any, expected: Dependency) -> None:
    assert given(annotation) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Clock, met(Clock, 1)),
        (Missing, met(Missing, default=True)),
        (Missing | None, met(Missing, default=True)),
        (Clock | None, met(Clock, 1)),
        (Annotated[Vault, Key("other")], met(Vault, key="other", default=True)),
        ("NoSuchName", met(object, default=True)),
        (Literal["a"], met(Literal["a"], default=True)),
    ],
)
def test_default_is_used_only_when_the_type_is_not_registered(annotation: Any, expected: Dependency) -> None:
    assert given(annotation, default=True) == expected


@pytest.mark.parametrize(
    ("annotation", "reason", "wanted"),
    [
        (Missing, "missing", ServiceId(Missing)),
        (Annotated[Vault, Key("other")], "missing", ServiceId(Vault, "other")),
        (Missing | Other, "missing", ServiceId(Missing | Other)),
        (Clock | Vault, "ambiguous", ServiceId(Clock | Vault)),
        ("NoSuchName", "annotation", None),
        (Annotated[Any, []], "missing", ServiceId(Any)),
    ],
)
def test_parameter_that_nothing_can_be_passed_for_says_why(annotation: Any, reason: str, wanted: ServiceId) -> None:
    found = given(annotation)

    assert isinstance(found, Unmet)
    assert (found.parameter, found.reason, found.wanted) == ("thing", reason, wanted)


def test_ambiguous_parameter_names_the_candidates() -> None:
    found = given(Clock | Vault)

    assert isinstance(found, Unmet)
    assert found.candidates == (ServiceId(Clock), ServiceId(Vault))


def test_annotation_that_cannot_be_hashed_names_no_service() -> None:
    found = given(Literal[[]])  # type: ignore[valid-type]

    assert isinstance(found, Unmet)
    assert (found.reason, found.text) == ("annotation", "Literal[[]] is no type: it cannot be hashed")


def test_unannotated_parameter_cannot_be_filled() -> None:
    def make(thing) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001

    met_ones, (found,) = dependencies_of(make, SERVICES)

    assert met_ones == ()
    assert (found.wanted, found.text) == (None, "it has no annotation")
