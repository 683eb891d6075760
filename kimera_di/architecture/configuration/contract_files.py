"""Find the contract files of a project, in the same way for every command and for the pytest plugin.

In: folders. Out: paths of contract files. Reads none of them.
"""

from pathlib import Path

from kimera_di.errors import KimeraError


def contract_files(*folders: Path) -> tuple[Path, ...]:
    """Find the contract files of a project.

    Args:
        folders: Where the project may be; the first one with contract files is taken.

    Returns:
        Its ``contracts/*.toml`` sorted by name, else its ``pyproject.toml``.

    Raises:
        KimeraError: There is neither in any folder.
    """
    for folder in folders:
        project = folder / "pyproject.toml"
        found = sorted((folder / "contracts").glob("*.toml")) or ([project] if project.is_file() else [])
        if found:
            return tuple(found)
    facts = (("do this", "let kimera init PACKAGE write one, or name a file with --config"),)
    raise KimeraError("there are no contract files: neither contracts/*.toml nor pyproject.toml", facts=facts)
