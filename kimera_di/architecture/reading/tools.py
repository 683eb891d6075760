"""Name the programs that a report depends on besides the code under check, so that another version answers anew.

In: names of installed packages. Out: one line each. Reads no metadata through ``importlib.metadata``, which takes 15 ms
to load.
"""

import hashlib
import importlib.util
import os
import sys
from functools import cache
from pathlib import Path

from kimera_di.architecture.reading.source_files import list_sources

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
    return None if spec is None or spec.origin is None else os.path.dirname(spec.origin)


def installed_state(name: str, folder: str) -> str:
    """Say what is installed as a package.

    Args:
        name: Of the package, as it is imported.
        folder: Where it is.

    Returns:
        Its version with the hash of its list of files, which holds the hash of each; for a package without such a
        list, because somebody works on it, a hash of the stamps of its files.
    """
    place, wanted = os.path.dirname(folder), name.replace("_", "")
    for entry in sorted(os.listdir(place)):
        if entry.endswith(".dist-info") and entry.partition("-")[0].lower().replace("_", "") == wanted:
            record = os.path.join(place, entry, "RECORD")
            if os.path.isfile(record):
                with open(record, "rb") as file:
                    return f"{entry} {_digest(file.read())}"
    return f"from source {_digest(repr(list_sources([Path(folder)])).encode('utf-8', 'surrogateescape'))}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
