"""A whole container of dependency-injector as registrations of ours.

In: a container and a collection. Out: one transient registration per provider, which calls it every time, and a report
of what was left out. The container stays what it is: nothing is copied, overridden or wired. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dependency_injector import containers, providers

from kimera_di.errors import RegistrationError
from kimera_di.integrations.dependency_injector_graph import (
    AnyProvider,
    NamedProvider,
    awaiting,
    container_name,
    is_shared,
    named_providers,
    provided_type,
    service_of,
    with_members,
)
from kimera_di.integrations.dependency_injector_providers import (
    FirstBuild,
    first_build_of,
    first_builds,
    live_factory,
    refuse_undefined,
    register_first_build,
    wish,
)
from kimera_di.integrations.dependency_injector_views import ServiceProvider
from kimera_di.planning.fit import unfit
from kimera_di.registration import Registry, caller_place, defined_at
from kimera_di.registration.descriptors import misuse
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import did_you_mean, safe_repr, short_name, show_place
from kimera_di.vocabulary import ServiceId


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A provider that was not registered."""

    name: str
    why: str
    do_this: str


@dataclass(frozen=True, slots=True)
class Included:
    """What ``include_container`` registered, and what it did not."""

    services: Mapping[str, ServiceId]
    """By the provider's name: what it is asked for by. With a key where two providers give one type."""
    left_out: tuple[LeftOut, ...]

    def __str__(self) -> str:
        """List both, a line each."""
        counts = Counter(service.interface for service in self.services.values())
        rows = [
            f"{name}: {short_name(service)}{_advice(name, service) if counts[service.interface] > 1 else ''}"
            for name, service in self.services.items()
        ]
        return "\n".join([*rows, *(f"{each.name}: left out, {each.why}; {each.do_this}" for each in self.left_out)])


def include_container(services: Registry, container: Any, *, types: Mapping[str, Any] | None = None) -> Included:
    """Register every provider of a container, so that our services can ask for what it provides.

    An object is the same from both sides: a look-up calls the provider, whose lifetime, overrides, configuration and
    selectors count at that moment. The first call of a singleton or resource is made once however many threads, tasks
    or event loops ask. Resources that our side opened are shut down when our container closes, after everything that
    used them. Wiring (``wire``, ``@inject``, ``Provide``) is not touched.

    Args:
        services: Where to register.
        container: A declarative container (the instance that is wired, or the class when it is used as one), or a
            dynamic one. Nested containers are included with it.
        types: What to register providers under, by name: ``{"vault": IVault, "config.db.url": DatabaseUrl,
            "replica": Annotated[Db, Key("replica")]}``. Others go by their class or return annotation; two of one
            type get their names as keys.

    Returns:
        The report. Time O(providers + calls between them); what a factory calls is walked up to the next singleton.

    Raises:
        RegistrationError: ``container`` is none, ``types`` holds what is no type or a name that leads nowhere, what a
            provider gives does not fit its type, or a provider needs a dependency that nobody provides (all of them
            are listed).
        FrozenCollectionError: ``build()`` was called already.
    """
    _refuse_no_container(container)
    label = container_name(container)
    found = with_members(named_providers(container))
    wanted = {name: service_of(kind) for name, kind in (types or {}).items()}
    for kind, key in wanted.values():
        Registry().instance(kind, None, key=key)  # refuses what is no type, before anything is registered
    found = [*found, *_by_path(container, label, wanted, {each.name for each in found})]
    chosen, left_out = _chosen(found, {name: ServiceId(*service) for name, service in wanted.items()})
    _refuse_misfits(label, chosen)
    refuse_undefined(tuple((f"{label}.{each.name}", each.provider) for each, _ in chosen))
    _register(services, label, found, chosen)
    return Included(MappingProxyType({each.name: service for each, service in chosen}), tuple(left_out))


def _advice(name: str, service: ServiceId) -> str:
    if service.key != name:
        return ""
    kind = short_name(service.interface)
    return f", as another one gives {kind} too; ask for Annotated[{kind}, Key({name!r})], or name a type in types="


def _refuse_no_container(container: Any) -> None:
    is_class = isinstance(container, type) and issubclass(container, containers.DeclarativeContainer)
    if not (is_class or containers.is_container(container)):
        advice = "pass a DeclarativeContainer, its class, or a DynamicContainer; from_provider takes single providers"
        shown = short_name(container) if isinstance(container, type) else safe_repr(container)
        raise misuse(f"{shown} is no container of dependency-injector", caller_place(), advice)


def _refuse_misfits(label: str, chosen: list[tuple[NamedProvider, ServiceId]]) -> None:
    """Refuse types that what a provider gives cannot stand for: ``build()`` would not know the provider's name."""
    known = KnownTypes(service.interface for _, service in chosen)
    texts: list[str] = []
    for each, service in chosen:
        gives = provided_type(each.provider)
        promises_less = isinstance(service.interface, type) and gives in service.interface.__mro__
        reasons = [] if gives is None or promises_less else unfit(service.interface, gives, known, built=False)
        place = defined_at(gives) if reasons else None
        where = f" ({show_place(*place)})" if place is not None else ""
        texts += [f"{label}.{each.name}{where}: {reason}" for reason in reasons]
    if texts:
        facts = (*(("and", text) for text in texts[1:]), ("at", show_place(*caller_place())))
        advice = ("do this", "name a type that it fits, or leave the provider out of types=")
        raise RegistrationError(texts[0], facts=(*facts, advice))


