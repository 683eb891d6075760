"""Say why the import graph does not hold a Python file.

In: a file below a package's folder. Out: half a sentence for the report. Follows the rules of grimp's module
finder; reads no file.
"""

from pathlib import Path


def why_unseen(file: str, package: Path) -> str:
    """Explain why grimp passes over a file.

    Args:
        file: Path of a ``.py`` file below ``package``.
        package: Folder of the root package.

    Returns:
        The first reason that applies, outermost folder first.
    """
    parts = Path(file).relative_to(package).parts
    folder = package
    for name in parts[:-1]:
        folder = folder / name
        if not name.isidentifier():
            return f"the folder {name!r} cannot be part of a module name"
        if not (folder / "__init__.py").is_file():
            return f"the folder {name!r} has no __init__.py"
    if parts[-1].startswith("."):
        return "the file is hidden"
    if parts[-1].count(".") > 1:
        return "the file name has a dot too many for a module"
    return "the import graph does not hold it"
