"""Providers of dependency-injector as factories of ours, and what must be built or closed around their calls.

In: a provider. Out: a function or generator that ``services.singleton(T, ...)`` and its kin take. Whoever opened a
resource closes it: one that was open before is left alone. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack
from typing import Annotated, Any, TypeAlias

from dependency_injector import providers

from kimera_di.errors import AsyncRequiredError, RegistrationError
from kimera_di.integrations.dependency_injector_graph import (
    AnyProvider,
    ProviderKey,
    awaiting,
    called,
    is_shared,
    place_of,
    provided_type,
    reachable,
    shaped,
    undefined,
)
from kimera_di.registration import Registry, caller_place
from kimera_di.registration.descriptors import misuse
from kimera_di.rendering import safe_repr, short_name, show_place
from kimera_di.vocabulary import Key, ServiceId

Resource: TypeAlias = "providers.BaseResource[Any]"


class FirstBuild:
    """Stands for a shared provider that was called: its object exists, and nobody builds a second one.

    A hidden singleton per provider, which whatever calls the provider asks for first. So the container's own single
    flight covers the library's singletons, which build twice when two threads come at once.

    Args:
        provider: The provider.
        opened: A resource that this call opened, so that it is ours to shut down.
    """

    __slots__ = ("opened", "provider")

    def __init__(self, provider: AnyProvider, *, opened: bool) -> None:
        self.provider: AnyProvider = provider
        self.opened: bool = opened


class Watch(FirstBuild):
    """Stands for a resource that may be opened later, behind a selector; shut down in the end if it was."""

    __slots__ = ()


def from_provider(provider: Any, provides: Any = None) -> Callable[..., Any]:
    """Make a factory of a provider.

    Write ``services.singleton(IVault, from_provider(container.vault))``.
    Every construction calls the provider, so its own lifetime, its overrides and its configuration count: a transient
    registration sees what they say now, a singleton what they said first. Resources that the call opens are shut down
    when the owner of the object closes; those that were open before are not.

    Args:
        provider: Any provider of dependency-injector, from a container or not.
        provides: The type it gives; taken from its class or return annotation unless said.

    Returns:
        A function; async when the provider, or one it calls, is async; a generator when resources are to be shut
        down. Delegates and aggregates give what the library injects for them: a provider.

    Raises:
        RegistrationError: ``provider`` is none, or needs a dependency that nobody provides.
    """
    if not providers.is_provider(provider):
        place = caller_place()
        advice = "pass the provider itself, without calling it: from_provider(container.vault)"
        raise misuse(f"{safe_repr(provider)} is no provider of dependency-injector", place, advice)
    gives = provided_type(provider) if provides is None else provides
    name = f"from_provider({short_name(gives) if gives is not None else type(provider).__name__})"
    refuse_undefined(((name, provider),))
    resources = _resources_of(provider)
    stands_for = place_of(provider)
    makers: Mapping[tuple[bool, bool], Callable[..., Callable[..., Any]]] = {
        (False, False): _calling,
        (False, True): _acalling,
        (True, False): _opening,
        (True, True): _aopening,
    }
    awaits = id(provider) in awaiting(provider)
    make = makers[bool(resources), awaits](provider, name, resources)
    return shaped(make, {}, _annotation(gives, bool(resources), awaits), name, stands_for)


def live_factory(
    label: str, provider: AnyProvider, gives: Any, asks: Mapping[str, Any], *, awaits: bool
) -> Callable[..., Any]:
    """Make the factory of an included provider: calls it each time, after what ``asks`` names was built."""
    make = (_acalling if awaits else _calling)(provider, label, ())
    make.__dict__["__provider__"] = provider
    return shaped(make, asks, gives, label, place_of(provider))


def first_builds(provider: AnyProvider) -> tuple[tuple[type[FirstBuild], AnyProvider], ...]:
    """List the shared providers that must be called before ``provider`` is, in the order of its own calls.

    The nearest ones only: each has its own. Behind a selector nothing is called, resources are watched. O(calls).
    """
    found: dict[tuple[type[FirstBuild], int], AnyProvider] = {}
    todo = [(child, isinstance(provider, providers.Selector)) for child in reversed(called(provider))]
    seen: set[tuple[int, bool]] = set()
    while todo:
        each, chosen = todo.pop()
        if (id(each), chosen) in seen:
            continue
        seen.add((id(each), chosen))
        if is_shared(each) and not chosen:
            found.setdefault((FirstBuild, id(each)), each)
            continue
        if isinstance(each, providers.Resource):
            found.setdefault((Watch, id(each)), each)
        inside = chosen or isinstance(each, providers.Selector)
        todo.extend((child, inside) for child in reversed(called(each)))
    return tuple((kind, each) for (kind, _), each in found.items())


def first_build_of(kind: type[FirstBuild], provider: AnyProvider, label: str) -> ServiceId:
    """Give what the hidden singleton of a provider is asked for by."""
    return ServiceId(kind, ProviderKey(label, provider))


def register_first_build(services: Registry, wanted: ServiceId, asks: Mapping[str, Any], *, awaits: bool) -> None:
    """Register the hidden singleton that calls a shared provider once and shuts down what that opened.

    Args:
        services: Where.
        wanted: From `first_build_of`.
        asks: Annotations of what must be built before.
        awaits: Calling the provider gives something to be awaited.
    """
    kind: type[FirstBuild] = wanted.interface
    key: Any = wanted.key
    provider: Any = key.provider
    is_resource = isinstance(provider, providers.BaseResource)

    def build(*_: object) -> FirstBuild:
        opened = not (is_resource and provider.initialized)
        if kind is FirstBuild:
            _settled(provider(), repr(key))
        return kind(provider, opened=opened)

    async def abuild(*_: object) -> FirstBuild:
        opened = not (is_resource and provider.initialized)
        await _shielded(provider())
        return kind(provider, opened=opened)

    make = shaped(abuild if awaits and kind is FirstBuild else build, asks, kind, repr(key), place_of(provider))
    on_close = (_ashut if awaits else _shut) if is_resource else None
    services.singleton(kind, make, key=key, on_close=on_close)


def wish(wanted: ServiceId) -> Any:
    """Write the annotation that asks for a service."""
    return wanted.interface if wanted.key is None else Annotated[wanted.interface, Key(wanted.key)]


def refuse_undefined(named: "tuple[tuple[str, AnyProvider], ...]") -> None:
    """Refuse providers that cannot be called, as a dependency of theirs has no provider.

    Args:
        named: Providers and what errors call them.

    Raises:
        RegistrationError: Lists every such dependency with the providers that need it.
    """
    if not any(undefined(each) for each in reachable(*(provider for _, provider in named))):
        return
    missing: dict[int, tuple[str, list[str]]] = {}
    for name, provider in named:
        for each in reachable(provider):
            text = undefined(each)
            if text:
                missing.setdefault(id(each), (text, []))[1].append(name)
    texts = [f"{text}, needed by {', '.join(needed[:3])}" for text, needed in missing.values()]
    place = caller_place()
    raise RegistrationError(
        f"nobody provides {'; '.join(texts)}",
        facts=(
            ("at", show_place(*place)),
            ("do this", "override it first: container.db.override(as_provider(lambda: container_of_ours, Db))"),
        ),
    )


def _resources_of(provider: AnyProvider) -> tuple[Resource, ...]:
    """The resources that a call may open, those that others need first."""
    order: list[Resource] = []
    done: set[int] = set()
    todo = [(provider, False)]
    while todo:
        each, left = todo.pop()
        if left:
            if isinstance(each, providers.BaseResource):
                order.append(each)
        elif id(each) not in done:
            done.add(id(each))
            todo.append((each, True))
            todo.extend((child, False) for child in reversed(called(each)))
    return tuple(order)


def _annotation(gives: Any, closes: bool, awaits: bool) -> Any:
    gives = Any if gives is None else gives
    if not closes:
        return gives
    return AsyncIterator[gives] if awaits else Iterator[gives]


def _calling(provider: AnyProvider, name: str, _: object) -> Callable[..., Any]:
    def call(*_: object) -> Any:
        return _settled(provider(), name)

    return call


def _acalling(provider: AnyProvider, _name: str, _: object) -> Callable[..., Any]:
    async def acall(*_: object) -> Any:
        return await _shielded(provider())

    return acall


def _opening(provider: AnyProvider, name: str, resources: tuple[Resource, ...]) -> Callable[..., Any]:
    def opened() -> Iterator[Any]:
        with ExitStack() as closing:  # every closer runs, in reverse order
            for each in resources:
                if not each.initialized:
                    closing.callback(_shut, FirstBuild(each, opened=True))
            yield _settled(provider(), name)

    return opened


def _aopening(provider: AnyProvider, _name: str, resources: tuple[Resource, ...]) -> Callable[..., Any]:
    async def opened() -> AsyncIterator[Any]:
        async with AsyncExitStack() as closing:
            for each in resources:
                if not each.initialized:
                    closing.push_async_callback(_ashut, FirstBuild(each, opened=True))
            yield await _shielded(provider())

    return opened


def _shut(built: FirstBuild) -> None:
    resource = built.provider
    if built.opened and isinstance(resource, providers.BaseResource) and resource.initialized:
        _settled(resource.shutdown(), type(resource).__name__)


async def _ashut(built: FirstBuild) -> None:
    resource = built.provider
    if built.opened and isinstance(resource, providers.BaseResource) and resource.initialized:
        ending: Any = resource.shutdown()
        if ending is not None:
            await ending


async def _shielded(given: Any) -> Any:
    """Await what a provider gave: its future is shared with others, so our cancellation must not reach it."""
    return await asyncio.shield(given) if _is_awaited(given) else given


def _settled(given: Any, name: str) -> Any:
    if not _is_awaited(given):
        return given
    if asyncio.iscoroutine(given):
        given.close()
    raise AsyncRequiredError(
        f"{name} gave something to be awaited, and does not look as if it would",
        facts=(("do this", "call its enable_async_mode() before it is registered, and resolve it with aresolve"),),
    )


def _is_awaited(given: Any) -> bool:
    # The library itself awaits these two kinds and passes on any other awaitable as an object.
    if not hasattr(type(given), "__await__"):  # asking asyncio costs five times as much
        return False
    return asyncio.isfuture(given) or asyncio.iscoroutine(given)
