"""An application whose core owns an interface that an adapter above it implements, as files.

In: a folder, modules that replace or join those of the application. Out: the tree of ``shop`` and its report.
"""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.reports.report import Report
from kimera_di.composition import register_composition_runners
from tests.unit.architecture.trees import write_contracts, write_package
from tests.unit.composition.shop_tree import LAYERS, SESSION, WIRING

PORT = """
    from typing import Protocol
    class Store(Protocol):
        def rows(self) -> list[str]: ...
    """
MODULES: Mapping[str, str] = {
    "shop.core.ports": PORT,
    "shop.core.audit": """
        from shop.core.ports import Store
        class Auditor:
            def __init__(self, store: Store) -> None: ...
        """,
    "shop.api.store": """
        from shop.core.ports import Store
        class Row: ...
        class SqlStore(Store):
            def __init__(self) -> None: ...
            def rows(self) -> list[str]: ...
        """,
    "shop.main": """
        from kimera_di import ServiceCollection
        from shop.api.store import SqlStore
        from shop.core.audit import Auditor
        from shop.core.ports import Store
        services = ServiceCollection().singleton(Store, SqlStore).singleton(Auditor)
        """,
}


def write_ports(root: Path, modules: Mapping[str, str] | None = None, *, options: str = "", layers: str = "") -> Path:
    """Write the application and its contracts; ``modules`` by dotted names, ``options`` for the wiring contract."""
    write_package(root, {name: dedent(text) for name, text in {**MODULES, **(modules or {})}.items()})
    layered = LAYERS.replace('["api", "core"]', layers or '["api", "core"]')
    return write_contracts(root, f"{layered}\n{WIRING}{options}\n", session=SESSION)


def check_ports(root: Path, modules: Mapping[str, str] | None = None, *, options: str = "", layers: str = "") -> Report:
    """Write the application and check it."""
    register_composition_runners()
    return Architecture.load(write_ports(root, modules, options=options, layers=layers), root=root).check()


def wired(report: Report) -> list[Finding]:
    """Give the findings of the wiring contract; it was checked."""
    (result,) = (each for each in report.contracts if each.id == "wiring")
    assert result.error is None
    return list(result.findings)


def triples(report: Report) -> list[tuple[str, str | None, str | None]]:
    """Give code, importer and imported of the wiring contract's findings."""
    return [(finding.code, finding.importer, finding.imported) for finding in wired(report)]
