"""Find what is marked with ``@service`` in a package.

In: a dotted name. Out: marks with what they are on, in the order of module names and lines. Imports the modules of
that package, and nothing else of its own accord. A mark belongs to the module that defines the class or function.
"""

import difflib
import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from kimera_di.errors import Facts, RegistrationError
from kimera_di.records import dataclass
from kimera_di.registration.annotations import EMPTY, read_return, yielded
from kimera_di.registration.descriptors import UNSET, code_flags, misuse
from kimera_di.registration.marks import ServiceMark, marks_of
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import did_you_mean, safe_repr, short_name, show_place
from kimera_di.vocabulary import Place

S = TypeVar("S")
_GENERATORS = 0x20 | 0x200
_NEAR = 0.8
"""Similarity from which on a name among all that is installed is a guess."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """One mark that a scan found."""

    module: str
    """Dotted name of the module that defines it."""
    name: str
    """The class or function, as it is called there."""
    service: Any
    """What it is registered as."""
    maker: Any
    """The class or function."""
    mark: ServiceMark
    place: Place
    """The line of the mark."""

    def registered(self, services: S) -> S:
        """Register it in a collection; raises what ``register`` raises."""
        target: Any = services
        mark, options = self.mark, dict(self.mark.options)
        target.register(self.service, self.maker, lifetime=mark.lifetime, key=mark.key, **options)
        return services


def scan(package: Any, place: Place) -> list[Scanned]:
    """Import a package, or a single module, with everything below it, and find the marks.

    Args:
        package: Dotted name.
        place: Line of the call.

    Returns:
        What was found, by module name and line. O(modules and their names).

    Raises:
        RegistrationError: There is no such package, modules cannot be imported (all are named), or a factory does
            not say what it makes.
    """
    if not isinstance(package, str) or not all(part.isidentifier() for part in package.split(".")):
        raise misuse(f"{safe_repr(package)} is no name of a package", place, 'write services.scan("app.engines"), say')
    failures: list[tuple[str, BaseException]] = []
    modules = _imported(package, place, failures)
    if failures:
        raise _failed(package, failures, place)
    found = [each for module in modules for each in _marked(module)]
    return sorted(found, key=lambda each: (each.module, each.place.line))


def _imported(package: str, place: Place, failures: list[tuple[str, BaseException]]) -> list[Any]:
    """Import the package and its modules in the order of their names; go on after a failure."""
    if _import(package, failures) is None:
        (_, error) = failures[0]
        if isinstance(error, ModuleNotFoundError) and f"{package}.".startswith(f"{error.name}."):
            raise _no_package(package, str(error.name), place) from error
        return []
    modules: list[Any] = []
    todo = [package]
    while todo:
        name = todo.pop()
        module: Any = sys.modules.get(name)
        if module is None:
            module = _import(name, failures)
        if module is None:
            continue
        modules.append(module)
        todo.extend(sorted((f"{name}.{each}" for each in _below(module)), reverse=True))
    return modules


def _import(name: str, failures: list[tuple[str, BaseException]]) -> Any:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's module: whatever it raises is reported
        failures.append((name, error))
        return None


def _below(module: Any) -> set[str]:
    """Names of the modules in a package; folders with Python files are packages, with ``__init__.py`` or without."""
    folders = [str(each) for each in getattr(module, "__path__", ())]
    names = {found.name for found in pkgutil.iter_modules(folders)}
    for folder in map(Path, folders):
        if folder.is_dir():
            names |= {each.name for each in folder.iterdir() if _is_namespace(each)}
    return {name for name in names if name != "__main__"}  # importing that would run the program


def _is_namespace(folder: Path) -> bool:
    if not folder.name.isidentifier() or folder.name == "__pycache__" or not folder.is_dir():
        return False
    return any(folder.rglob("*.py"))


def _marked(module: Any) -> Iterable[Scanned]:
    seen: set[int] = set()
    members: dict[str, Any] = module.__dict__
    for thing in list(members.values()):
        if id(thing) in seen or getattr(thing, "__module__", None) != module.__name__:
            continue
        seen.add(id(thing))
        for mark in marks_of(thing):
            name = short_name(thing)
            yield Scanned(module.__name__, name, _service_of(thing, mark), thing, mark, mark.place)


def _service_of(thing: Any, mark: ServiceMark) -> Any:
    if mark.service is not UNSET:
        return mark.service
    if isinstance(thing, type):
        return thing
    annotation = read_return(thing, KnownTypes(()))
    if code_flags(thing) & _GENERATORS or yielded(annotation) is not EMPTY:
        annotation = yielded(annotation)
    if annotation is EMPTY or annotation is None:
        raise misuse(
            f"{short_name(thing)} does not say what it makes", mark.place,
            "annotate what it returns, or write @service(as_=...)",
        )  # fmt: skip
    return annotation


def _no_package(package: str, missing: str, place: Place) -> RegistrationError:
    """Make the error for a name of which ``missing`` is the first part that is not there."""
    parent, _, last = missing.rpartition(".")
    path = getattr(sys.modules.get(parent), "__path__", None) if parent else None
    beside = {each.name for each in pkgutil.iter_modules(path)}
    close = did_you_mean(last, beside)
    if not parent:  # among everything that is installed something always looks a little like it
        close = tuple(each for each in close if difflib.SequenceMatcher(None, last, each).ratio() >= _NEAR)
    like = [f"{parent}.{each}" if parent else each for each in close]
    note = f"{missing} is not there" if missing != package else ""
    facts: Facts = (
        ("at", show_place(*place)),
        ("note", note),
        ("did you mean", ", ".join(like)),
        ("do this", "correct the name"),
    )
    return RegistrationError(f"there is no package {package}", facts=tuple(fact for fact in facts if fact[1]))


def _failed(package: str, failures: list[tuple[str, BaseException]], place: Place) -> RegistrationError:
    many = len(failures) > 1
    error = RegistrationError(
        f"{len(failures)} modules of {package} cannot be imported" if many else f"{failures[0][0]} cannot be imported",
        facts=(
            ("at", show_place(*place)),
            *((name, f"{type(why).__name__}: {why}{_where(why)}") for name, why in failures),
            ("do this", "make every module of the package importable, or scan a smaller package"),
        ),
    )
    error.__cause__ = failures[0][1]
    return error


def _where(error: BaseException) -> str:
    """The innermost line outside the import system."""
    if isinstance(error, SyntaxError):
        return ""  # its text says where
    places: list[Place] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if (
            not code.co_filename.startswith("<")
            and code.co_filename != __file__
            and "importlib" not in code.co_filename
        ):
            places.append(Place(code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    return f" ({show_place(*places[-1])})" if places else ""
