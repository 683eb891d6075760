"""Write tiny packages and contract files for tests.

In: module names with their source. Out: files below a temporary folder.
"""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.model.module_graph import ScannedTree
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.source_tree import TreeReader
from kimera_di.architecture.reports.report import Report


def write_package(root: Path, modules: Mapping[str, str]) -> Path:
    """Write modules by dotted name; parents become packages with an ``__init__.py``."""
    parents = {name.rsplit(".", depth)[0] for name in modules for depth in range(1, name.count(".") + 1)}
    for name in sorted({*modules, *parents}):
        place = root.joinpath(*name.split("."))
        file = place / "__init__.py" if name in parents else place.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(modules.get(name, "")), encoding="utf-8")
    return root


def write_contracts(root: Path, contracts: str, *, session: str = 'root_packages = ["shop"]') -> Path:
    """Write ``contracts.toml``; ``[[contract]]`` stands for the long header of a contract."""
    text = dedent(contracts).replace("[[contract]]", "[[tool.importlinter.contracts]]")
    path = root / "contracts.toml"
    path.write_text(f"[tool.importlinter]\n{dedent(session)}\n{text}", encoding="utf-8")
    return path


def layers(options: str) -> str:
    """Give a layers contract of the package ``shop`` with further options."""
    head = '[[contract]]\nid = "layers"\nname = "Layers"\ntype = "kimera_layers"\nwhy = "a test"\n'
    return head + dedent(options).strip() + "\n"


def check(root: Path, modules: Mapping[str, str], contracts: str, **session: str) -> Report:
    """Write everything, check it, give the report."""
    write_package(root, modules)
    return Architecture.load(write_contracts(root, contracts, **session), root=root).check()


def read_tree(root: Path, *packages: str, cache: Path | None = None) -> ScannedTree:
    """Read the import graph of packages below ``root``."""
    return TreeReader(cache).read(find_packages(packages or ("shop",), [root]))


def pairs(findings: tuple[Finding, ...]) -> list[tuple[str | None, str | None]]:
    """Give importer and imported of each finding."""
    return [(finding.importer, finding.imported) for finding in findings]
