"""Assisted factories: ``Factory[[str], Report]`` builds a ``Report`` of which the caller gives the ``str``.

In: the types a caller gives, and the parameters of what is built. Out: a node of its own for each such factory, in
which the given parameters are arguments and everything else is injected. Builds nothing. Follows decision 0013;
the idea is Guice's ``FactoryModuleBuilder`` and Autofac's ``Func<string, Report>``.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kimera_di.planning.derivation import Drafts
from kimera_di.planning.graph import Dependency, Relation, ServiceNode
from kimera_di.records import dataclass, field, replace
from kimera_di.registration import ServiceDescriptor, defined_at, describe
from kimera_di.registration.annotations import EMPTY, Parameter, built_class, split_annotated, union_members
from kimera_di.rendering import short_name
from kimera_di.vocabulary import HiddenKey, Lifetime, Place, ServiceId

if TYPE_CHECKING:
    from kimera_di.planning.dependencies import Unmet

Found = "Dependency | Unmet | None"


@dataclass(frozen=True, slots=True, repr=False)
class ArgumentKey(HiddenKey):
    """The key of a node that an assisted factory builds."""

    given: tuple[Any, ...] | None = None
    """The types that the caller gives; ``None`` for whatever nobody provides."""


@dataclass(slots=True)
class Assistance:
    """Gives the nodes that assisted factories build.

    Args:
        drafts: Numbers new nodes.
        source: Gives the descriptor of a registered service by the number of its node.
    """

    drafts: Drafts
    source: Callable[[int], ServiceDescriptor | None]
    bases: dict[int, tuple[Any, ...] | None] = field(default_factory=dict[int, "tuple[Any, ...] | None"])
    """Registered services that a factory builds, with what its callers give."""

    def number_for(self, made: ServiceId, given: tuple[Any, ...] | None, registered: int | None) -> int | str:
        """Give the node of a factory, the same one for equal factories.

        Args:
            made: What it builds.
            given: What its caller gives; ``None`` for ``...``.
            registered: The node of ``made``, ``None`` when it is not registered.

        Returns:
            The number of the node, new when nobody asked before; or why there cannot be one, "" when nothing
            provides ``made``.
        """
        descriptor = self._base(made, registered)
        if isinstance(descriptor, str):
            return descriptor
        label = "given ..." if given is None else f"given {', '.join(short_name(each) for each in given)}"
        hidden = ServiceId(made.interface, ArgumentKey(label, made.key, 0 if registered is None else registered,
                                                       given=given))  # fmt: skip
        if registered is not None:
            self.bases.setdefault(registered, given)
        return self.drafts.number_of(replace(descriptor, service=hidden, eager=False))

    def _base(self, made: ServiceId, registered: int | None) -> ServiceDescriptor | str:
        name = short_name(made)
        descriptor = None if registered is None else self.source(registered)
        if descriptor is not None and descriptor.lifetime is not Lifetime.TRANSIENT:
            return f"{name} is registered as {descriptor.lifetime.value}, but a Factory builds a new one at each call"
        if descriptor is not None:
            return descriptor
        if made.key is not None or built_class(made.interface) is None:
            return ""
        place = defined_at(made.interface) or Place("", 0)
        return describe(made, Lifetime.TRANSIENT, made.interface, place)


def assist_with(drafts: Drafts, nodes: Sequence[ServiceNode]) -> Assistance:
    """Give what makes nodes for a finished graph."""
    return Assistance(drafts, lambda number: _descriptor_of(nodes[number]) if number < len(nodes) else None)


def _descriptor_of(node: ServiceNode) -> ServiceDescriptor:
    return ServiceDescriptor(
        node.service, node.lifetime, node.construction, node.maker, node.registered, node.on_close,
        enter=bool(node.enter),
    )  # fmt: skip


def with_arguments(
    parameters: Sequence[Parameter], found: Sequence["Dependency | Unmet | None"], given: tuple[Any, ...] | None
) -> tuple[list["Dependency | Unmet | None"], str]:
    """Decide which parameters the caller of a factory gives.

    Args:
        parameters: The parameters of what is built.
        found: What each would be given without a caller.
        given: The types that the caller gives, in order; ``None`` for everything that nobody provides.

    Returns:
        What each parameter is given, and why a type fits none of them ("" when all do). Each type takes the first
        parameter of its type that nobody provides, else the first of exactly its type. O(types * parameters).
    """
    made = list(found)
    left = [index for index, each in enumerate(found) if _is_left(each)]
    if given is None:
        for position, index in enumerate(left):
            optional = isinstance(found[index], Dependency)
            made[index] = argument(parameters[index], position, optional=optional)
        return made, ""
    taken: set[int] = set()
    for position, kind in enumerate(given):
        provided = [i for i, p in enumerate(parameters) if i not in left and p.annotation == kind]
        fitting = [i for i in (*left, *provided) if i not in taken and _fits(kind, parameters[i])]
        if not fitting:
            return made, f"its caller gives {short_name(kind)}, but no parameter is left that takes it"
        taken.add(fitting[0])
        made[fitting[0]] = argument(parameters[fitting[0]], position)
    return made, ""


def argument(parameter: Parameter, position: int, *, optional: bool = False) -> Dependency:
    """Make the dependency of a parameter that the caller of a factory gives."""
    kind, key = split_annotated(parameter.annotation)
    wanted = ServiceId(object if kind is EMPTY else kind, key)
    return Dependency(
        parameter.name, wanted, (), parameter.positional_only, parameter.keyword_only, optional=optional,
        relation=Relation("argument", (), kind, position=position),
    )  # fmt: skip


def arguments_of(node: ServiceNode) -> list[Dependency]:
    """Give the parameters of a node that its caller gives, in the caller's order."""
    given = [(d.relation.position, d) for d in node.dependencies if d.relation and d.relation.kind == "argument"]
    return [dependency for _, dependency in sorted(given, key=lambda pair: pair[0])]


def _is_left(found: "Dependency | Unmet | None") -> bool:
    """Tell whether nobody provides a parameter; its default, or ``None``, does not count."""
    return found is not None and (not isinstance(found, Dependency) or found.default or found.optional)


def _fits(kind: Any, parameter: Parameter) -> bool:
    """Tell whether an object of a given type may be passed for a parameter; what cannot be decided is accepted."""
    wanted, _ = split_annotated(parameter.annotation)
    if wanted is EMPTY or wanted is Any or wanted is object or kind == wanted:
        return True
    choices = union_members(wanted) or (wanted,)
    return any(kind == each or _is_subclass(kind, each) for each in choices)


def _is_subclass(kind: Any, other: Any) -> bool:
    try:
        return isinstance(kind, type) and issubclass(kind, other)
    except TypeError:  # a subscripted type, or a Protocol with data members
        return False
