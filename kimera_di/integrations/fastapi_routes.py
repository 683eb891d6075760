"""What the routes of a FastAPI application ask the container for: checked before the first request, then shortened.

In: an application whose handlers and dependencies use ``Injected[T]``. Out: an error for each service that nobody
registered, with the handler's file:line; and async handlers that ask the scope themselves, because FastAPI's way of
solving a dependency costs several times what the container needs. Leaves alone whatever it does not know.
"""

# pyright: reportPrivateUsage=false
# Finding a service without building it is not public; nobody but an integration needs it.

import functools
import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from fastapi import FastAPI, routing
from fastapi.dependencies.models import Dependant
from starlette.routing import Mount

from kimera_di.errors import BuildErrors, KimeraError, MissingServiceError, ScopeRequiredError
from kimera_di.planning.guesses import missing_facts
from kimera_di.registration import defined_at
from kimera_di.registration.annotations import identity_of
from kimera_di.rendering import short_name
from kimera_di.resolution import Scope, ServiceContainer
from kimera_di.resolution.ambient import CURRENT, find_current
from kimera_di.vocabulary import ServiceId, Step


class ServiceDependency:
    """A FastAPI dependency that gives a service of the current scope.

    Args:
        service: What ``resolve`` is asked for.
    """

    __slots__ = ("identity", "optional", "wanted")

    def __init__(self, service: Any) -> None:
        asked = identity_of(service)
        interface, optional = _without_none(asked.interface)
        self.optional: bool = optional
        self.identity: ServiceId = ServiceId(interface, asked.key)
        self.wanted: Any = self.identity.interface if self.identity.key is None else self.identity

    async def __call__(self) -> object:
        """Give the object; called by FastAPI.

        Raises:
            ScopeRequiredError: The application was not set up, or the scope of the request has ended.
        """
        return await self.ask(current_scope(self))

    def ask(self, scope: Scope) -> Coroutine[Any, Any, Any]:
        """Give the object in ``scope``, to be awaited; ``None`` for ``T | None`` when ``T`` is not registered."""
        return scope.aget(*self.identity) if self.optional else scope.aresolve(self.wanted)


class Wish(NamedTuple):
    """A parameter that asks for a service."""

    owner: Any
    """The handler, function or class whose parameter it is."""
    parameter: str
    dependency: ServiceDependency


def _without_none(interface: Any) -> tuple[Any, bool]:
    """Split ``T | None`` into ``T`` and whether it may be left out; other unions stay as they are."""
    if get_origin(interface) not in {Union, UnionType}:
        return interface, False
    members = [each for each in get_args(interface) if each is not NoneType]
    optional = len(members) == 1
    return (members[0] if optional else interface), optional


def current_scope(dependency: ServiceDependency) -> Scope:
    """Give the scope of the request that is being handled here.

    Raises:
        ScopeRequiredError: There is none.
    """
    place = CURRENT.get()
    owner = None if place is None else place.owner()
    if isinstance(owner, Scope):  # the common case, without the search
        return owner
    found = find_current()
    if isinstance(found, Scope):
        return found
    name = short_name(dependency.identity)
    raise ScopeRequiredError(
        f"{name} is asked for with Injected, but no request has a scope here",
        service=dependency.identity,
        facts=(
            ("do this", "kimera_di.integrations.fastapi.setup(app, container), once, where the app is made"),
            ("or", "if it ran: the scope is closed; choose a later close point"),
        ),
    )


def check(app: FastAPI, container: ServiceContainer) -> None:
    """Refuse an application that asks for services that nobody registered.

    Raises:
        BuildErrors: One error for each such parameter. O(parameters of all routes).
    """
    problems: list[KimeraError] = []
    for dependant in _dependants(app.routes):
        for wish in _wishes(dependant):
            problem = _problem(wish, container)
            if problem is not None and all(str(problem) != str(each) for each in problems):
                problems.append(problem)
    if problems:
        count = len(problems)
        raise BuildErrors(
            f"{count} parameter{'s' if count > 1 else ''} of the application cannot be injected", problems
        )


def shorten(app: FastAPI) -> None:
    """Let async handlers ask the scope for their services, instead of FastAPI; may be called again.

    Dependencies keep FastAPI's way, so that ``dependency_overrides`` finds them; so do handlers that run in the
    thread pool, because what async factories make must be awaited in the event loop.
    """
    for dependant in _dependants(app.routes):
        handler: Callable[..., Any] | None = dependant.call
        wanted = {
            sub.name: sub.call for sub in dependant.dependencies if isinstance(sub.call, ServiceDependency) and sub.name
        }
        if handler is None or not wanted or not inspect.iscoroutinefunction(handler):
            continue
        dependant.call = _filled(handler, tuple(wanted.items()))
        dependant.dependencies[:] = [sub for sub in dependant.dependencies if sub.name not in wanted]


def _filled(handler: Callable[..., Any], wanted: tuple[tuple[str, ServiceDependency], ...]) -> Callable[..., Any]:
    first = wanted[0][1]

    @functools.wraps(handler)
    async def filled(**values: Any) -> Any:
        scope = current_scope(first)
        for name, dependency in wanted:
            values[name] = await dependency.ask(scope)
        return await handler(**values)

    return filled


def _dependants(routes: Sequence[Any]) -> Iterator[Dependant]:
    """Give what FastAPI knows of each route, in the form it will use to serve it."""
    contexts: Callable[[Sequence[Any]], Iterator[Any]] | None = getattr(routing, "iter_route_contexts", None)
    for route in routes if contexts is None else contexts(routes):  # FastAPI before 0.137 copies included routes
        original = getattr(route, "original_route", route)
        dependant = getattr(route, "dependant", None)
        if isinstance(dependant, Dependant):
            yield dependant
        elif isinstance(original, Mount) and not _is_set_up(original.app):
            yield from _dependants(original.routes)


def _is_set_up(app: Any) -> bool:
    """Tell whether a mounted application has a container of its own."""
    return isinstance(app, FastAPI) and hasattr(app.state, "kimera_container")


def _wishes(dependant: Dependant) -> Iterator[Wish]:
    for sub in dependant.dependencies:
        if isinstance(sub.call, ServiceDependency):
            yield Wish(dependant.call, sub.name or "", sub.call)
        else:
            yield from _wishes(sub)


def _problem(wish: Wish, container: ServiceContainer) -> KimeraError | None:
    root, wanted = container._root, wish.dependency.identity
    try:
        root.number(root.layer(), wanted)
    except KimeraError as error:
        if wish.dependency.optional and isinstance(error, MissingServiceError):
            return None
        place = defined_at(wish.owner)
        asked = Step(wish.owner, wish.parameter, None, *(place or (None, None)))
        last = Step(wanted.interface if wanted.key is None else wanted, None, None, None, None)
        if not isinstance(error, MissingServiceError):
            error.add_note(f"kimera_di: asked for by {short_name(wish.owner)}({wish.parameter})")
            return error
        return MissingServiceError(
            f"nothing provides {short_name(wanted)}", service=wanted, path=(asked, last), end="not registered",
            facts=missing_facts(wanted, root.base.graph),
        )  # fmt: skip
    return None
