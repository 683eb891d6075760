"""The makers of a migrated container: the class itself where its annotations say enough, else a written factory.

In: a provider and its injections. Out: the name of a maker, or the lines of one. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter, isasyncgenfunction, isgeneratorfunction, signature
from typing import Any, get_origin

from dependency_injector import providers

from kimera_di.integrations.dependency_injector_expressions import Injection, UntranslatableError, followed
from kimera_di.integrations.dependency_injector_graph import awaits_itself, provided_type
from kimera_di.registration.annotations import read_parameters, union_members
from kimera_di.registration.names import KnownTypes


@dataclass(frozen=True, slots=True)
class Factory:
    """What a factory is called, and the type it gives."""

    name: str
    gives: str
    """The annotation of its result; ``Any`` where the type was made for the program."""


def direct(provider: Any, injection: Injection, interface: str) -> str | None:
    """Give the class or function itself when our container would fill its parameters the same way.

    Args:
        provider: The provider.
        injection: Of the program.
        interface: What the provider is registered under.

    Returns:
        Its name in the program; ``None`` when a factory must be written.
    """
    made = _undecorated(provider)
    if made is None or getattr(provider, "attributes", None) or provided_type(provider) is None:
        return None
    try:
        name = injection.imports.thing(made)
        given = signature(made).bind(*provider.args, **provider.kwargs).arguments
    except (UntranslatableError, TypeError, ValueError):
        return None
    parameters = read_parameters(made, KnownTypes(()))
    if not set(given) <= {parameter.name for parameter in parameters}:
        return None
    for parameter in parameters:
        injected: Any = given.get(parameter.name)
        if not providers.is_provider(injected):
            if (
                parameter.name in given
                or not parameter.has_default
                or _would_be_filled(parameter.annotation, injection)
            ):
                return None
            continue
        wanted = provided_type(followed(injected))
        if wanted is None or wanted is not parameter.annotation or providers.is_delegated(injected):
            return None
        if injection.service_of(followed(injected))[0] != injection.imports.thing(wanted):
            return None  # asked for with a key
    return name if interface != name or isinstance(made, type) else None


def closes(provider: Any) -> bool:
    """Tell whether what a provider makes is closed by its container: it yields, or is a context manager."""
    made = provider.provides if isinstance(provider, providers.BaseResource) else None
    kind = provided_type(provider)
    return made is not None and (isinstance(made, type) or hasattr(made, "__wrapped__") or hasattr(kind, "__enter__"))


def _would_be_filled(annotation: Any, injection: Injection) -> bool:
    """Tell whether our container would give a parameter something in the place of its default."""
    members = union_members(annotation)
    if not members and get_origin(annotation) is not None:
        return True  # a list of services is given also when it is empty
    return any(each in injection.registered for each in members or (annotation,))


def refuse_open_parameters(provider: Any) -> None:
    """Refuse a provider that must be called with arguments.

    Raises:
        UntranslatableError: Its class or function has parameters that nothing is injected for.
    """
    made = getattr(provider, "provides", None)
    if made is None or isinstance(provider, providers.ProvidedInstance | providers.AttributeGetter):
        return
    try:
        parameters = signature(made).parameters.values()
        bound = signature(made).bind_partial(*provider.args, **provider.kwargs).arguments
    except (AttributeError, TypeError, ValueError):
        return  # what Python does not know the parameters of is called as it was
    variable = {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}
    open_ones = [
        each.name
        for each in parameters
        if each.name not in bound and each.default is Parameter.empty and each.kind not in variable
    ]
    if open_ones:
        raise UntranslatableError(
            f"whoever calls it gives {', '.join(open_ones)}",
            "ask for Factory[[...], T], or pass the class or function itself",
        )


def written(provider: Any, injection: Injection, factory: Factory) -> list[str]:
    """Write a factory that makes the same call.

    Returns:
        The lines of the function.

    Raises:
        UntranslatableError: Something it needs cannot be written.
    """
    if isinstance(provider, providers.BaseResource):
        is_await, body, is_generator = _resource(provider, injection)
    elif isinstance(provider, providers.Callable | providers.Factory | providers.BaseSingleton):
        is_await, body, is_generator = _call(provider, injection)
    else:
        is_await, body, is_generator = False, [f"return {injection.expression(provider)}"], False
    gives = factory.gives
    if is_generator:
        kind = "AsyncIterator" if is_await else "Iterator"
        gives = f"{injection.imports.name('collections.abc', kind)}[{gives}]"
    asked = ", ".join(f"{name}: {kind}" for name, kind in injection.parameters.items())
    return [f"{'async ' if is_await else ''}def {factory.name}({asked}) -> {gives}:", *(f"    {line}" for line in body)]


def _call(provider: Any, injection: Injection) -> tuple[bool, list[str], bool]:
    made = provider.provides
    if providers.is_provider(made):
        raise UntranslatableError("it calls what another provider gives", "write a factory that takes both")
    value = injection.call(injection.imports.thing(made), provider.args, provider.kwargs)
    awaits = awaits_itself(provider)
    value = f"await {value}" if awaits else value
    attributes: Mapping[str, Any] = getattr(provider, "attributes", {})
    if not attributes:
        return awaits, [f"return {value}"], False
    lines = [f"made.{name} = {injection.expression(each)}" for name, each in attributes.items()]
    return awaits, [f"made = {value}", *lines, "return made"], False


def _resource(provider: Any, injection: Injection) -> tuple[bool, list[str], bool]:
    made = provider.provides
    inner = getattr(made, "__wrapped__", None)
    if inner is not None and (isgeneratorfunction(inner) or isasyncgenfunction(inner)):
        awaits = isasyncgenfunction(inner)
        function = injection.imports.thing(inner)
        if _undecorated(provider) is inner:
            manager = injection.imports.name("contextlib", "asynccontextmanager" if awaits else "contextmanager")
            function = f"{manager}({function})"
    else:
        function, awaits = injection.imports.thing(made), awaits_itself(provider)
        kind = made if isinstance(made, type) else provided_type(provider)
        manager = "__aenter__" if awaits else "__enter__"
        if not (isinstance(kind, type) and hasattr(kind, manager)):
            value = injection.call(function, provider.args, provider.kwargs)
            return awaits, [f"return {'await ' if awaits else ''}{value}"], False
    value = injection.call(function, provider.args, provider.kwargs)
    return awaits, [f"{'async ' if awaits else ''}with {value} as resource:", "    yield resource"], True


def _undecorated(provider: Any) -> Any:
    """The class or function that our container could take as it is; ``None`` when it gives something else."""
    made = provider.provides if hasattr(provider, "provides") else None
    if made is None or providers.is_provider(made):
        return None
    if not isinstance(provider, providers.BaseResource):
        return made
    import sys

    inner = getattr(made, "__wrapped__", None)
    if inner is None:
        return None if isinstance(made, type) or hasattr(provided_type(provider), "__enter__") else made
    module = sys.modules.get(inner.__module__)
    return inner if getattr(module, inner.__qualname__, None) is inner else made
