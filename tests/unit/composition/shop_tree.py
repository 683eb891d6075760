"""An application with one wiring edge that goes up although every import is legal, as files.

In: a folder. Out: the tree of ``shop`` with its contract file.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.unit.architecture.trees import write_contracts, write_package

MODULES: Mapping[str, str] = {
    "shop.core.audit": """
        class Auditor:
            def __init__(self, mailer: object) -> None: ...
        """,
    "shop.api.mail": "class Mailer: ...",
    "shop.main": """
        from kimera_di.registration import Registry
        from shop.api.mail import Mailer
        from shop.core.audit import Auditor

        def make_auditor(mailer: Mailer) -> Auditor:
            return Auditor(mailer)

        services = Registry()
        services.register(Mailer)
        services.register(Auditor, make_auditor)
        """,
}
WIRED_UP = ("shop.core.audit.Auditor", "shop.api.mail.Mailer")

LAYERS = """
[[contract]]
id = "layers"
name = "Layers"
type = "kimera_layers"
why = "a test"
layers = ["api", "core"]
containers = ["shop"]
"""
WIRING = """
[[contract]]
id = "wiring"
name = "Wiring [1]"
type = "kimera_wiring"
why = "core runs without api"
services = "shop.main:services"
layers_from = "layers"
"""
ROOTS = """
[[contract]]
id = "roots"
name = "Roots"
type = "kimera_composition_root"
why = "a test"
roots = ["shop.main"]
"""
SESSION = """
root_packages = ["shop"]
contract_types = [
    "kimera_layers: kimera_di.contracts.LayersContract",
    "kimera_wiring: kimera_di.contracts.WiringContract",
    "kimera_composition_root: kimera_di.contracts.CompositionRootContract",
]
"""


def write_shop(root: Path, *contracts: str, **modules: str) -> Path:
    """Write the application and its contracts; ``modules`` replaces or adds ``shop.<name>``."""
    write_package(root, {**MODULES, **{f"shop.{name.replace('__', '.')}": text for name, text in modules.items()}})
    return write_contracts(root, "\n".join(contracts or (LAYERS, WIRING)), session=SESSION)
