"""The values a scope is opened with: looked up, checked, put into its cells before anybody can ask.

In: what the user passes to ``container.scope({Request: request})``. Out: a scope's first dictionary of cells.
Builds nothing. A nested scope starts with the values of the one around it.
"""

import weakref
from collections.abc import Mapping
from typing import Any

from kimera_di.errors import InterfaceMismatchError, MissingServiceError, RegistrationError
from kimera_di.planning import Construction, ServiceNode, WiringGraph
from kimera_di.planning.fit import unfit, unfit_object
from kimera_di.planning.guesses import missing_facts
from kimera_di.planning.problems import step_of
from kimera_di.registration import caller_place
from kimera_di.registration.annotations import identity_of
from kimera_di.registration.descriptors import misuse
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import safe_repr, short_name
from kimera_di.resolution.claims import Values, is_claim
from kimera_di.resolution.refusals import not_a_service
from kimera_di.vocabulary import ServiceId, Step

_SUPPLIED = Construction.SUPPLIED  # members of enumerations are slow to get from their class


class ScopeValues:
    """The values that scopes of one container may be opened with.

    Args:
        graph: The wiring of the container, without overrides.
    """

    def __init__(self, graph: WiringGraph) -> None:
        self._graph = graph
        self._cells: dict[ServiceId, int] = {
            service: number + 1
            for service, number in graph.single.items()
            if graph.nodes[number].construction is _SUPPLIED
        }
        """Cells of the base layer are numbered from 1, as its nodes from 0."""
        self._by_type: dict[Any, int] = {each.interface: n for each, n in self._cells.items() if each.key is None}
        # weakly: a mock has a class of its own, which must not outlive its scope
        self._fitting: dict[int, weakref.WeakSet[type]] = {cell: weakref.WeakSet() for cell in self._cells.values()}
        self._known: KnownTypes | None = None

    @property
    def count(self) -> int:
        """How many values a scope can be opened with."""
        return len(self._cells)

    def given(self, values: Mapping[Any, object]) -> Values:
        """Turn what the user gave into filled cells.

        Args:
            values: Objects by what they are asked for: ``T``, or ``Annotated[T, Key(k)]``.

        Returns:
            A new dictionary. O(values); each type of object is checked once.

        Raises:
            MissingServiceError: Nothing is registered for one of them.
            RegistrationError: What is registered is built, not supplied; or ``values`` is no mapping, or one of its
                keys cannot be hashed.
            InterfaceMismatchError: An object does not fit.
        """
        cells: Values = {}
        try:
            items = values.items()
        except (AttributeError, TypeError):
            if isinstance(values, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - an error of its own
                raise
            raise _no_mapping(values) from None
        for service, value in items:
            try:
                cell = self._by_type.get(service) or self._cell(service)
            except TypeError:
                raise not_a_service(identity_of(service)) from None
            if type(value) not in self._fitting[cell]:
                self._check(cell, value)
            cells[cell] = value
        return cells

    def inherited(self, outer: Values, values: Mapping[Any, object] | None) -> Values:
        """Give the cells of a scope inside another one: the outer values, unless given again.

        Args:
            outer: The cells of the scope around it.
            values: What is given anew.

        Returns:
            A new dictionary. O(registered values).
        """
        cells: Values = {}
        for cell in self._cells.values():
            value = outer.get(cell, cells)
            if value is not cells and not is_claim(value):
                cells[cell] = value
        if values is not None:
            cells.update(self.given(values))
        return cells

    def takes(self, service: Any) -> bool:
        """Tell whether scopes can be opened with a value for ``service``."""
        identity = identity_of(service)
        try:
            return identity in self._cells
        except TypeError:
            raise not_a_service(identity) from None

    def _cell(self, service: Any) -> int:
        identity = identity_of(service)
        cell = self._cells.get(identity)
        if cell is not None:
            return cell
        name = short_name(identity)
        if identity in self._graph.single:
            raise misuse(
                f"{name} is built by the container, so a scope cannot be given one",
                caller_place(),
                f"register it with services.scope_value({name}), or use container.override({name}, ...)",
            )
        raise MissingServiceError(
            f"a scope was given a value for {name}, which nobody registered",
            service=identity,
            path=(Step(identity.interface if identity.key is None else identity, None, None, None, None),),
            end="not registered",
            facts=(("do this", f"services.scope_value({name})"), *missing_facts(identity, self._graph)[:-1]),
        )

    def _check(self, cell: int, value: object) -> None:
        node = self._graph.nodes[cell - 1]
        if self._known is None:
            self._known = KnownTypes([each.service.interface for each in self._graph.nodes])
        if not unfit(node.service.interface, type(value), self._known, built=False):
            self._fitting[cell].add(type(value))
            return
        reasons = unfit_object(node.service.interface, value, self._known)
        if reasons:
            raise _mismatch(node, reasons)


def _mismatch(node: ServiceNode, reasons: list[str]) -> InterfaceMismatchError:
    name = short_name(node.service)
    return InterfaceMismatchError(
        f"the value given to the scope is no {name}: {'; '.join(reasons)}",
        service=node.service,
        path=(step_of(node, None),),
        facts=(("do this", f"pass an object that is a {name}"),),
    )


def _no_mapping(values: object) -> RegistrationError:
    return misuse(
        f"{safe_repr(values)} does not say what the values of the scope are asked for by",
        caller_place(),
        "pass a dictionary: container.scope({Request: request})",
    )
