"""Find what lies in packages that somebody named: refuse names that do not exist, and pick their unseen files.

In: a tree that was read and names of packages. Out: nothing or an error; files. Reads no file.
"""

import os
from collections.abc import Iterable

from kimera_di.architecture.model.findings import Unseen
from kimera_di.architecture.model.module_graph import ModuleGraph, ScannedTree
from kimera_di.architecture.model.patterns import covers
from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean


def refuse_unknown(graph: ModuleGraph, packages: Iterable[str]) -> None:
    """Make sure that packages exist.

    Args:
        graph: What was read.
        packages: Names of packages or modules.

    Raises:
        KimeraError: One of them is no module of the root packages; the message guesses.
    """
    own = [name for name in graph.files if name not in graph.external]
    for package in packages:
        if package not in own:
            parent = next((name for name in reversed(own) if covers(name, package)), "")
            facts = (
                ("did you mean", ", ".join(did_you_mean(package, own))),
                ("do this", f"name something in {parent}" if parent else "correct the name, or add --root"),
            )
            raise KimeraError(f"there is no package or module {package!r}", facts=facts)


def unseen_in(tree: ScannedTree, packages: Iterable[str]) -> tuple[Unseen, ...]:
    """Give the files of some packages that the graph does not hold.

    Args:
        tree: What was read.
        packages: Names of packages or modules of the graph.

    Returns:
        Files with absolute paths, in the order of the tree; also those that only may belong to a namespace package.
    """
    homes = tuple(packages)
    return tuple(item for item in tree.unseen if any(_may_belong(item.file, home, tree.graph) for home in homes))


def _may_belong(file: str, package: str, graph: ModuleGraph) -> bool:
    """Say whether a file that the graph does not hold may be a part of ``package``."""
    home = graph.file_of(package)
    if home is None:
        return True  # a namespace package has no file that says where it is
    return file == home or (os.path.basename(home) == "__init__.py" and file.startswith(os.path.dirname(home) + os.sep))
