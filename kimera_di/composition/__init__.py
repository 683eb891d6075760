"""The one place that knows both graphs: what modules import, and what objects are given.

In: a wiring graph and the layers of a contract. Out: findings about wiring edges, composition roots and
service locators. Whoever checks contracts first calls `register_composition_runners`, which tells ``architecture``
who checks ``kimera_wiring`` and ``kimera_composition_root``; their code loads with the first such contract, so that
``import kimera_di`` pays for none of it. Knows no command line.
"""

from typing import TYPE_CHECKING

from kimera_di.architecture.rules.runners import register_runner

if TYPE_CHECKING:
    from kimera_di.architecture.model.findings import ContractResult
    from kimera_di.architecture.model.specs import ContractSpec
    from kimera_di.architecture.rules.runners import CheckContext


def _check_wiring(spec: "ContractSpec", context: "CheckContext", /) -> "ContractResult":
    from kimera_di.composition.runners import run_wiring

    return run_wiring(spec, context)


def _check_composition_root(spec: "ContractSpec", context: "CheckContext", /) -> "ContractResult":
    from kimera_di.composition.runners import run_composition_root

    return run_composition_root(spec, context)


def register_composition_runners() -> None:
    """Tell ``architecture`` who checks the contract types about wiring; calling it again changes nothing."""
    register_runner("kimera_wiring", _check_wiring)
    register_runner("kimera_composition_root", _check_composition_root)