def _by_path(container: Any, label: str, wanted: Iterable[str], known: set[str]) -> list[NamedProvider]:
    """Find what ``types`` names and no container lists: an option of a configuration, a provided attribute."""
    found: list[NamedProvider] = []
    for name in wanted:
        if name in known:
            continue
        provider: Any = container
        for segment in name.split("."):
            provider = getattr(provider, segment, None)
        if not providers.is_provider(provider):
            place = caller_place()
            raise RegistrationError(
                f"{label} has no provider {name!r}",
                facts=(
                    ("at", show_place(*place)),
                    ("did you mean", ", ".join(did_you_mean(name, sorted(known)))),
                    ("do this", f"write the name as it stands behind {label}, without its own name"),
                ),
            )
        found.append(NamedProvider(name, provider))
    return found


def _chosen(
    found: list[NamedProvider], wanted: Mapping[str, ServiceId]
) -> tuple[list[tuple[NamedProvider, ServiceId]], list[LeftOut]]:
    """Decide what each provider is asked for by; those without an answer are left out."""
    listed = {id(each.provider) for each in found}
    guesses = {each.name: _guess(each.provider, listed) for each in found if each.name not in wanted}
    counts = Counter(kind for kind in guesses.values() if not isinstance(kind, str))
    chosen: list[tuple[NamedProvider, ServiceId]] = []
    left_out: list[LeftOut] = []
    for each in found:
        guess = guesses.get(each.name)
        if each.name in wanted:
            chosen.append((each, wanted[each.name]))
        elif isinstance(guess, str):
            left_out.append(LeftOut(each.name, guess, f"name one: types={{{each.name!r}: SomeType}}"))
        else:
            taken = counts[guess] > 1 or ServiceId(guess) in wanted.values()
            chosen.append((each, ServiceId(guess, each.name if taken else None)))
    return chosen, left_out


def _guess(provider: AnyProvider, listed: set[int]) -> Any:
    """The type of a provider, or a text that says why there is none."""
    if isinstance(provider, providers.Configuration):
        return "a configuration is not a service"
    if providers.is_delegated(provider) or isinstance(provider, providers.Delegate):
        return "it is injected as a provider, not as what it gives"
    source: Any = provider
    while isinstance(source, providers.Dependency) and source.is_defined:
        source = source.last_overriding or source.default
    if isinstance(source, ServiceProvider):
        return "it gives a service of ours"
    if source is not provider and id(source) in listed:
        return "it passes on another provider of this container"
    kind = provided_type(provider)
    return "its type cannot be told" if kind is None else kind


def _register(
    services: Registry, label: str, found: list[NamedProvider], chosen: list[tuple[NamedProvider, ServiceId]]
) -> None:
    names = {id(each.provider): f"{label}.{each.name}" for each in found}
    known = {(each.service, _provider_of(each.maker)) for each in services.descriptors()}
    hidden = {service for service, _ in known}
    todo: list[tuple[type[FirstBuild], AnyProvider]] = []
    awaits = awaiting(*(each.provider for each, _ in chosen))

    def asks(needed: Iterable[tuple[type[FirstBuild], AnyProvider]]) -> dict[str, Any]:
        todo.extend(needed)
        wishes = [first_build_of(kind, each, _label(each, names)) for kind, each in needed]
        return {_parameter(each, number): wish(each) for number, each in enumerate(wishes)}

    for each, service in chosen:
        if (service, each.provider) not in known:
            needed = [(FirstBuild, each.provider)] if is_shared(each.provider) else first_builds(each.provider)
            gives = provided_type(each.provider)
            make = live_factory(
                names[id(each.provider)],
                each.provider,
                Any if gives is None else gives,
                asks(needed),
                awaits=id(each.provider) in awaits,
            )
            services.transient(service.interface, make, key=service.key)
    while todo:
        kind, provider = todo.pop()
        service = first_build_of(kind, provider, _label(provider, names))
        if service not in hidden:
            hidden.add(service)
            register_first_build(services, service, asks(first_builds(provider)), awaits=id(provider) in awaits)


def _label(provider: AnyProvider, names: Mapping[int, str]) -> str:
    given = provided_type(provider)
    return names.get(id(provider)) or f"{type(provider).__name__}({'...' if given is None else short_name(given)})"


def _parameter(wanted: ServiceId, number: int) -> str:
    """Name the parameter for the provider, so that errors and explanations show the name."""
    name = repr(wanted.key).partition(".")[2].replace(".", "_")
    return name if name.isidentifier() else f"first_{number}"


def _provider_of(maker: Any) -> Any:
    return getattr(maker, "__provider__", None)
