"""Records that are made quickly are the records that their classes make."""

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from kimera_di import ServiceCollection
from kimera_di.planning.graph import Dependency, ServiceNode
from kimera_di.planning.indexes import index
from kimera_di.planning.plain import PlainNodes
from kimera_di.registration import ServiceDescriptor
from kimera_di.registration.frozen import open_class
from kimera_di.vocabulary import ServiceId


class Clock: ...


class Taking:
    def __init__(self, clock: Clock) -> None: ...


def quick() -> dict[str, Any]:
    """One record of each class, made the quick way."""
    descriptors = ServiceCollection().singleton(Clock).singleton(Taking).descriptors()
    node: Any = PlainNodes(index(descriptors), descriptors).node(1, descriptors[1])
    return {"descriptor": descriptors[1], "node": node, "parameter": node.dependencies[0]}


QUICK = quick()


def usual(record: Any) -> Any:
    """The same record, made by its class."""
    return type(record)(**{each.name: getattr(record, each.name) for each in fields(record)})


@pytest.mark.parametrize(
    ("name", "cls"), [("descriptor", ServiceDescriptor), ("node", ServiceNode), ("parameter", Dependency)]
)
def test_record_made_quickly_is_what_its_class_makes(name: str, cls: type) -> None:
    made = QUICK[name]

    other = usual(made)

    assert type(made) is cls
    assert made == other
    assert repr(made) == repr(other)
    assert hash(made) == hash(other)


@pytest.mark.parametrize("name", list(QUICK))
def test_record_made_quickly_refuses_assignment(name: str) -> None:
    made = QUICK[name]

    for each in fields(made):
        with pytest.raises(FrozenInstanceError, match=each.name):
            setattr(made, each.name, None)

    assert made == quick()[name] or name == "descriptor"


def test_parameter_made_quickly_has_the_defaults_of_its_class() -> None:
    made = QUICK["parameter"]

    assert made == Dependency("clock", ServiceId(Clock), (0,))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])  # noqa: S301
def test_copy_of_a_parameter_made_quickly_is_equal(copied: Callable[[Any], Any]) -> None:
    made = QUICK["parameter"]

    other = copied(made)

    assert other == made
    assert type(other) is Dependency


def test_open_class_has_the_slots_of_its_record_and_no_dictionary() -> None:
    opened = open_class(Dependency)()

    opened.parameter = "clock"

    assert opened.parameter == "clock"
    assert not hasattr(opened, "__dict__")
    assert set(type(opened).__slots__) == {each.name for each in fields(Dependency)}
