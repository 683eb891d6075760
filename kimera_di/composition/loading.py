"""Load the collection that ``MODULE:SERVICES`` names, and plan it.

In: the text of the contract or command line, and where packages are found. Out: the wiring graph and the
problems of its plan. The module is imported and a function is called once without arguments; nothing is built
and nothing is started. What the user did wrong is told apart from what the user's own code raised.
"""

import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from traceback import walk_tb
from typing import Any

from kimera_di.composition.importing import imports_from
from kimera_di.errors import CompositionRootError, KimeraError, ServicesNotFoundError
from kimera_di.planning import make_plan
from kimera_di.planning.call_targets import call_problems
from kimera_di.planning.graph import WiringGraph
from kimera_di.registration import Registry
from kimera_di.registration.call_targets import CallTarget
from kimera_di.rendering import did_you_mean, show_place
from kimera_di.settings.reading import with_parts
from kimera_di.vocabulary import Place

FORM = "write MODULE:SERVICES, for example shop.main:services"


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a composition root says, planned but not built."""

    graph: WiringGraph
    problems: tuple[KimeraError, ...]
    targets: tuple[CallTarget, ...] = ()
    """Functions that are called with services."""


def load_wiring(target: str, roots: Sequence[str], packages: Iterable[str] = ()) -> Wiring:
    """Import ``MODULE:SERVICES`` and plan what it registers.

    Args:
        target: ``package.module:name``; the name is a collection or a function that returns one.
        roots: Folders that packages are looked for in, before ``sys.path``.
        packages: Further top-level packages of the project; see ``imports_from``.

    Returns:
        The wiring graph and the problems of the plan. Costs the import of the composition root.

    Raises:
        ServicesNotFoundError: The text, the module or the name is wrong, or something else stands there.
        CompositionRootError: The user's code raised while it was imported or called.
    """
    with imports_from(roots, {_split(target)[0].partition(".")[0], *packages}):
        services = load_services(target, roots)
        plan = make_plan(with_parts(services.entries()), services.scopes)
        targets = services.call_targets()
        return Wiring(plan.graph, (*plan.problems, *call_problems(targets, plan.graph)), targets)


def load_services(target: str, roots: Sequence[str] = ()) -> Registry:
    """Import ``MODULE:SERVICES`` as an ``import`` statement would, and give what stands there.

    Args:
        target: As for `load_wiring`.
        roots: The folders to name when the module is not found.

    Returns:
        The collection itself, or what the function made; its classes are those that the caller imports.

    Raises:
        ServicesNotFoundError: As for `load_wiring`.
        CompositionRootError: As for `load_wiring`.
    """
    return as_services(load_named(target, roots), target)


def load_named(
    target: str, roots: Sequence[str] = (), *, form: str = FORM, wanted: Callable[[object], bool] | None = None
) -> Any:
    """Import ``MODULE:NAME`` and give whatever stands there.

    Args:
        target: ``package.module:name``.
        roots: The folders to name when the module is not found.
        form: What a message advises to write.
        wanted: Tells what a guess at a misspelt name may be; a collection unless said.

    Returns:
        The object.

    Raises:
        ServicesNotFoundError: The text, the module or the name is wrong.
        CompositionRootError: The user's code raised while it was imported.
    """
    module_name, name = _split(target, form)
    module = _import(module_name, target, roots, form)
    return _attribute(module, name, target, form, wanted or _is_registry)


def _split(target: str, form: str = FORM) -> tuple[str, str]:
    module, colon, name = target.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ServicesNotFoundError(f"{target!r} is not written as MODULE:NAME", facts=(("do this", form),))
    return module, name


def _import(name: str, target: str, roots: Sequence[str], form: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _user_error(error, target) from error
        raise ServicesNotFoundError(
            f"there is no module {error.name!r}, which {target!r} names",
            facts=(
                ("did you mean", ", ".join(did_you_mean(name, _modules_beside(error.name, roots)))),
                ("looked in", ", then ".join([*(show_place(root, None) for root in roots), "sys.path"])),
                ("do this", f"correct the name, or say with --root where it is found; {form}"),
            ),
        ) from error
    except (Exception, SystemExit) as error:
        raise _user_error(error, target) from error


def _modules_beside(missing: str, roots: Sequence[str]) -> list[str]:
    parent, _, _ = missing.rpartition(".")
    path = list(getattr(sys.modules.get(parent), "__path__", ())) if parent else list(roots)
    return [f"{parent}.{found.name}" if parent else found.name for found in pkgutil.iter_modules(path)]


def _attribute(module: Any, name: str, target: str, form: str, wanted: Callable[[object], bool]) -> Any:
    value = module
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise ServicesNotFoundError(
                f"{target.partition(':')[0]} has no name {name!r}",
                facts=(
                    ("at", show_place(getattr(module, "__file__", None), None)),
                    ("did you mean", ", ".join(did_you_mean(part, _wanted_first(value, wanted)))),
                    ("do this", form),
                ),
            ) from None
    return value


def _is_registry(value: object) -> bool:
    return isinstance(value, Registry)


def _wanted_first(owner: Any, wanted: Callable[[object], bool]) -> list[str]:
    names = [name for name in dir(owner) if not name.startswith("_")]
    return [name for name in names if wanted(getattr(owner, name, None))] or names


def as_services(value: Any, target: str) -> Registry:
    """Give the collection that ``value`` is, or that it returns when it is called without arguments.

    Args:
        value: What ``target`` names.
        target: ``package.module:name``, for messages.

    Returns:
        The collection.

    Raises:
        ServicesNotFoundError: ``value`` is something else, or cannot be called so.
        CompositionRootError: The user's function raised.
    """
    if isinstance(value, Registry):
        return value
    if isinstance(value, type) or not callable(value):
        raise _wrong_type(value, target)
    try:
        inspect.signature(value).bind()
    except TypeError as error:
        raise ServicesNotFoundError(
            f"{target} cannot be called without arguments: {error}",
            facts=(("do this", "name a function without required parameters that returns the collection"),),
        ) from error
    except ValueError:  # a callable without a signature; calling it will tell
        pass
    try:
        made = value()
    except (Exception, SystemExit) as error:
        raise _user_error(error, target) from error
    if isinstance(made, Registry):
        return made
    if inspect.iscoroutine(made):
        made.close()  # otherwise Python warns that it was never awaited, which hides the real message
    raise _wrong_type(made, f"{target}()")


def _wrong_type(value: Any, what: str) -> ServicesNotFoundError:
    kind = value.__name__ if isinstance(value, type) else type(value).__name__
    found = f"the class {kind}" if isinstance(value, type) else f"of type {kind}"
    return ServicesNotFoundError(
        f"{what} is {found}, not a ServiceCollection",
        facts=(
            ("do this", "name the ServiceCollection itself, or a plain function that returns it; not the container"),
        ),
    )


def _user_error(error: BaseException, target: str) -> CompositionRootError:
    place = _place_of(error)
    return CompositionRootError(
        f"loading {target} failed: {type(error).__name__}: {_text_of(error)}",
        facts=(
            ("at", show_place(place.file, place.line) if place else ""),
            ("do this", "make the module importable without side effects: register there, build and start elsewhere"),
        ),
    )


def _text_of(error: BaseException) -> str:
    """The text of an error; a ``ValidationError`` of pydantic would show values, which may be secrets."""
    title = getattr(error, "title", None) if type(error).__module__.startswith("pydantic") else None
    return str(error) if title is None else f"{title} is not valid; its values are not shown"


def _place_of(error: BaseException) -> Place | None:
    """Find the user's line: of a syntax error its own, else the innermost frame outside the import system."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(error.filename, error.lineno or 0)
    package = __name__.partition(".")[0]
    places = [
        Place(frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith("<")
        and not f"{frame.f_globals.get('__name__', '')}.".startswith((f"{package}.", "importlib."))
    ]
    return places[-1] if places else None
