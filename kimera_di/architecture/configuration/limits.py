"""Read the limits of a ``kimera_metrics`` contract: counts and shares.

In: an `OptionReader` over one contract. Out: numbers, and mistakes in the reader. Knows no metric but its name.
"""

from kimera_di.architecture.configuration.option_reader import OptionReader
from kimera_di.architecture.model.specs import MetricsOptions

_COUNTS = ("max_afferent_coupling", "max_efferent_coupling", "max_cycles")
_SHARES = ("max_instability", "max_distance", "max_propagation_cost")


def read_limits(reader: OptionReader, packages: tuple[str, ...]) -> MetricsOptions:
    """Read every limit of a contract; without one there is nothing to check, which is a mistake.

    Args:
        reader: Of the contract.
        packages: What it measures, already read.

    Returns:
        The options.
    """
    counts = {key: _count(reader, key) for key in _COUNTS}
    shares = {key: _share(reader, key) for key in _SHARES}
    if not any(key in reader.table for key in (*_COUNTS, *_SHARES)):
        todo = f"add one of {', '.join((*_COUNTS, *_SHARES))}"
        reader.fault("packages", "the contract has no limit, so nothing would be checked", todo=todo)
    return MetricsOptions(
        packages,
        max_afferent_coupling=counts["max_afferent_coupling"],
        max_efferent_coupling=counts["max_efferent_coupling"],
        max_cycles=counts["max_cycles"],
        max_instability=shares["max_instability"],
        max_distance=shares["max_distance"],
        max_propagation_cost=shares["max_propagation_cost"],
    )


def _count(reader: OptionReader, key: str) -> int | None:
    value = reader.number(key)
    if value is None:
        return None
    if value < 0 or value != int(value):
        reader.fault(key, f"{key} must be a whole number, 0 or more, not {value}", todo=f"write {key} = 20")
        return None
    return int(value)


def _share(reader: OptionReader, key: str) -> float | None:
    value = reader.number(key)
    if value is None:
        return None
    if not 0 <= value <= 1:
        reader.fault(key, f"{key} must lie between 0 and 1, not {value}", todo=f"write {key} = 0.5")
        return None
    return float(value)
