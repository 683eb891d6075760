"""What a registration says about the life of its objects: started early, the scope level, what a fork does.

In: the options as the user wrote them. Out: the descriptor with them, checked as far as one registration can
be. Knows nothing of other registrations.
"""

from collections.abc import Sequence
from typing import Any

from kimera_di.records import replace
from kimera_di.registration.descriptors import Construction, ServiceDescriptor, misuse
from kimera_di.rendering import did_you_mean, listed, safe_repr, short_name
from kimera_di.vocabulary import Lifetime, Place


def with_options(
    descriptor: ServiceDescriptor, *, eager: bool = False, fork_safe: bool = True, scope: str | None = None
) -> ServiceDescriptor:
    """Add the options of life to a descriptor.

    Args:
        descriptor: What is registered.
        eager: Built by ``start()``.
        fork_safe: ``False`` when a forked child must not use the object of its parent.
        scope: The level it lives at.

    Returns:
        The descriptor itself when nothing but defaults is given.

    Raises:
        RegistrationError: An option makes no sense for its lifetime.
    """
    if not eager and fork_safe and scope is None:
        return descriptor
    name, place = short_name(descriptor.service), descriptor.place
    built_once = descriptor.lifetime is Lifetime.SINGLETON and descriptor.construction is not Construction.INSTANCE
    if eager and not built_once:
        raise misuse(
            f"{name} cannot be eager: start() builds singletons, and {_what(descriptor)}", place,
            "drop eager=True, or register a singleton that is built",
        )  # fmt: skip
    if not fork_safe and not built_once:
        raise misuse(
            f"fork_safe=False says nothing about {name}: a child rebuilds singletons, and {_what(descriptor)}", place,
            "drop fork_safe=False, or register a singleton that is built",
        )  # fmt: skip
    if scope is not None and descriptor.lifetime is not Lifetime.SCOPED:
        raise misuse(
            f"{name} has no scope level: only scoped services live in one, and {_what(descriptor)}", place,
            "drop scope=, or use services.scoped(...)",
        )  # fmt: skip
    return replace(descriptor, eager=bool(eager), fork_safe=bool(fork_safe), scope=scope)


def check_level(descriptor: ServiceDescriptor, levels: Sequence[str]) -> None:
    """Refuse a descriptor of a level that its collection does not have.

    Raises:
        RegistrationError: The level is not one of ``levels``; says which one may be meant.
    """
    level = descriptor.scope
    if level is None or level in levels:
        return
    name = short_name(descriptor.service)
    if not levels:
        advice = f"name the levels: ServiceCollection(scopes=({safe_repr(level)}, ...)), outermost first"
        raise misuse(f"{name} wants the level {safe_repr(level)}, but no level has a name", descriptor.place, advice)
    raise misuse(
        f"{name} wants the level {safe_repr(level)}, which does not exist",
        descriptor.place,
        level_advice(level, levels),
    )


def level_advice(level: object, levels: Sequence[str]) -> str:
    """Say which levels there are, and which one was probably meant."""
    like = did_you_mean(str(level), levels)
    guess = f"did you mean {safe_repr(like[0])}? " if like else ""
    return f"{guess}the levels are {listed([safe_repr(each) for each in levels], shown=9)}"


def check_levels(levels: Any, place: Place) -> tuple[str, ...]:
    """Check the names of scope levels.

    Args:
        levels: As the user wrote them, outermost first.
        place: Line of the collection.

    Returns:
        The names; ``()`` for the one level without a name.

    Raises:
        RegistrationError: They are no sequence of different names.
    """
    if isinstance(levels, str) or not isinstance(levels, tuple | list):
        advice = 'write ServiceCollection(scopes=("session", "request")), outermost first'
        raise misuse(f"scopes={safe_repr(levels)} is no tuple of names", place, advice)
    names: tuple[Any, ...] = tuple(levels)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    for name in names:
        if not isinstance(name, str) or not name:
            raise misuse(f"{safe_repr(name)} is no name of a scope level", place, "name levels with words")
    if len(set(names)) < len(names):
        raise misuse(f"a scope level is named twice in {safe_repr(names)}", place, "give every level its own name")
    return names


def _what(descriptor: ServiceDescriptor) -> str:
    if descriptor.construction is Construction.INSTANCE:
        return "this is a finished object"
    return f"this is {descriptor.lifetime.value}"
