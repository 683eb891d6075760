"""Ordinary registrations planned straight: a class whose constructor takes registered classes, and nothing else.

In: the registered services, and a descriptor. Out: its node, or ``None`` when anything about it is out of the ordinary;
``planner.make_node`` plans that. It says here what it says there, in fewer steps: tests compare both for every kind of
constructor. Calls nothing. See docs/decisions/0030.
"""

import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any

from kimera_di.planning.fit import IS_ABSTRACT
from kimera_di.planning.graph import Construction, Dependency, ServiceNode
from kimera_di.planning.services import Services
from kimera_di.registration.descriptors import CLASSES, UNSET, ServiceDescriptor
from kimera_di.registration.frozen import HAS_GIL, open_class
from kimera_di.vocabulary import ServiceId

_CLOSERS = frozenset({"close", "aclose", "__exit__"})
_NOTHING: tuple[Dependency, ...] = ()
_CALL = Construction.CALL  # members of enumerations are slow to get from their class
_OpenNode, _OpenDependency = open_class(ServiceNode), open_class(Dependency)


class PlainNodes:
    """Plans the ordinary registrations of one collection.

    A parameter of the same name and type is the same object in every node: ``session: Session`` is written often, and
    in a large collection the parameters are most of what a container holds.

    Args:
        services: What is registered.
        descriptors: Every registration, for the services that the nodes of parameters are registered as; none when
            not all of them are given the same services. Then only what takes nothing is planned here.
    """

    def __init__(self, services: Services, descriptors: Sequence[ServiceDescriptor]) -> None:
        self._services = services
        self._descriptors = descriptors
        self._open = services.templates.descriptors
        self._level = max(len(services.levels) - 1, 0)
        self._dependencies: dict[tuple[str, Any], Dependency] = {}

    def node(self, number: int, descriptor: ServiceDescriptor) -> ServiceNode | None:
        """Plan a registration.

        Args:
            number: Its position.
            descriptor: The registration.

        Returns:
            What ``make_node`` gives for it, or ``None`` when it is for ``make_node`` to say. O(parameters).
        """
        maker = descriptor.maker
        if (
            type(maker) not in CLASSES
            or maker.__module__ == "typing"
            or descriptor.construction is not _CALL
            or descriptor.enter
            or (descriptor.on_close is not UNSET and descriptor.on_close is not None)
            or descriptor.scope is not None
            or descriptor.inner is not None
            or number in self._open
        ):
            return None
        dependencies = self._parameters_of(maker)
        if dependencies is None:
            return None
        return _node(number, descriptor, dependencies, self._level)

    def _parameters_of(self, cls: type) -> tuple[Dependency, ...] | None:
        """Match the parameters of a constructor that is an ordinary function, or the built-in one."""
        function: Any = None
        owner = cls
        for owner in cls.__mro__:
            function = owner.__dict__.get("__init__")
            if function is not None:
                break
        if type(function) is not types.FunctionType:
            is_built_in = function is object.__init__ and _new_of(cls) is object.__new__
            return _NOTHING if is_built_in else None
        code = function.__code__
        if code.co_posonlyargcount or code.co_kwonlyargcount or getattr(function, "__wrapped__", None) is not None:
            return None
        if code.co_argcount == 1:
            return _NOTHING if function.__name__ != "_no_init_or_replace_init" else None
        try:
            annotations = function.__annotations__
        except NameError:  # 3.14 evaluates on access
            return None
        known, space = self._dependencies, None
        found: list[Dependency] = []
        for name in code.co_varnames[1 : code.co_argcount]:
            annotation = annotations.get(name)
            try:
                dependency = known.get((name, annotation))
            except TypeError:  # such as Annotated[T, []]
                return None
            if dependency is None:
                if type(annotation) is str:
                    space = _space_of(function, owner, cls) if space is None else space
                    annotation = space.get(annotation) if annotation not in owner.__dict__ else None
                dependency = self._dependency(name, annotation) if type(annotation) in CLASSES else None
                if dependency is None:
                    return None
            found.append(dependency)
        return tuple(found)

    def _dependency(self, name: str, annotation: Any) -> Dependency | None:
        """Match a parameter with exactly what is registered for a class without a key; made once for each name."""
        known = self._dependencies.get((name, annotation))
        if known is not None:
            return known
        number = self._services.single.get(ServiceId(annotation))
        if number is None or number >= len(self._descriptors):  # the node of an alias may be a derived one
            return None
        wanted, targets = self._descriptors[number].service, self._services.every.get(ServiceId(annotation), ())
        if wanted.interface is not annotation or wanted.key is not None:  # an alias
            wanted = ServiceId(annotation)
        made = _parameter(name, wanted, targets if len(targets) == 1 and targets[0] == number else (number,))
        self._dependencies[name, annotation] = made
        return made


