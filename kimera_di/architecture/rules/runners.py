"""Who checks which contract type: a table that packages above this one add to.

In: runners, registered by name. Out: the runner of a contract type. This is how `Architecture.check` runs the
contracts about wiring although this package must not import ``composition``, which knows containers:
``composition`` registers its runners when it is imported, and ``import kimera_di`` imports it
(docs/decisions/0003). Imports nothing at run time, so that registering costs nothing.
"""

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from kimera_di.architecture.model.findings import ContractResult
    from kimera_di.architecture.model.module_graph import ModuleGraph
    from kimera_di.architecture.model.specs import ContractFile, ContractSpec


class CheckContext(NamedTuple):
    """What a runner may look at besides its contract."""

    file: "ContractFile"
    graph: "ModuleGraph"
    """The imports of the file's root packages, of every kind."""
    folders: "tuple[Path, ...]"
    """Where packages are looked for, first hit wins; from `search_folders`."""


class ContractRunner(Protocol):
    """Checks contracts of one type."""

    def __call__(self, spec: "ContractSpec", context: CheckContext, /) -> "ContractResult":
        """Check one contract.

        Args:
            spec: A contract without mistakes.
            context: The file it is in, the import graph, the folders.

        Returns:
            Its result; what cannot be checked has an ``error`` and an exit code of 2 or 3.

        Raises:
            KimeraError: Something the contract names does not exist; becomes a result with exit code 2.
        """
        ...


_RUNNERS: dict[str, ContractRunner] = {}


def register_runner(type_name: str, runner: ContractRunner) -> None:
    """Let ``runner`` check every contract whose ``type`` is ``type_name``; the last one wins."""
    _RUNNERS[type_name] = runner


def runner_for(type_name: str) -> ContractRunner | None:
    """Give the runner of a contract type, or ``None`` when nobody registered one."""
    return _RUNNERS.get(type_name)
