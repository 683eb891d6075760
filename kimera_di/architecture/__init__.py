"""Contracts about imports and layers: read, checked, reported.

In: contract files and source trees. Out: reports. Knows no stage of the container; what knows both registers
its contract types from above (see ``rules.runners``). Names load at first use, so that ``import kimera_di`` pays for
none of them.

``model`` holds what all parts share. ``reading`` makes the import graph, ``configuration`` the specs; ``layering``,
``ignoring``, ``cycles`` and ``metrics`` answer questions about them, ``rules`` makes results of the answers and
``reports`` puts the results together: ``checking`` runs these in a row. ``cuts``, ``advising`` and ``proposing`` say
what to change, ``drawing`` shows all of it. Which part may import which is in ``contracts/kimera_di.toml``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kimera_di.architecture.checking import Architecture
    from kimera_di.architecture.model.findings import ContractResult, Finding, Link, Unseen
    from kimera_di.architecture.reports.report import Report
    from kimera_di.architecture.validator import LayerValidator

__all__ = ["Architecture", "ContractResult", "Finding", "LayerValidator", "Link", "Report", "Unseen"]


def __getattr__(name: str) -> object:
    """Load a public name when it is asked for first (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kimera_di.architecture import checking, validator
    from kimera_di.architecture.model import findings
    from kimera_di.architecture.reports import report

    homes = {"Architecture": checking, "LayerValidator": validator, "Report": report}
    return getattr(homes.get(name, findings), name)
