"""``kimera init``: write a contract file for the layers that a package already has.

In: a package. Out: ``contracts/PACKAGE.toml``, checked before it is written, and what to do next on stdout.
Never overwrites a file and never runs code of the package.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from kimera_di.architecture.layering.placement import ModuleNames
from kimera_di.architecture.proposing.proposal_text import Draft
from kimera_di.architecture.reading.packages import find_packages, root_package_of, search_folders
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.routes import unknown_module
from kimera_di.cli.drafts import draft_contracts, kept_text
from kimera_di.cli.outputs import write, write_trouble
from kimera_di.cli.progress import Advance, progress
from kimera_di.errors import KimeraError, UnwritableReportError
from kimera_di.rendering import listed, show_place

FOLDER = "contracts"


def run_init(package: str, *, roots: Sequence[Path]) -> int:
    """Find the layers of a package and write them.

    Args:
        package: A dotted name.
        roots: Folders that hold packages.

    Returns:
        0, or 3 when a file does not parse: then the file is written without what that one imports.

    Raises:
        KimeraError: The package does not exist or is no regular one, or the contract file exists already.
    """
    target = Path(FOLDER, f"{package}.toml")
    if target.exists():
        raise _exists(target)
    with progress(f"reading {package}") as advance:
        draft, place = _write_draft(package, target, roots, advance)
    write(_summary(draft, target, place, roots), None)
    if draft.broken:
        write_trouble(f"not read, so imports in it are missing: {', '.join(draft.broken)}\n")
    return 3 if draft.broken else 0


def _write_draft(package: str, target: Path, roots: Sequence[Path], advance: Advance) -> tuple[Draft, Path]:
    """Write the contract file; give what stands in it, and the folder of the root package."""
    folders = search_folders(roots)
    root, places = _root_package(package, folders)
    reader = TreeReader()
    tree = reader.read({root: places})
    names = ModuleNames(tree.graph)
    if package not in names:
        raise unknown_module(names, package)
    if package != root and not names.children(package):
        todo = f"name a package with modules in it, for instance {package.rpartition('.')[0]}"
        raise KimeraError(
            f"{package!r} has no modules below it, so there is nothing to order", facts=(("do this", todo),)
        )
    advance(f"finding the layers of {package}")
    draft = draft_contracts(package, root, places[0], tree, target)
    advance("checking what was found")
    _write_new(target, kept_text(draft, roots, reader))
    return draft, places[0]


def _root_package(package: str, folders: Sequence[Path]) -> tuple[str, tuple[Path, ...]]:
    if not all(part.isidentifier() for part in package.split(".")):
        todo = "write it as in an import statement, for instance shop or acme.shop"
        raise KimeraError(f"{package!r} is no package name", facts=(("do this", todo),))
    root = root_package_of(package, folders)
    places = find_packages([root], folders, named_by="the name")[root]
    if any((place / "__init__.py").is_file() for place in places):
        return root, places
    inside = [file for place in places for file in place.glob("*/__init__.py")]
    regular = sorted({f"{root}.{file.parent.name}" for file in inside})
    todo = f"run kimera init {regular[0]}" if regular else f"add {show_place(str(places[0] / '__init__.py'), None)}"
    facts = (
        ("packages in it", listed(regular) if regular else ""),
        ("do this", todo + (f", or add an __init__.py if {root} is one package" if regular else "")),
    )
    raise KimeraError(f"{root!r} is a namespace package: its folder has no __init__.py", facts=facts)


def _write_new(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        if target.exists():
            raise _exists(target) from None
        facts = (("do this", "run it in a folder that can be written to"),)
        raise UnwritableReportError(f"cannot write {target.as_posix()}: {error.strerror}", facts=facts) from error


def _exists(target: Path) -> KimeraError:
    todo = f"edit it, or move it away first; kimera check --config {target.as_posix()} says whether it holds"
    return KimeraError(f"{target.as_posix()} exists already, and is left as it is", facts=(("do this", todo),))


def _summary(draft: Draft, target: Path, place: Path, roots: Sequence[Path]) -> str:
    proposal, path = draft.proposal, quote(target.as_posix())
    given = "".join(f" --root {quote(root.as_posix())}" for root in roots)
    children = sum(len(row.names) for row in proposal.rows)
    rows = len(proposal.rows) or 1
    lines = [f"wrote {path}: {children or 1} children of {proposal.package} in {rows} row{'s' * (rows > 1)}"]
    lines += [
        f"  without order  {listed(tangle.names, shown=6)}; imports to cut: {len(tangle.cut.imports)}"
        for tangle in proposal.tangles
    ]
    lines += ["  not checked    files that no import graph holds are listed in allow_unseen"] if draft.unseen else []
    lines += [
        f"  next           kimera check --config {path}{given}",
        f"                 {_search_path(place, draft.root_package)}lint-imports --config {path}",
    ]
    if proposal.tangles:
        lines.append(f"                 edit the rows, then kimera cut --config {path}{given}")
    return "\n".join(lines) + "\n"


def _search_path(place: Path, package: str) -> str:
    """Say what lint-imports needs to find the package, which it does by importing."""
    folder = place.parents[package.count(".")]
    known = {os.path.abspath(entry) for entry in sys.path if entry}
    if folder == Path.cwd() or str(folder) in known:
        return ""
    return f"PYTHONPATH={quote(show_place(str(folder), None))} "
