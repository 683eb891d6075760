"""Name the programs that a report depends on besides the code under check, so that another version answers anew.

In: names of installed packages. Out: one line each. Reads no metadata through ``importlib.metadata``, which takes 15 ms
to load.
"""

import hashlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kimera_di.architecture.reading.source_files import list_sources, stamp_of

_TOOLS = ("grimp", "importlinter", "kimera_di")


@cache
def tool_state() -> tuple[str, ...] | None:
    """Say which versions answer; what a process has loaded does not change, so it is asked once.

    Returns:
        One line for the interpreter and for each tool; ``None`` when one is not installed. Costs one small file for a
        tool that an installer put there, and a look at every file of one that runs from its source tree.
    """
    folders = {name: _folder(name) for name in _TOOLS}
    python = f"python {sys.implementation.cache_tag} {'.'.join(map(str, sys.version_info))}"
    lines = [f"{name} {installed_state(name, folder)}" for name, folder in folders.items() if folder is not None]
    return (python, *lines) if len(lines) == len(_TOOLS) else None


def _folder(name: str) -> str | None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return os.path.dirname(os.path.abspath(spec.origin)) if spec.has_location else sys.executable  # frozen into it


def installed_state(name: str, folder: str) -> str:
    """Say what is installed as a package.

    Args:
        name: Of the package, as it is imported.
        folder: Where it is.

    Returns:
        Its version with the hash of its list of files, which holds the hash of each; for a package without such a
        list, because somebody works on it, a hash of the stamps of its files, or of the archive that it is in.
    """
    place, wanted = os.path.dirname(folder), name.replace("_", "")
    for entry in sorted(os.listdir(place)) if os.path.isdir(place) else ():
        if entry.endswith(".dist-info") and entry.partition("-")[0].lower().replace("_", "") == wanted:
            record = os.path.join(place, entry, "RECORD")
            if os.path.isfile(record):
                with open(record, "rb") as file:
                    return f"{entry} {_digest(file.read())}"
    files = list_sources([Path(folder)]) if os.path.isdir(folder) else ()
    # Without sources there are compiled files, or an archive around a folder that is none.
    state = repr(files or _other_stamps(folder))
    return f"from source {_digest(state.encode('utf-8', 'surrogateescape'))}"


def _other_stamps(folder: str) -> Sequence[object]:
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    files = sorted(str(file) for file in Path(folder).rglob("*.pyc")) if os.path.isdir(folder) else [folder]
    return [(file, *stamp_of(os.stat(file))) for file in files]


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
