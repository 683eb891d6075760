"""Variants of a collection: some services are finished objects instead, as in ``services.build(overrides={...})``.

In: nodes that are not settled yet, and objects by what they stand for. Out: the same nodes with some replaced by
instances, so that everything else about the collection is proven with them. Calls nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kimera_di.errors import KimeraError, MissingServiceError
from kimera_di.planning.dependencies import Unmet
from kimera_di.planning.graph import Construction, ServiceNode, WiringGraph
from kimera_di.planning.guesses import missing_facts
from kimera_di.records import dataclass, field, replace
from kimera_di.registration import caller_place
from kimera_di.registration.annotations import identity_of
from kimera_di.registration.descriptors import misuse
from kimera_di.rendering import safe_repr, short_name, show_place
from kimera_di.vocabulary import Lifetime, Place, ServiceId, Step

_NOWHERE = Place("", 0)


@dataclass(frozen=True, slots=True)
class Variant:
    """Objects that stand for services, and the line that says so."""

    objects: Mapping[ServiceId, Any] = field(default_factory=dict[ServiceId, Any])
    place: Place = _NOWHERE

    @classmethod
    def of(cls, overrides: Mapping[Any, object] | None) -> "Variant":
        """Read what ``build(overrides=...)`` was given.

        Args:
            overrides: Objects by ``T`` or ``Annotated[T, Key(k)]``; ``None`` for none.

        Returns:
            The variant.

        Raises:
            RegistrationError: ``overrides`` is no mapping.
        """
        if overrides is None:
            return NO_VARIANT
        place = caller_place()
        if not isinstance(overrides, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise misuse(
                f"overrides={safe_repr(overrides)} does not say what the objects stand for", place,
                "pass a dictionary: services.build(overrides={Clock: FakeClock()})",
            )  # fmt: skip
        return cls({identity_of(service): value for service, value in overrides.items()}, place)


NO_VARIANT = Variant()


def overridden_nodes(variant: Variant, one: Callable[[ServiceId], int | None]) -> dict[ServiceId, int]:
    """Give the node that answers each overridden service; one that an open registration answers is derived by it."""
    found = {service: one(service) for service in variant.objects}
    return {service: number for service, number in found.items() if number is not None}


def with_objects(
    nodes: Sequence[ServiceNode],
    unmet: Iterable[tuple[int, Unmet]],
    single: Mapping[ServiceId, int],
    variant: Variant,
) -> tuple[list[ServiceNode], list[tuple[int, Unmet]]]:
    """Replace the nodes that look-ups of the overridden services give.

    Args:
        nodes: All nodes, in order.
        unmet: Parameters that nothing can be passed for; those of replaced nodes do not matter any more.
        single: The node that answers each service.
        variant: What is replaced.

    Returns:
        Nodes and unmet parameters. An instance keeps the lifetime of a scoped service, so that who may hold it is
        proven as without the override. O(nodes).
    """
    replaced = {single[service]: value for service, value in variant.objects.items() if service in single}
    changed = [
        _instance(node, replaced[node.number], variant.place) if node.number in replaced else node for node in nodes
    ]
    return changed, [(number, question) for number, question in unmet if number not in replaced]


def unknown_overrides(graph: WiringGraph, variant: Variant, single: Mapping[ServiceId, int]) -> list[KimeraError]:
    """Make an error for each override of something that nobody registered."""
    return [
        MissingServiceError(
            f"{short_name(service)} is overridden, but nothing provides it",
            service=service,
            path=(Step(service.interface if service.key is None else service, None, None, None, None),),
            end="not registered",
            facts=(("at", show_place(*variant.place)), *missing_facts(service, graph)),
        )
        for service in variant.objects
        if service not in single
    ]


def _instance(node: ServiceNode, value: Any, place: Place) -> ServiceNode:
    lifetime = node.lifetime if node.lifetime is Lifetime.SCOPED else Lifetime.SINGLETON
    return replace(
        node,
        lifetime=lifetime, construction=Construction.INSTANCE, maker=value, produces=type(value), registered=place,
        dependencies=(), on_close=None, enter="", needs_async=False, closes=False, closes_async=False, eager=False,
    )  # fmt: skip
