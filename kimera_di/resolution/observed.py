"""What is done to a container from outside: replace a service for a while, listen, look at the wiring.

In: a service, a listener. Out: an override, a subscription, the wiring as text or data. No look-up passes here.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from kimera_di.errors import MissingServiceError
from kimera_di.registration import UNSET, caller_place, describe
from kimera_di.registration.annotations import identity_of
from kimera_di.registration.descriptors import code_flags, misuse
from kimera_di.rendering import safe_repr, short_name
from kimera_di.resolution.listening import Listener, Subscription
from kimera_di.resolution.lookups import collected
from kimera_di.resolution.overrides import Override
from kimera_di.resolution.resolver import Resolver
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from kimera_di.planning.service_graph import ServiceGraph

_NEVER_RUNS = 0x80 | 0x20 | 0x200  # inspect.CO_*: coroutines and generators of both kinds


class Observed(Resolver):
    """A container that can be changed for a while, listened to and drawn."""

    __slots__ = ()

    def override(
        self,
        service: Any,
        instance: Any = UNSET,
        *,
        factory: Any = UNSET,
        key: Hashable = None,
        everywhere: bool = False,
    ) -> Override:
        """Replace a service for the current context, until the block ends.

        Visible to this task or thread and to tasks that copy its context, not to any other. Everything
        that reaches the service is rebuilt meanwhile; scopes opened earlier keep what they built.

        Args:
            service: What is replaced.
            instance: The object to give out instead.
            factory: A class or factory to build instead, with the lifetime of what it replaces.
            key: The key of the service.
            everywhere: Reach the whole process instead: every thread and task, also those that began before. Look-ups
                stay as fast as without an override. Excludes every other override of this container.

        Returns:
            A context manager; ``async with`` when the override builds something that must be awaited to close. As a
            decorator of a function or async function it begins anew with every call.

        Raises:
            MissingServiceError: The service is not registered.
            InterfaceMismatchError: The replacement does not fit it.
            RegistrationError: Neither or both of instance and factory are given.
            ContainerClosedError: The container is closed.
        """
        root = self._root
        place = caller_place()
        if (instance is UNSET) == (factory is UNSET):
            advice = f"container.override({short_name(service)}, fake), or factory=make_fake"
            raise misuse("an override takes either an object or factory=", place, advice)
        layer = root.layer()
        identity = ServiceId(service, key)
        number = root.number(layer, identity)
        if number is None:
            raise MissingServiceError(f"{short_name(identity)} stands for others: override those", service=identity)
        # The node itself, whatever overrides it already. An alias and its target are replaced together: both must fit.
        replaced = root.base.graph.nodes[number]
        descriptor = describe(
            replaced.service, replaced.lifetime, factory if instance is UNSET else instance, place,
            is_instance=instance is not UNSET,
        )  # fmt: skip
        return Override(root, layer, number, descriptor, everywhere=everywhere)

    def listen(self, listener: Listener) -> Subscription:
        """Have a function called with every construction: how long it took, or what it raised.

        Costs nothing before the first listener and after the last one: builders that report are compiled when a
        listener is added, and thrown away when it ends. Reaches what is built by look-ups that begin afterwards.

        Args:
            listener: Called with a ``ServiceBuilt`` or ``ServiceFailed``, in the thread or task that builds, which
                waits for it. What it raises is logged.

        Returns:
            The subscription: ``end()`` it, or use it in a ``with`` block.

        Raises:
            RegistrationError: ``listener`` cannot be called, or its calls would have to be awaited.
            ContainerClosedError: The container is closed.
        """
        if not callable(listener):
            raise misuse(
                f"{safe_repr(listener)} cannot be called, so it cannot listen", caller_place(),
                "pass a function of one argument: container.listen(print)",
            )  # fmt: skip
        if code_flags(listener) & _NEVER_RUNS:
            raise misuse(
                f"{short_name(listener)} is an async function or a generator: called, it would not run", caller_place(),
                "pass a plain function, which may put the event into a queue",
            )  # fmt: skip
        self._check_open()
        return Subscription(self._root, listener)

    def explain(self, service: Any, key: Hashable = None) -> str:
        """Draw how a service is built: what from what, with lifetimes, implementations and file:line.

        Below the tree stand the registrations that were not chosen, and why.
        """
        from kimera_di.planning.choices import explain_choices
        from kimera_di.planning.explain import explain

        layer = self._root.layer()
        identity = identity_of(ServiceId(service, key))
        try:
            number = self._root.number(layer, identity)
        except MissingServiceError:
            rest = explain_choices(layer.graph, identity)
            if not rest:
                raise
            return f"{short_name(identity)}: nothing registered\n{rest}"
        rest = explain_choices(layer.graph, identity)
        numbers = collected(layer, identity) if number is None else (number,)
        trees = [explain(layer.graph, each) for each in numbers] or [f"{short_name(service)}: nothing registered"]
        return "\n".join([*trees, rest] if rest else trees)

    def graph(self) -> "ServiceGraph":
        """Give the wiring as data, with ``to_mermaid``, ``to_dot``, ``to_json`` and ``to_networkx``."""
        from kimera_di.planning.service_graph import exported

        return exported(self._root.layer().graph)
