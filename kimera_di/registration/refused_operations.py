"""Refuse operations on registrations that make no sense as they are written.

In: what the user wrote, and what is registered so far. Out: nothing, or an error with the line. Changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from kimera_di.errors import MissingServiceError, RegistrationError
from kimera_di.registration.descriptors import ServiceDescriptor, misuse
from kimera_di.registration.entries import Alias, Entry, covers
from kimera_di.rendering import did_you_mean, listed, safe_repr, short_name, show_place
from kimera_di.vocabulary import Place, ServiceId, Step


def nothing_registered(verb: str, wanted: ServiceId, entries: Iterable[Entry], place: Place) -> MissingServiceError:
    """Make the error for an operation on what was never registered.

    Args:
        verb: What was to be done: "replace", "remove".
        wanted: The service.
        entries: What is registered so far, for guesses.
        place: Line of the call.

    Returns:
        The error, with the keys of the interface or names that look alike.
    """
    known = tuple(entries)
    private = [each for each in known if isinstance(each, ServiceDescriptor | Alias) and covers(wanted, each.service)]
    if private:
        return _is_private(verb, wanted, private[-1], place)
    there = {entry.service for entry in known}
    keys = [short_name(each) for each in there if each.interface == wanted.interface]
    names = {short_name(each.interface): short_name(each.interface) for each in there}
    like = keys or did_you_mean(short_name(wanted.interface), names)
    return MissingServiceError(
        f"there is nothing to {verb}: {short_name(wanted)} is not registered so far",
        service=wanted,
        path=(Step(wanted.interface if wanted.key is None else wanted, None, None, None, None),),
        end="not registered",
        facts=(
            ("at", show_place(*place)),
            *((("did you mean", listed(like)),) if like else ()),
            ("do this", f"register {short_name(wanted)} first, or use services.register(...)"),
        ),
    )


def _is_private(verb: str, wanted: ServiceId, there: ServiceDescriptor | Alias, place: Place) -> MissingServiceError:
    owner = "another collection" if there.module is None else there.module.name
    return MissingServiceError(
        f"there is nothing to {verb} here: {short_name(wanted)} is private to {owner}",
        service=wanted,
        path=(Step(wanted.interface if wanted.key is None else wanted, None, None, None, None),),
        end=f"private to {owner}",
        facts=(
            ("at", show_place(*place)),
            ("registered", show_place(*there.place)),
            ("do this", f"{verb} it in {owner}, or register it there without private=True"),
        ),
    )


def private_names(name: ServiceId, target: ServiceId, place: Place) -> RegistrationError:
    """Make the error for an alias of every key that is to be private.

    Args:
        name: The further name, with ``ANY_KEY``.
        target: What is meant.
        place: Line of the call.
    """
    plain, meant = short_name(name.interface), short_name(target.interface)
    return misuse(
        f"{plain} cannot be a private name under every key: which keys there are is only known to build()", place,
        f"say it for each key: services.alias({plain}, {meant}, key=..., private=True)",
    )  # fmt: skip


def check_included_levels(mine: Sequence[str], theirs: Sequence[str], place: Place) -> None:
    """Refuse a collection with scope levels that the including one does not have.

    Raises:
        RegistrationError: A level is unknown.
    """
    foreign = [level for level in theirs if level not in mine]
    if foreign:
        advice = f"name its levels here too: ServiceCollection(scopes={_merged(mine, theirs)!r})"
        raise misuse(
            f"the included collection has the scope level {safe_repr(foreign[0])}, this one does not", place, advice
        )


def _merged(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Put the levels of another collection between those that are here, in the order that both say."""
    merged = list(mine)
    for position, level in enumerate(theirs):
        if level not in merged:
            inner = [merged.index(each) for each in theirs[position:] if each in merged]
            merged.insert(min(inner, default=len(merged)), level)
    return tuple(merged)


def check_module_function(module: Any, place: Place) -> None:
    """Refuse what is no module function, before it is called.

    Raises:
        RegistrationError: It is a class or no callable, async or a generator, or does not take one argument.
    """
    advice = "pass a ServiceCollection, or a function that takes one and registers into it"
    if isinstance(module, type) or not callable(module):
        what = f"the class {short_name(module)}" if isinstance(module, type) else safe_repr(module)
        raise misuse(f"{what} is no module that can be included", place, advice)
    import inspect

    if inspect.iscoroutinefunction(module) or inspect.isgeneratorfunction(module):
        raise misuse(f"{short_name(module)} registers nothing when it is called", place, "make it a plain function")
    try:
        hash(module)
        inspect.signature(module).bind(None)
    except TypeError as error:
        raise misuse(f"{short_name(module)} cannot be called with the collection: {error}", place, advice) from None
    except ValueError:  # a callable without a signature: calling it will tell
        return
