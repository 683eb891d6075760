"""Find the folders of root packages without importing anything.

In: package names and the folders to look in. Out: the folders of each package. Never imports a package and
never changes ``sys.path``, so that code under check cannot run.
"""

import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kimera_di.errors import RootPackageError
from kimera_di.rendering import did_you_mean

_NAMESPACE_MARKS = (b"extend_path", b"declare_namespace")


def search_folders(roots: Sequence[str | Path] = ()) -> tuple[Path, ...]:
    """Give the folders to look for packages in: ``roots``, the current folder, ``src``, ``sys.path``.

    Args:
        roots: Folders named by the user; they come first.

    Returns:
        Existing folders, each once.

    Raises:
        RootPackageError: One of ``roots`` is no folder.
    """
    for root in roots:
        if not os.path.isdir(root):
            raise RootPackageError(f"the root {root} is no folder", facts=(("do this", "give an existing folder"),))
    candidates = [*(Path(root) for root in roots), Path.cwd(), Path.cwd() / "src", *(Path(entry) for entry in sys.path)]
    # Normalised, so that one folder is named in one way only; links stay as the user wrote them.
    return tuple(dict.fromkeys(Path(os.path.abspath(folder)) for folder in candidates if os.path.isdir(folder)))


def find_packages(
    names: Iterable[str], folders: Sequence[Path], *, named_by: str = "root_packages"
) -> Mapping[str, tuple[Path, ...]]:
    """Find every root package.

    Args:
        names: Dotted names; a dotted one is a part of a namespace package.
        folders: From `search_folders`.
        named_by: Where the names come from, for the advice when one does not exist.

    Returns:
        The folder of each package, or all portions of a namespace package (PEP 420, or declared with pkgutil or
        pkg_resources), in the order of ``folders``.

    Raises:
        RootPackageError: A name is found nowhere, or is a single module.
    """
    return {name: _find(name, folders, named_by) for name in names}


def root_package_of(name: str, folders: Sequence[Path]) -> str:
    """Give the outermost regular package that a module or package is in.

    Args:
        name: A dotted name; namespace packages (PEP 420) may come first.
        folders: From `search_folders`.

    Returns:
        The shortest beginning of ``name`` that has an ``__init__.py``, else its first part.
    """
    parts = name.split(".")
    heads = [parts[: depth + 1] for depth in range(len(parts))]
    regular = (head for head in heads if any((folder.joinpath(*head) / "__init__.py").is_file() for folder in folders))
    return ".".join(next(regular, parts[:1]))


def _find(name: str, folders: Sequence[Path], named_by: str) -> tuple[Path, ...]:
    portions: list[Path] = []
    for folder in folders:
        place = folder.joinpath(*name.split("."))
        # Not `Path.is_file`, which raises where a folder may not be entered.
        if os.path.isfile(place / "__init__.py"):
            return (place, *_further_portions(place, name, folders)) if _extends_path(place) else (place,)
        if os.path.isfile(place.with_suffix(".py")) and not portions:
            todo = "name the package it belongs to; a contract file checks packages"
            raise RootPackageError(f"{name!r} is a module, not a package", facts=(("do this", todo),))
        if os.path.isdir(place) and _holds_python(place):
            portions.append(place)
    return tuple(portions) or _by_import_system(name, folders, named_by)


def _extends_path(package: Path) -> bool:
    """Say whether a package declares itself a namespace in the way of pkgutil or pkg_resources."""
    try:
        source = (package / "__init__.py").read_bytes()
    except OSError:
        return False  # it is reported as a file that cannot be read
    return any(mark in source for mark in _NAMESPACE_MARKS)


def _further_portions(first: Path, name: str, folders: Sequence[Path]) -> tuple[Path, ...]:
    """Find what Python puts into the ``__path__`` of such a package; a copy of what is there already adds nothing."""
    known, found = _python_files(first), list[Path]()
    for place in (folder.joinpath(*name.split(".")) for folder in folders):
        files = _python_files(place) if place != first else frozenset[str]()
        if not files <= known:
            found.append(place)
            known |= files
    return tuple(found)


def _python_files(package: Path) -> frozenset[str]:
    return frozenset(str(file.relative_to(package)) for file in package.rglob("*.py"))


def _holds_python(place: Path) -> bool:
    return next(place.rglob("*.py"), None) is not None


def _by_import_system(name: str, folders: Sequence[Path], named_by: str) -> tuple[Path, ...]:
    """Ask the finders of editable installs; a name without dots is found without importing anything."""
    spec = None if "." in name or name in sys.modules else importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations:
        places = tuple(Path(place) for place in spec.submodule_search_locations)
        packed = [str(place) for place in places if not os.path.isdir(place)]
        if packed:
            todo = "unpack it; only files in folders are read"
            raise RootPackageError(
                f"the package {name!r} is in an archive", facts=(("at", packed[0]), ("do this", todo))
            )
        return places
    nearby = {child for folder in folders for child in _folders_in(folder) if child.isidentifier()}
    facts = (
        ("searched", "\n".join(str(folder) for folder in folders[:3]) + "\nand sys.path"),
        ("did you mean", ", ".join(did_you_mean(name, nearby))),
        ("do this", f"correct {named_by}, or add --root with the folder that holds the package"),
    )
    raise RootPackageError(f"there is no package {name!r}", facts=facts)


def _folders_in(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:
        return []  # only a guess is lost
