"""Read the options of each contract type of this package.

In: an `OptionReader` over one contract. Out: the frozen options of its type, and mistakes in the reader.
The same functions serve ``kimera check``, the start-up check and ``lint-imports``.
"""

from collections.abc import Callable, Iterable, Mapping

from kimera_di.architecture.configuration.ignore_lines import ignore_table
from kimera_di.architecture.configuration.limits import read_limits
from kimera_di.architecture.configuration.option_reader import OptionReader, duplicates
from kimera_di.architecture.layering.layers import order_faults, parse_row, row_fault
from kimera_di.architecture.model.patterns import expression_fault
from kimera_di.architecture.model.specs import (
    ASKABLE_KINDS,
    AcyclicOptions,
    CompositionRootOptions,
    IgnoreRule,
    ImportKind,
    InterfacesOptions,
    LayersOptions,
    Level,
    MetricsOptions,
    Options,
    Reach,
    WiringOptions,
)
from kimera_di.rendering import did_you_mean

_REACHES: tuple[Reach, ...] = ("transitive", "direct")
_LEVELS: tuple[Level, ...] = ("modules", "packages", "both")
COMMON = ("id", "name", "type", "why", "ignore")
"""Options of every contract type of this package."""


def read_why(reader: OptionReader) -> str | None:
    """Read the reason of a contract; it is required."""
    return reader.text("why", required=True, todo='add why = "..."; a rule that nobody can explain will not be kept')


def read_ignores(reader: OptionReader) -> tuple[IgnoreRule, ...]:
    """Read the allowed exceptions of a contract."""
    rules: list[IgnoreRule] = []
    for entry in reader.tables("ignore", from_text=ignore_table):
        expression = entry.text("import", required=True, todo='add import = "a.b -> c.d"')
        needed = 'add reason = "...", or "# reason" on the line; an exception needs one'
        reason = entry.text("reason", required=True, todo=needed)
        until, issue = entry.date("until"), entry.text("issue")
        entry.finish()
        if expression is None or reason is None:
            continue
        importer, arrow, imported = (part.strip() for part in expression.partition("->"))
        faults = [f"{name!r} {fault}" for name in (importer, imported) if (fault := expression_fault(name))]
        if not arrow or faults:
            entry.fault("import", f"ignore {expression!r}: {(faults or ['no arrow'])[0]}", todo='write "a.b -> c.d"')
            continue
        rules.append(IgnoreRule(importer, imported, reason, until, issue, entry.line_of("import")))
    return tuple(rules)


def read_layers(reader: OptionReader) -> LayersOptions:
    """Read the options of ``kimera_layers``."""
    rows, containers = _rows(reader), _expressions(reader, "containers")
    names = [name for text in rows for name in parse_row(text).names]
    closed = reader.texts("closed")
    for number, name in enumerate(closed):
        if name not in names:
            todo = f"use one of {', '.join(names)}"
            guess = did_you_mean(name, names)
            reader.fault("closed", f"closed names no layer: {name!r}", item=number, todo=todo, guess=guess)
    exhaustive, ignores = reader.flag("exhaustive"), reader.texts("exhaustive_ignores")
    if ignores and not exhaustive:
        todo = "add exhaustive = true, or remove it"
        reader.fault("exhaustive_ignores", "exhaustive_ignores has no effect", todo=todo)
    return LayersOptions(
        layers=rows,
        containers=containers,
        closed=closed,
        exhaustive=exhaustive,
        exhaustive_ignores=ignores,
        kinds=_kinds(reader) or None,
        reach=_reach(reader),
    )


def read_acyclic(reader: OptionReader) -> AcyclicOptions:
    """Read the options of ``kimera_acyclic``."""
    packages = _checked(reader, "packages", reader.texts("packages", required=True), wildcards=True)
    level, kinds = _level(reader), _kinds(reader)
    return AcyclicOptions(packages, level, kinds) if kinds else AcyclicOptions(packages, level)


def read_wiring(reader: OptionReader) -> WiringOptions:
    """Read the options of ``kimera_wiring``; ``layers_from`` is resolved by the reader of the file."""
    services, layers_from = _services(reader, required=True), reader.text("layers_from")
    own = "layers" in reader.table
    if own == (layers_from is not None):
        todo = 'give either layers_from = "id of a kimera_layers contract" or layers = [...]'
        reader.fault("layers_from", "a wiring contract needs layers from exactly one place", todo=todo)
    rows, containers = _rows(reader) if own else (), _expressions(reader, "containers")
    if containers and not own:
        reader.fault("containers", "containers belongs to layers", todo="the contract named in layers_from has its own")
    return WiringOptions(
        services=services,
        layers_from=layers_from,
        layers=rows,
        containers=containers,
        leaks=reader.flag("leaks", default=True),
        unbound=reader.flag("unbound"),
        concrete=reader.flag("concrete"),
    )


