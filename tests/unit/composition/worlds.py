"""Make classes that pretend to live in modules of an application, and wire them by hand.

In: dotted names. Out: classes, functions, wiring graphs, layer orders. No files, no imports of anything under check.
"""

from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.specs import LayersOptions
from kimera_di.planning import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.vocabulary import Lifetime, Place, ServiceId

LAYERS = ("api", "engines | adapters", "core", "infra")
"""High to low."""
ROOT_FILE = "shop/main.py"


@dataclass(frozen=True)
class Registration:
    """One service of a hand-made graph."""

    interface: Any
    maker: Any
    parameters: dict[str, Any] = field(default_factory=dict)
    produces: Any = None
    root: str = ROOT_FILE
    """The file that registers it."""


def make_class(dotted: str, *bases: type) -> Any:
    """Make a class called ``dotted``."""
    module, _, name = dotted.rpartition(".")
    return type(name, bases, {"__module__": module, "__qualname__": name})


def make_function(dotted: str) -> FunctionType:
    """Make a function called ``dotted``; its code stands in this file all the same."""

    def function() -> None: ...

    function.__module__, _, function.__qualname__ = dotted.rpartition(".")
    assert isinstance(function, FunctionType)
    return function


def bind(interface: Any, implementation: Any = None, **parameters: Any) -> Registration:
    """Register a class, under itself or another type, with the types of its constructor's parameters."""
    return Registration(interface, implementation or interface, parameters)


def bind_factory(
    interface: Any, factory: Any, *, returns: Any, in_root: bool = True, **parameters: Any
) -> Registration:
    """Register a factory whose return annotation names ``returns``, in the file that holds it or in another one."""
    return Registration(interface, factory, parameters, returns, __file__ if in_root else ROOT_FILE)


def wire(*registrations: Registration) -> WiringGraph:
    """Make the graph; registration ``n`` (from 0) stands in line ``n + 1`` of the composition root."""
    numbers: dict[Any, list[int]] = {}
    for number, registration in enumerate(registrations):
        numbers.setdefault(registration.interface, []).append(number)
    return WiringGraph(tuple(_node(number, item, numbers) for number, item in enumerate(registrations)))


def order(*layers: str, closed: tuple[str, ...] = ()) -> LayerOrder:
    """Order layers of the package ``shop``; the usual five without arguments."""
    return LayerOrder.from_options(LayersOptions(layers=layers or LAYERS, containers=("shop",), closed=closed))


def _node(number: int, item: Registration, numbers: dict[Any, list[int]]) -> ServiceNode:
    produced = item.produces or item.maker
    return ServiceNode(
        number=number,
        service=ServiceId(item.interface),
        lifetime=Lifetime.SINGLETON,
        construction=Construction.CALL,
        maker=item.maker,
        produces=produced,
        registered=Place(item.root, number + 1),
        dependencies=tuple(_dependency(name, wanted, numbers) for name, wanted in item.parameters.items()),
    )


def _dependency(name: str, wanted: Any, numbers: dict[Any, list[int]]) -> Dependency:
    every = isinstance(wanted, list)
    interface = wanted[0] if every else wanted
    return Dependency(
        name, ServiceId(interface), tuple(numbers[interface][0 if every else -1 :]), form="list" if every else "single"
    )
