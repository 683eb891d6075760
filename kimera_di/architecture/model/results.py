"""Make the result of a contract from its findings, or from the reason it could not be checked.

In: a contract with findings or an error. Out: a `ContractResult`. Decides nothing else.
"""

from collections.abc import Iterable
from dataclasses import replace

from kimera_di.architecture.model.findings import ContractResult, Finding, IgnoredImport
from kimera_di.architecture.model.specs import ContractSpec
from kimera_di.rendering import show_place

BAD_CONFIGURATION = 2
INCOMPLETE = 3


def checked(spec: ContractSpec, findings: Iterable[Finding], ignored: Iterable[IgnoredImport] = ()) -> ContractResult:
    """Give the result of a contract that was checked: kept without findings, broken with them."""
    ordered = tuple(sorted(findings, key=Finding.place_key))
    return ContractResult(
        id=spec.id,
        name=spec.name,
        type=spec.type,
        file=show_place(spec.file, None),
        line=spec.line,
        kept=not ordered,
        why=spec.why,
        exit_code=1 if ordered else 0,
        findings=ordered,
        ignored=tuple(ignored),
    )


def not_checked(spec: ContractSpec, error: str, *, exit_code: int = BAD_CONFIGURATION) -> ContractResult:
    """Give the result of a contract that could not be checked.

    Args:
        spec: The contract.
        error: Why, for people.
        exit_code: `BAD_CONFIGURATION`, or `INCOMPLETE` when the code under check was not available.

    Returns:
        A result that counts neither as kept nor as broken.
    """
    return replace(checked(spec, ()), kept=None, error=error, exit_code=exit_code)
