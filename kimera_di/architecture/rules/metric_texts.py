"""Say which limit is passed, by how much, what drives the value, and what to do.

In: measures and limits. Out: one message and one advice each. Decides nothing.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from kimera_di.architecture.metrics.measures import ModuleMeasures, PackageMeasures

_SHOWN = 3


class MetricText(NamedTuple):
    """What a finding says."""

    message: str
    advice: str


def module_text(option: str, measured: ModuleMeasures, limit: float) -> MetricText:
    """Describe a module that is over a limit.

    Args:
        option: The name of the limit, as in the contract.
        measured: The module.
        limit: Its value.

    Returns:
        Message and advice; equal measures give equal texts.
    """
    module, more = measured.module, f"more than {limit} ({option})"
    coupling = f"imports {_modules(measured.efferent)}, imported by {measured.afferent}"
    if option == "max_afferent_coupling":
        driver = grouped(measured.importers)
        verb = "imports" if measured.afferent == 1 else "import"
        return MetricText(
            f"{_modules(measured.afferent)} {verb} {module}, {more}: {driver}",
            "divide the module by what its importers need of it; then a change reaches fewer of them",
        )
    if option == "max_efferent_coupling":
        driver = grouped(measured.imported)
        return MetricText(
            f"{module} imports {_modules(measured.efferent)}, {more}: {driver}",
            "divide the module by what it does, or go through one module that offers what several do",
        )
    if option == "max_instability":
        value = shown_number(measured.instability, limit)
        return MetricText(
            f"{module} has the instability {value}, {more}: {coupling}",
            "import fewer modules; what nothing depends on may be excluded by naming other packages",
        )
    value = shown_number(measured.distance or Fraction(0), limit)
    abstract, classes = (measured.classes.abstract, measured.classes.classes) if measured.classes else (0, 0)
    painful = (measured.abstractness or 0) + measured.instability < 1
    advice = (
        "others depend on it and it cannot be replaced: let them depend on an interface, or on fewer things in it"
        if painful
        else "it is abstract, and hardly anything depends on it: move its interfaces to those who use them"
    )
    return MetricText(
        f"{module} has the distance {value}, {more}: {abstract} of {classes} classes abstract, {coupling}", advice
    )


def package_text(option: str, measured: PackageMeasures, limit: float) -> MetricText:
    """Describe a package that is over a limit; see `module_text`."""
    package, more = measured.package, f"more than {limit} ({option})"
    count = len(measured.components)
    # Without the name, so that a report about many packages says it once.
    advice = "break the cycles: kimera cycles, with the name of the package, shows the imports to cut"
    if option == "max_cycles":
        sizes = [f"{_modules(len(each.modules))} around {each.modules[0]}" for each in measured.components[:_SHOWN]]
        rest = f" and {count - _SHOWN} more" if count > _SHOWN else ""
        cycles = f"{count} import cycle{'s' * (count > 1)}"
        return MetricText(f"{package} has {cycles}, {more}: {', '.join(sizes)}{rest}", advice)
    value = shown_number(measured.propagation_cost, limit)
    mean = shown_number(Fraction(measured.reached, measured.modules))
    driver = f"a module reaches {mean} of {measured.modules} on average"
    if count:
        driver += f", and the largest cycle has {_modules(len(measured.components[0].modules))}"
    else:
        advice = "let modules depend on interfaces of their own layer, so that fewer others lie behind each import"
    return MetricText(f"{package} has the propagation cost {value}, {more}: {driver}", advice)


def grouped(modules: Iterable[str]) -> str:
    """Count modules by the package they are in, the largest three groups.

    Args:
        modules: Dotted names.

    Returns:
        ``12 in shop.web, 3 in shop.jobs``; groups of equal size by name.
    """
    counts = Counter(module.rpartition(".")[0] or module for module in modules)
    largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    texts = [f"{count} in {package}" for package, count in largest[:_SHOWN]]
    rest = sum(count for _, count in largest[_SHOWN:])
    return ", ".join([*texts, *([f"{rest} elsewhere"] if rest else [])])


def shown_number(value: Fraction, limit: float | None = None) -> str:
    """Write a number with up to three decimals, or with all when it would look like the limit that it passes."""
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return repr(float(value)) if limit is not None and float(text) == limit else text


def _modules(count: int) -> str:
    return f"{count} module{'' if count == 1 else 's'}"
