"""Tell which Python files are modules of a package, and why the others are not.

In: a package's folder and the files below it. Out: modules by name, namespace packages, and half a sentence for every
file that is no module. Follows the rules of grimp's module finder, so that ``lint-imports`` sees the same modules;
reads no file.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.reading.source_files import SourceFile

_INIT = "__init__.py"


@dataclass(frozen=True, slots=True)
class FoundModules:
    """The modules in one folder of a root package."""

    package: str
    folder: str
    files: Mapping[str, SourceFile]
    """Module name -> its file."""
    namespaces: frozenset[str]
    """Packages that have modules below them but no file."""


def find_modules(
    packages: Mapping[str, Sequence[Path]], sources: Iterable[SourceFile]
) -> tuple[tuple[FoundModules, ...], tuple[Unseen, ...]]:
    """Give every file a module name, or the reason why it has none.

    Args:
        packages: Root packages with their folders.
        sources: Everything that `list_sources` found below them.

    Returns:
        One entry per package and folder, and the files that are no module, sorted by path. A file that several
        packages hold is a module of each. Time O(files).
    """
    files, taken, reasons = list(sources), dict[str, str](), dict[str, str]()
    found: list[FoundModules] = []
    held: set[str] = set()
    for name, folders in packages.items():
        for folder in folders:
            modules, namespaces = _in_folder(name, str(folder), files, taken, reasons)
            found.append(FoundModules(name, str(folder), modules, namespaces))
            held.update(file.path for file in modules.values())
    missing = (Unseen(file.path, reasons[file.path]) for file in files if file.path not in held)
    return tuple(found), tuple(missing)


def _in_folder(
    package: str, root: str, sources: Iterable[SourceFile], taken: dict[str, str], reasons: dict[str, str]
) -> tuple[dict[str, SourceFile], frozenset[str]]:
    prefix = root + os.sep
    inside = [file for file in sources if file.path == root or file.path.startswith(prefix)]
    folders = _Folders(
        package, root, {os.path.dirname(file.path) for file in inside if not file.fault and _is_init(file)}
    )
    modules: dict[str, SourceFile] = {}
    namespaces: set[str] = set()
    # A module before the package of the same name, as grimp has it: "a.py" sorts before "a/__init__.py".
    for file in inside:
        place, _, leaf = file.path.rpartition(os.sep)
        folder = None if file.fault else folders.at(place)
        reason = file.fault if folder is None else folder.reason or _file_reason(leaf)
        if reason or folder is None:
            reasons[file.path] = reason
            continue
        name = folder.name if leaf == _INIT else f"{folder.name}.{leaf.removesuffix('.py')}"
        if name in modules:
            reasons[file.path] = f"{os.path.basename(modules[name].path)!r} beside the folder has the same module name"
        elif name in taken and taken[name] != file.path:
            reasons[file.path] = "another folder of the package has a module of that name, which is found first"
        else:
            taken[name] = file.path
            modules[name] = file
            namespaces |= folder.namespaces
    return modules, frozenset(namespaces)


class _Folder(NamedTuple):
    """One folder below a root package."""

    name: str
    """Of the package that it is."""
    reason: str
    """Why its files are no modules, or nothing."""
    namespaces: frozenset[str]
    """It and the packages around it, as far as they have no ``__init__.py``."""


class _Folders:
    """What the folders below a root package are: parts of it, or why not."""

    def __init__(self, package: str, root: str, with_init: set[str]) -> None:
        self._package, self._root, self._with_init = package, root, with_init
        self._known: dict[str, _Folder] = {}
        self._reasons: dict[tuple[str, ...], str] = {(): ""}
        self._regular: dict[tuple[str, ...], bool] = {(): root in with_init}
        """Whether the folder or one around it has an ``__init__.py``: then every folder inside needs one."""

    def at(self, place: str) -> _Folder:
        """Give what is known of a folder by its path; worked out once for all files in it."""
        if place not in self._known:
            parts = place[len(self._root) + 1 :].split(os.sep) if len(place) > len(self._root) else []
            names = (".".join((self._package, *parts[:depth])) for depth in range(len(parts) + 1))
            reason = self._reason(parts)
            bare = frozenset(name for depth, name in enumerate(names) if not self._regular[tuple(parts[:depth])])
            self._known[place] = _Folder(".".join((self._package, *parts)), reason, bare)
        return self._known[place]

    def _reason(self, parts: Sequence[str]) -> str:
        """Say why the files of a folder are no modules; the outermost folder that is to blame, or nothing."""
        for depth in range(1, len(parts) + 1):
            folder, parent = tuple(parts[:depth]), tuple(parts[: depth - 1])
            if folder not in self._reasons:
                has_init = os.sep.join((self._root, *folder)) in self._with_init
                self._regular[folder] = has_init or self._regular[parent]
                own = "" if has_init or not self._regular[parent] else f"the folder {folder[-1]!r} has no __init__.py"
                if not folder[-1].isidentifier():
                    own = f"the folder {folder[-1]!r} cannot be part of a module name"
                self._reasons[folder] = self._reasons[parent] or own
        return self._reasons[tuple(parts)]


def _is_init(file: SourceFile) -> bool:
    return file.path.endswith(os.sep + _INIT)


def _file_reason(name: str) -> str:
    if name.startswith("."):
        return "the file is hidden"
    if name.count(".") > 1:
        return "the file name has a dot too many for a module"
    if not name.isascii() and any("\ud800" <= letter <= "\udfff" for letter in name):
        return "the file name is no UTF-8"
    return ""
