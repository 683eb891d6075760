"""Services of ours as providers of dependency-injector, for its ``@inject``, ``Provide`` and containers.

In: a container of ours, or a function that gives one. Out: providers that look the service up at every call, from the
current scope of the container when there is one. Holds no objects. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

import re
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from dependency_injector import containers, providers

from kimera_di.errors import RegistrationError
from kimera_di.integrations.dependency_injector_graph import AnyProvider
from kimera_di.registration import caller_place
from kimera_di.registration.annotations import identity_of
from kimera_di.registration.descriptors import misuse
from kimera_di.rendering import dotted_name, safe_repr, short_name, show_place
from kimera_di.resolution import Scope, ServiceContainer
from kimera_di.resolution.ambient import find_current
from kimera_di.resolution.lookups import collected
from kimera_di.vocabulary import ServiceId

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")
Source = ServiceContainer | Callable[[], ServiceContainer]
"""A container, or a function that gives it: for declarative containers, which are written before ours is built."""


class ServiceProvider(providers.Provider[Any]):
    """A provider that gives a service of ours; made by ``as_provider``.

    Args:
        source: The container, or a function that gives it.
        service: What is asked for.
    """

    def __init__(self, source: Source | None = None, service: ServiceId | None = None) -> None:
        super().__init__()
        self._source = source
        self._service = service

    def __deepcopy__(self, memo: dict[Any, Any] | None) -> "ServiceProvider":
        """Copy the provider, not the container: the library copies what a declarative container declares."""
        memo = {} if memo is None else memo
        copied: ServiceProvider | None = memo.get(id(self))
        if copied is None:
            copied = memo[id(self)] = type(self)(self._source, self._service)
            self._copy_overridings(copied, memo)
        return copied

    def __str__(self) -> str:
        """Name the service."""
        return f"<service {short_name(self._service)}>"

    def _provide(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Look the service up; a coroutine when building it awaits."""
        source, service = self._source, self._service
        if source is None or service is None:
            raise misuse("a ServiceProvider was made without a service", caller_place(), "use as_provider(...)")
        if args or kwargs:
            advice = "register a factory that takes the rest, and ask for that"
            summary = f"{short_name(service)} is built by its container, which takes no arguments from a call"
            raise misuse(summary, caller_place(), advice)
        container = source if isinstance(source, ServiceContainer) else source()
        owner: ServiceContainer | Scope = find_current(container._root) or container  # pyright: ignore[reportPrivateUsage]
        if _needs_await(container, service):
            return owner.aresolve(service.interface, service.key)
        return owner.resolve(service.interface, service.key)


def as_provider(source: Source, service: "TypeForm[T]", key: Hashable = None) -> "providers.Provider[T]":
    """Make a provider of a service.

    Write ``vault = as_provider(lambda: ours, IVault)`` in a declarative container.
    Every call is a look-up, so lifetimes, scopes and overrides are ours: the current scope of the container is asked
    when there is one (``container.scope(ambient=True)``), else the container. A service whose building awaits gives a
    coroutine, as async providers of the library do. The provider can be overridden like any other.

    Args:
        source: The container; or a function that gives it, when it is built later.
        service: What was registered.
        key: The key it was registered under.

    Returns:
        The provider. It raises what ``resolve`` raises, and ``RegistrationError`` when it is called with arguments.

    Raises:
        MissingServiceError: The container does not provide it; found at the first call when ``source`` is a function.
        RegistrationError: ``source`` is neither a container nor a function.
    """
    given: Any = source
    if not (isinstance(given, ServiceContainer) or callable(given)):
        advice = "as_provider(container, IVault), or as_provider(lambda: container, IVault) before it is built"
        raise misuse(f"{safe_repr(source)} is neither a container nor gives one", caller_place(), advice)
    wanted = identity_of(service)
    wanted = wanted if key is None else ServiceId(wanted.interface, key)
    if isinstance(source, ServiceContainer):
        _numbers(source, wanted)
    return ServiceProvider(source, wanted)


def as_container(source: ServiceContainer, names: Mapping[str, Any] | None = None) -> containers.DynamicContainer:
    """Show a container of ours as one of theirs: a provider for every service, ready for ``wire`` and ``Provide``.

    Args:
        source: Our container, which stays the owner of everything.
        names: What to call the providers: ``{"vault": IVault, "cache": Annotated[ICache, Key("redis")]}``. Without it
            every unkeyed class is called like itself in lower case with underscores, ``SqlVault`` ``sql_vault``.

    Returns:
        A new dynamic container.

    Raises:
        RegistrationError: Two services would get one name, or a name cannot be an attribute.
        MissingServiceError: ``names`` asks for what is not registered.
    """
    wanted = _all_names(source) if names is None else {name: identity_of(each) for name, each in names.items()}
    container = containers.DynamicContainer()
    for name, service in wanted.items():
        if not name.isidentifier() or hasattr(container, name):
            place = caller_place()
            raise misuse(f"a provider cannot be called {name!r}", place, "use another name, that no container has")
        provider: AnyProvider = as_provider(source, service.interface, service.key)
        container.set_provider(name, provider)
    return container


def _needs_await(container: ServiceContainer, service: ServiceId) -> bool:
    nodes = container._root.layer().graph.nodes  # pyright: ignore[reportPrivateUsage]
    return any(nodes[number].needs_async for number in _numbers(container, service))


def _numbers(container: ServiceContainer, service: ServiceId) -> tuple[int, ...]:
    """Find the nodes of a service, several for ``list[T]``; raises MissingServiceError with its guesses."""
    root = container._root  # pyright: ignore[reportPrivateUsage]
    layer = root.layer()
    number = root.number(layer, service)
    return collected(layer, service) if number is None else (number,)


def _all_names(source: ServiceContainer) -> dict[str, ServiceId]:
    nodes = source._root.layer().graph.nodes  # pyright: ignore[reportPrivateUsage]
    names: dict[str, ServiceId] = {}
    for node in nodes:
        interface, key = node.service
        if key is not None or not isinstance(interface, type):
            continue
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", interface.__name__).lower()
        other = names.setdefault(name, node.service)
        if other != node.service:
            raise RegistrationError(
                f"{dotted_name(other)} and {dotted_name(node.service)} would both be called {name!r}",
                facts=(
                    ("at", show_place(*caller_place())),
                    ("do this", f"say which is which: as_container(container, {{{name!r}: {short_name(interface)}}})"),
                ),
            )
    return names
