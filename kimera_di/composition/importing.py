"""Import a user's modules for a check without disturbing the process they are imported into.

In: roots and top-level packages. Out: a context in which imports come from the roots and are up to date. While
it lasts nothing is printed to stdout (a report may be going there) and no bytecode is written into the user's
tree. Runs the user's import statements, nothing else.
"""

import importlib
import os
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from importlib.machinery import PathFinder
from types import ModuleType

_loading: ContextVar[bool] = ContextVar("kimera_di_loading", default=False)
_brought: dict[str, tuple[int, int]] = {}
"""Modules an earlier check imported -> size and time of their file then; others' modules are never in it."""


def is_loading() -> bool:
    """Tell whether the calling code runs because a check imports the composition root.

    ``build(architecture=...)`` at the top of such a module must not start the same check again.
    """
    return _loading.get()


@contextmanager
def imports_from(roots: Sequence[str], packages: Iterable[str]) -> Generator[None]:
    """Import from ``roots`` first, and never from a version of ``packages`` that is out of date.

    A package that the process imported from the same place is used as it is. One that came from another place
    is put aside meanwhile and put back afterwards; one that an earlier check imported is imported again when
    one of its files has changed.

    Args:
        roots: Folders put at the front of ``sys.path``.
        packages: Top-level packages whose modules may be put aside.
    """
    aside = _out_of_date(roots, set(packages))
    ours = all(name in _brought for name in aside)
    before = _put_aside(aside)
    kept_path, kept_flag, token = list(sys.path), sys.dont_write_bytecode, _loading.set(True)
    first = [os.path.abspath(root) for root in roots]
    sys.path[:] = [*first, *(entry for entry in kept_path if os.path.abspath(entry) not in first)]
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.path[:], sys.dont_write_bytecode = kept_path, kept_flag
        _loading.reset(token)
        if aside and not ours:
            _put_aside(_names_under({name.partition(".")[0] for name in aside}))
            sys.modules.update(aside)
        else:
            _remember(set(sys.modules) - before, set(packages))


def _put_aside(modules: Iterable[str]) -> set[str]:
    for name in list(modules):
        sys.modules.pop(name, None)
        _brought.pop(name, None)
    return set(sys.modules)


def _out_of_date(roots: Sequence[str], packages: set[str]) -> dict[str, ModuleType]:
    stale = {name for name in packages if name in sys.modules and (_moved(name, roots) or _changed(name))}
    return {name: sys.modules[name] for name in _names_under(stale)}


def _names_under(packages: set[str]) -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] in packages]


def _moved(package: str, roots: Sequence[str]) -> bool:
    spec = PathFinder.find_spec(package, [os.path.abspath(root) for root in roots])
    loaded = sys.modules[package].__file__
    if spec is None or spec.origin is None or loaded is None:
        return False
    return os.path.realpath(spec.origin) != os.path.realpath(loaded)


def _changed(package: str) -> bool:
    return any(
        _state(sys.modules[name]) != state
        for name, state in _brought.items()
        if name.partition(".")[0] == package and name in sys.modules
    )


def _remember(new: set[str], packages: set[str]) -> None:
    for name in new:
        if name.partition(".")[0] in packages:
            _brought[name] = _state(sys.modules[name])


def _state(module: ModuleType) -> tuple[int, int]:
    file = getattr(module, "__file__", None)
    try:
        found = os.stat(file) if file else None
    except OSError:  # deleted since: different from every file that exists
        found = None
    return (found.st_size, found.st_mtime_ns) if found else (-1, 0)