def read_composition_root(reader: OptionReader) -> CompositionRootOptions:
    """Read the options of ``kimera_composition_root``."""
    roots = _names(reader, "roots", required=True)
    implementations = _names(reader, "implementations")
    services = _services(reader, required=False)
    if not implementations and "services" not in reader.table and "implementations" not in reader.table:
        todo = 'add implementations = ["shop.adapters"], or services = "shop.main:services"'
        reader.fault("implementations", "the contract names no implementations", todo=todo)
    return CompositionRootOptions(
        roots=roots,
        implementations=implementations,
        services=services or None,
        may_resolve=_names(reader, "may_resolve"),
    )


def read_interfaces(reader: OptionReader) -> InterfacesOptions:
    """Read the options of ``kimera_interfaces``."""
    return InterfacesOptions(
        packages=_checked(reader, "packages", reader.texts("packages", required=True), wildcards=True),
        exposes=_expressions(reader, "exposes"),
        friends=_expressions(reader, "friends"),
        kinds=_kinds(reader) or None,
    )


def read_metrics(reader: OptionReader) -> MetricsOptions:
    """Read the options of ``kimera_metrics``."""
    return read_limits(reader, _checked(reader, "packages", reader.texts("packages", required=True), wildcards=True))


READERS: Mapping[str, Callable[[OptionReader], Options]] = {
    "kimera_layers": read_layers,
    "kimera_acyclic": read_acyclic,
    "kimera_wiring": read_wiring,
    "kimera_composition_root": read_composition_root,
    "kimera_interfaces": read_interfaces,
    "kimera_metrics": read_metrics,
}
"""Who reads the options of which type."""


def _rows(reader: OptionReader) -> tuple[str, ...]:
    rows = reader.texts("layers", required=True)
    good: list[str] = []
    for number, text in enumerate(rows):
        fault = row_fault(text)
        if fault is None:
            good.append(text)
        else:
            reader.fault("layers", f"layers: {fault}", item=number)
    for fault in order_faults(good):
        reader.fault("layers", f"layers: {fault}")
    return tuple(good)


def _kinds(reader: OptionReader) -> tuple[ImportKind, ...]:
    kinds = reader.choices("kinds", ASKABLE_KINDS)
    if "kinds" in reader.table and not kinds:
        reader.fault("kinds", "kinds is empty, so nothing would be checked", todo=f"use {', '.join(ASKABLE_KINDS)}")
    return kinds


def _level(reader: OptionReader) -> Level:
    text = reader.text("level")
    known: dict[str | None, Level] = {str(level): level for level in _LEVELS}
    if text is not None and text not in known:
        todo, guess = f"use {', '.join(_LEVELS)}", did_you_mean(text, _LEVELS)
        reader.fault("level", f"level knows no {text!r}", todo=todo, guess=guess)
    return known.get(text, "both")


def _reach(reader: OptionReader) -> Reach:
    text = reader.text("reach")
    for known in _REACHES:
        if text in (None, known):
            return known if text else "transitive"
    reader.fault("reach", f"reach knows no {text!r}", todo=f"use {' or '.join(_REACHES)}")
    return "transitive"


def _services(reader: OptionReader, *, required: bool) -> str:
    text = reader.text("services", required=required, todo='add services = "shop.main:services"') or ""
    module, colon, attribute = text.partition(":")
    if text and not (colon and expression_fault(module) is None and expression_fault(attribute) is None):
        todo = 'write services = "shop.main:services": a module, a colon, a collection or a function that returns one'
        reader.fault("services", f"services {text!r} is not MODULE:SERVICES", todo=todo)
    return text


def _expressions(reader: OptionReader, key: str) -> tuple[str, ...]:
    return _checked(reader, key, reader.texts(key), wildcards=True)


def _names(reader: OptionReader, key: str, *, required: bool = False) -> tuple[str, ...]:
    return _checked(reader, key, reader.texts(key, required=required), wildcards=False)


def _checked(reader: OptionReader, key: str, items: Iterable[str], *, wildcards: bool) -> tuple[str, ...]:
    found = tuple(items)
    for number, item in enumerate(found):
        fault = expression_fault(item) or ("has a wildcard" if not wildcards and "*" in item else None)
        if fault:
            reader.fault(key, f"{key}: {item!r} {fault}", item=number, todo="write a dotted module name")
    for item in duplicates(found):
        reader.fault(key, f"{key} lists {item!r} more than once")
    return found
