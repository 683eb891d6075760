"""Find the contract files of a project, in the same way for every command and for the pytest plugin.

In: folders. Out: paths of contract files. Looks into files of other tools for no more than the name of the table.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from kimera_di.errors import KimeraError

_SHARED: Mapping[str, bytes] = {
    "pyproject.toml": b"importlinter",
    "setup.cfg": b"[importlinter]",
    ".importlinter": b"[importlinter]",
}
"""Files that may hold contracts beside other things, with the mark of those that do."""


def contract_files(*folders: Path) -> tuple[Path, ...]:
    """Find the contract files of a project.

    Args:
        folders: Where the project may be; the first one with contract files is taken.

    Returns:
        Its ``contracts/*.toml`` sorted by name; else its ``pyproject.toml``, ``setup.cfg`` or ``.importlinter``, the
        first one with a table for import-linter; else a ``pyproject.toml`` without one, so that the error says what to
        add to it.

    Raises:
        KimeraError: There is none in any folder.
    """
    for folder in folders:
        found = sorted((folder / "contracts").glob("*.toml")) or _shared_file(folder)
        if found:
            return tuple(found)
    facts = (("do this", "let kimera init PACKAGE write one, or name a file with --config"),)
    raise KimeraError(
        "there are no contract files: no contracts/*.toml, pyproject.toml, setup.cfg or .importlinter", facts=facts
    )


def _shared_file(folder: Path) -> list[Path]:
    there = [folder / name for name in _SHARED if os.path.isfile(folder / name)]
    marked = [path for path in there if _SHARED[path.name] in _content(path)]
    return (marked or [path for path in there if path.name == "pyproject.toml"])[:1]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # whoever reads it as a contract file says why
