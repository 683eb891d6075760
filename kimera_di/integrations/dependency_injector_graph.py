"""Read the providers of dependency-injector: what one calls, whether it awaits, what type it gives, how it is called.

In: providers and containers of that library. Out: names, types and providers, as data. Calls no provider. Knows
nothing of services. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

import types
import typing
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import isasyncgenfunction, iscoroutinefunction, unwrap
from typing import Any, TypeAlias

from dependency_injector import containers, providers, resources

from kimera_di.registration.annotations import EMPTY, read_return, split_annotated, yielded
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name

AnyProvider: TypeAlias = "providers.Provider[Any]"
AnyContainer: TypeAlias = "containers.Container | type[containers.DeclarativeContainer]"

_MAKERS = (providers.Callable, providers.Factory, providers.BaseSingleton, providers.BaseResource)
_ABSTRACT = (
    providers.AbstractFactory,
    providers.AbstractSingleton,
    providers.AbstractCallable,
    providers.AbstractCoroutine,
)
_PER_THREAD_OR_TASK = (providers.ThreadLocalSingleton, providers.ContextLocalSingleton)
_ANONYMOUS = frozenset({"builtins", "typing", "types", "collections.abc"})
"""Modules whose classes say too little to ask for: ``int``, ``dict``, ``Callable``."""
_NO_TYPES = KnownTypes(())


@dataclass(frozen=True, slots=True)
class NamedProvider:
    """A provider of a container."""

    name: str
    """As it is written behind the container: ``vault``, ``storage.client`` when containers are nested."""
    provider: AnyProvider


@dataclass(frozen=True, slots=True, eq=False)
class ProviderKey:
    """The key of what is registered for one provider; shows as the name that its users know."""

    label: str
    provider: AnyProvider

    def __eq__(self, other: object) -> bool:
        """Tell whether it is of the same provider."""
        return isinstance(other, ProviderKey) and other.provider is self.provider

    def __hash__(self) -> int:
        """Hash the identity of the provider."""
        return id(self.provider)

    def __repr__(self) -> str:
        """Give the name."""
        return self.label


def container_name(container: AnyContainer) -> str:
    """Give the name of the class that declares a container."""
    declared = container if isinstance(container, type) else getattr(container, "declarative_parent", None)
    return str((declared if isinstance(declared, type) else type(container)).__qualname__).replace("<locals>.", "")


def named_providers(container: AnyContainer) -> Iterator[NamedProvider]:
    """List the providers of a container and of those nested in it, outer ones first.

    Args:
        container: A declarative container, its class, or a dynamic one.

    Yields:
        Every provider under its first name; containers themselves are left out. O(providers).
    """
    todo: list[tuple[str, Mapping[str, AnyProvider]]] = [("", _providers_of(container))]
    seen: set[int] = set()
    while todo:
        prefix, found = todo.pop(0)
        for name, provider in found.items():
            if id(provider) in seen or isinstance(provider, providers.Self):
                continue
            seen.add(id(provider))
            nested = nested_container(provider)
            if nested is None:
                yield NamedProvider(prefix + name, provider)
            else:
                todo.append((f"{prefix}{name}.", _providers_of(nested)))


def with_members(named: Iterable[NamedProvider]) -> list[NamedProvider]:
    """Add the members of aggregates, which can be called by name."""
    found = list(named)
    seen = {id(each.provider) for each in found}
    for each in tuple(found):
        if isinstance(each.provider, providers.Aggregate):
            members = each.provider.providers.items()
            found.extend(NamedProvider(f"{each.name}.{key}", value) for key, value in members if id(value) not in seen)
    return found


def nested_container(provider: AnyProvider) -> "AnyContainer | None":
    """Give the container that a provider stands for, ``None`` when it provides something else."""
    if isinstance(provider, providers.DependenciesContainer):
        overriding: Any = provider.last_overriding
        return nested_container(overriding) if overriding is not None else typing.cast("AnyContainer", provider)
    if isinstance(provider, providers.Container):
        return typing.cast("AnyContainer", provider.container)
    return None


def called(provider: AnyProvider) -> tuple[AnyProvider, ...]:
    """List the providers that may be called when ``provider`` is, those that override it included.

    Delegated ones are passed on as they are, so their own calls are not counted.
    """
    if isinstance(provider, providers.Delegate | providers.Aggregate):
        return tuple(provider.overridden)
    return tuple(each for each in provider.related if not providers.is_delegated(each))


def awaiting(*called_ones: AnyProvider) -> frozenset[int]:
    """Find which providers give something to be awaited: they, or what they call, are async.

    Args:
        called_ones: Where to begin.

    Returns:
        The identities of those that do, among these and all that they call. O(providers + calls).
    """
    callers: dict[int, list[int]] = {}
    found: set[int] = set()
    for each in reachable(*called_ones):
        if each.is_async_mode_enabled() or awaits_itself(each):
            found.add(id(each))
        for child in called(each):
            callers.setdefault(id(child), []).append(id(each))
    todo = list(found)
    while todo:
        fresh = [caller for caller in callers.get(todo.pop(), ()) if caller not in found]
        found.update(fresh)
        todo.extend(fresh)
    return frozenset(found)


def undefined(provider: AnyProvider) -> str:
    """Say what a provider lacks that only takes the place of another one; "" when it can be called."""
    if isinstance(provider, providers.Dependency) and not provider.is_defined:
        text = f"Dependency(instance_of={short_name(provider.instance_of)})"
        return f"{provider.parent_name}, a {text}" if provider.parent_name else f"a {text}"
    if isinstance(provider, _ABSTRACT) and provider.last_overriding is None:
        return f"an {type(provider).__name__}({short_name(provider.provides)})"
    return ""


def reachable(*called_ones: AnyProvider) -> Iterator[AnyProvider]:
    """Walk providers and everything that may be called with them, each once. Does not recurse."""
    todo, seen = list(called_ones), set(map(id, called_ones))
    while todo:
        each = todo.pop()
        yield each
        fresh = [child for child in called(each) if id(child) not in seen]
        seen.update(map(id, fresh))
        todo.extend(fresh)


def is_shared(provider: AnyProvider) -> bool:
    """Tell whether a provider gives one object to the whole process."""
    return isinstance(provider, providers.Resource) or (
        isinstance(provider, providers.BaseSingleton) and not isinstance(provider, _PER_THREAD_OR_TASK)
    )


def provided_type(provider: AnyProvider) -> Any:
    """Give the class of what a provider provides, as far as it says.

    Args:
        provider: Any provider; it is not called.

    Returns:
        Its class, the return annotation of its function, ``instance_of`` of a dependency, or ``None`` when it says
        nothing, or something as common as ``int``.
    """
    if isinstance(provider, providers.Dependency):
        declared = None if provider.instance_of is object else provider.instance_of
        source: Any = provider.last_overriding or provider.default
        return declared if declared is not None or source is None else provided_type(source)
    if isinstance(provider, providers.Selector):
        options = {provided_type(each) for each in provider.providers.values()}
        return options.pop() if len(options) == 1 else None
    if isinstance(provider, providers.Object):
        return _worth_asking_for(type(provider.provides))
    if not isinstance(provider, _MAKERS) or isinstance(provider, providers.TypedConfigurationOption):
        return None
    made = provider.provides
    if isinstance(made, type) and isinstance(provider, providers.BaseResource):
        return _worth_asking_for(_entered(made))
    return _worth_asking_for(made if isinstance(made, type) else _returned(made))


def service_of(wanted: Any) -> tuple[Any, Hashable]:
    """Take ``Annotated[T, Key(k)]`` apart into the type and the key."""
    return split_annotated(wanted)


def shaped(
    function: Callable[..., Any], asks: Mapping[str, Any], gives: Any, name: str, stands_for: Any = None
) -> Callable[..., Any]:
    """Say what a function takes and gives, for the planner, where its own code does not.

    Args:
        function: Takes the named parameters by position, as ``*args``.
        asks: The annotation of each parameter.
        gives: What it gives; ``Any`` for unknown.
        name: What errors call it.
        stands_for: The class or function whose line is shown as the place of its definition.

    Returns:
        The function itself. Read by ``registration.annotations`` through ``inspect.signature``.
    """
    from inspect import Parameter, Signature

    def shape() -> None: ...

    parameters = [Parameter(key, Parameter.POSITIONAL_ONLY, annotation=value) for key, value in asks.items()]
    shape.__dict__["__signature__"] = Signature(parameters, return_annotation=gives)
    shape.__annotations__ = {**asks, "return": gives}
    function.__name__ = name.rpartition(".")[2]
    function.__qualname__ = name
    function.__module__ = str(getattr(gives, "__module__", function.__module__))
    function.__dict__["__wrapped__"] = shape
    if stands_for is not None:
        function.__dict__["__stands_for__"] = stands_for
    return function


def place_of(provider: AnyProvider) -> Any:
    """Give the class or function of the user's that a provider calls, ``None`` without one."""
    made = getattr(provider, "provides", None) if isinstance(provider, _MAKERS) else None
    return getattr(made, "__wrapped__", made) if made is not None and not providers.is_provider(made) else None