def _node(number: int, descriptor: ServiceDescriptor, dependencies: tuple[Dependency, ...], level: int) -> ServiceNode:
    """Make the node of a class that leaves nothing to close."""
    maker = descriptor.maker
    if not HAS_GIL:
        return ServiceNode(
            number, descriptor.service, descriptor.lifetime, _CALL, maker, maker, descriptor.place, dependencies,
            eager=descriptor.eager, fork_safe=descriptor.fork_safe, level=level,
        )  # fmt: skip
    made: Any = _OpenNode()
    made.number, made.service, made.lifetime = number, descriptor.service, descriptor.lifetime
    made.construction, made.maker, made.produces, made.registered = _CALL, maker, maker, descriptor.place
    made.dependencies, made.on_close, made.enter, made.level = dependencies, None, "", level
    made.needs_async = made.closes = made.closes_async = False
    made.eager, made.fork_safe = descriptor.eager, descriptor.fork_safe
    made.__class__ = ServiceNode
    node: ServiceNode = made
    return node


def _parameter(name: str, wanted: ServiceId, targets: tuple[int, ...]) -> Dependency:
    """Make a parameter that is given one object by name."""
    if not HAS_GIL:
        return Dependency(name, wanted, targets)
    made: Any = _OpenDependency()
    made.parameter, made.wanted, made.targets, made.form = name, wanted, targets, "single"
    made.positional_only = made.keyword_only = made.optional = made.default = False
    made.keys = made.constant = made.later = ()
    made.relation = None
    made.__class__ = Dependency
    dependency: Dependency = made
    return dependency


def _new_of(cls: Any) -> Any:
    return cls.__new__


_NO_NAMES: Mapping[str, Any] = {}


def _space_of(function: types.FunctionType, owner: type, cls: type) -> Mapping[str, Any]:
    """Give the names that annotations written as text mean, where nothing stands between them and their module.

    Nothing is found for type parameters of PEP 695, and for what a decorator wrote unless it wrote it for this very
    class and module: then the names of base classes, and of their modules, do not come in.
    """
    own: Any = function
    if "__type_params__" in owner.__dict__ or getattr(own, "__type_params__", None):
        return _NO_NAMES
    space = function.__globals__
    if function.__code__.co_filename.startswith("<"):
        module = sys.modules.get(owner.__module__)
        if owner.__bases__ != (object,) or owner is not cls or module is None or vars(module) is not space:
            return _NO_NAMES
    return space


def fits_itself(node: ServiceNode) -> bool:
    """Tell at once, for a class that is registered as itself, that there is no misfit; ``misfits`` says it of others.

    Args:
        node: The node.

    Returns:
        ``False`` when it has to be looked at. O(1).
    """
    produces = node.produces
    return (
        produces is node.service.interface
        and type(produces) is type
        and node.construction is _CALL
        and not node.enter
        and not produces.__flags__ & IS_ABSTRACT
    )


def closes_nothing(cls: Any) -> bool:
    """Tell at once that a class has none of the methods that close something.

    Args:
        cls: What a node produces.

    Returns:
        ``False`` when it has to be looked at. O(its bases and their attributes).
    """
    if type(cls) not in CLASSES:
        return False
    for base in cls.__mro__:  # noqa: SIM110 - a generator takes twice as long
        if base is not object and not _CLOSERS.isdisjoint(base.__dict__):
            return False
    return True
