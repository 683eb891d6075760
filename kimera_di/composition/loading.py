"""Load the collection that ``MODULE:SERVICES`` names, and plan it.

In: the text of the contract or command line, and where packages are found. Out: the wiring graph and the
problems of its plan. The module is imported and a function is called once without arguments; nothing is built
and nothing is started. What the user did wrong is told apart from what the user's own code raised.
"""

import inspect
import pkgutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from traceback import walk_tb
from typing import Any

from kimera_di.composition.importing import imports_from
from kimera_di.errors import CompositionRootError, KimeraError, ServicesNotFoundError
from kimera_di.planning import make_plan
from kimera_di.planning.graph import WiringGraph
from kimera_di.registration import Registry
from kimera_di.rendering import did_you_mean, show_place
from kimera_di.vocabulary import Place

FORM = "write MODULE:SERVICES, for example shop.main:services"


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a composition root says, planned but not built."""

    graph: WiringGraph
    problems: tuple[KimeraError, ...]


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
    module_name, name = _split(target)
    with imports_from(roots, {module_name.partition(".")[0], *packages}):
        module = _import(module_name, target, roots)
        registry = _registry(_attribute(module, name, target), target)
        plan = make_plan(registry.descriptors())
    return Wiring(plan.graph, tuple(plan.problems))


def _split(target: str) -> tuple[str, str]:
    module, colon, name = target.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ServicesNotFoundError(f"{target!r} names no services", facts=(("do this", FORM),))
    return module, name


def _import(name: str, target: str, roots: Sequence[str]) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _user_error(error, target) from error
        raise ServicesNotFoundError(
            f"there is no module {error.name!r}, which {target!r} names",
            facts=(
                ("did you mean", ", ".join(did_you_mean(name, _modules_beside(error.name, roots)))),
                ("looked in", ", ".join(show_place(root, None) for root in roots) + ", then sys.path"),
                ("do this", f"correct the name, or say with --root where it is found; {FORM}"),
            ),
        ) from error
    except (Exception, SystemExit) as error:
        raise _user_error(error, target) from error


def _modules_beside(missing: str, roots: Sequence[str]) -> list[str]:
    parent, _, _ = missing.rpartition(".")
    path = list(getattr(sys.modules.get(parent), "__path__", ())) if parent else list(roots)
    return [f"{parent}.{found.name}" if parent else found.name for found in pkgutil.iter_modules(path)]


def _attribute(module: Any, name: str, target: str) -> Any:
    value = module
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise ServicesNotFoundError(
                f"{target.partition(':')[0]} has no name {name!r}",
                facts=(
                    ("at", show_place(getattr(module, "__file__", None), None)),
                    ("did you mean", ", ".join(did_you_mean(part, _collections_first(value)))),
                    ("do this", FORM),
                ),
            ) from None
    return value


def _collections_first(owner: Any) -> list[str]:
    names = [name for name in dir(owner) if not name.startswith("_")]
    registries = [name for name in names if isinstance(getattr(owner, name, None), Registry)]
    return registries or names


def _registry(value: Any, target: str) -> Registry:
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
        f"loading {target} failed: {type(error).__name__}: {error}",
        facts=(
            ("at", show_place(place.file, place.line) if place else ""),
            ("do this", "make the module importable without side effects: register there, build and start elsewhere"),
        ),
    )


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