def _providers_of(container: Any) -> Mapping[str, AnyProvider]:
    return typing.cast("Mapping[str, AnyProvider]", container.providers)


def awaits_itself(provider: AnyProvider) -> bool:
    """Tell whether what a provider calls is async, whatever it is given."""
    made = provider.provides if isinstance(provider, _MAKERS) else None
    if isinstance(made, type):
        return issubclass(made, resources.AsyncResource) or (
            isinstance(provider, providers.BaseResource)
            and hasattr(made, "__aenter__")
            and not hasattr(made, "__enter__")
        )
    wrapped = getattr(made, "__wrapped__", None)  # the library wraps async generators into context managers
    return iscoroutinefunction(made) or isasyncgenfunction(wrapped)


def _entered(cls: type) -> Any:
    """What a resource class gives: what ``init`` or ``__enter__`` is annotated with."""
    for name in ("init", "__enter__", "__aenter__"):
        method = getattr(cls, name, None)
        if method is not None:
            given = read_return(method, _NO_TYPES)
            return cls if getattr(given, "__name__", "") == "Self" else given
    return cls


def _returned(function: Any) -> Any:
    if function is None or providers.is_provider(function):
        return None
    annotation = read_return(function, _NO_TYPES)
    with suppress(AttributeError, NameError, TypeError):  # another annotation cannot be read
        annotation = typing.get_type_hints(unwrap(function)).get("return", annotation)
    inner = yielded(annotation)  # of generators, which arrive wrapped into context managers
    return annotation if inner is EMPTY else inner


def _worth_asking_for(found: Any) -> Any:
    is_type = isinstance(found, type) and not isinstance(found, types.GenericAlias)
    return found if is_type and found.__module__ not in _ANONYMOUS else None
