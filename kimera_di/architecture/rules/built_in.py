"""Run import-linter's own contract types, one at a time, with findings instead of printed text.

In: a contract of a built-in type and our import graph. Out: a `ContractResult`. import-linter decides the
verdict; this module copies the graph in sorted order, so that its chains do not change with the hash seed,
turns what it recorded into findings, and keeps an exception of one contract from the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

import grimp
from importlinter import configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract
from importlinter.domain.contract import Contract, InvalidContractOptions

from kimera_di.architecture.ignoring.ignore_matches import PairIndex
from kimera_di.architecture.ignoring.ignored_imports import ignored_imports
from kimera_di.architecture.layering.layers import parse_row
from kimera_di.architecture.model.codes import BUILT_IN, IGNORE_UNUSED
from kimera_di.architecture.model.findings import ContractResult, Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.patterns import compiled, covers, has_wildcard
from kimera_di.architecture.model.results import checked, not_checked
from kimera_di.architecture.model.specs import BuiltInOptions, ContractSpec, IgnoreRule, ImportKind, kept_kinds
from kimera_di.architecture.rules.runners import CheckContext
from kimera_di.rendering import did_you_mean, show_place

TYPES: Mapping[str, type[Contract]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "protected": ProtectedContract,
    "acyclic_siblings": AcyclicSiblingsContract,
}
_NAMING_OPTIONS = (
    "ancestors",
    "allowed_importers",
    "containers",
    "forbidden_modules",
    "modules",
    "protected_modules",
    "skip_descendants",
    "source_modules",
)
"""Options that hold module expressions."""


def run_built_in(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check one contract of a built-in type.

    Args:
        spec: The contract; its type is one of `TYPES`.
        context: The file and the import graph.

    Returns:
        The verdict of import-linter. A pattern or name that matches nothing is an error here, where
        import-linter would call the contract kept; an unmatched ignore is a finding.
    """
    options = dict(spec.options.options) if isinstance(spec.options, BuiltInOptions) else {}
    session = dict(context.file.session_options or {})
    kinds = kept_kinds(context.file)
    fault = _matches_nothing(options, context)
    if fault:
        return not_checked(spec, fault)
    rules = [IgnoreRule(*_two(text), reason="") for text in dict.fromkeys(_texts(options.get("ignore_imports")))]
    index = PairIndex(context.graph.pairs(kinds))
    unused = list(_unused_ignores(spec, options, rules, index))
    taken = {pair: rule for rule in reversed(rules) for pair in index.matching(rule)}
    # Reported as findings instead; import-linter would stop at the first one.
    arguments = {**_as_read(options), "unmatched_ignore_imports_alerting": "none"}
    configuration.configure()  # the timer that two of the types use
    try:
        contract = TYPES[spec.type](spec.name, session, arguments)
        check = contract.check(sorted_graph(context.graph, kinds), verbose=False)
    except InvalidContractOptions as error:
        return not_checked(spec, "; ".join(f"{key}: {text}" for key, text in sorted(error.errors.items())))
    except Exception as error:  # noqa: BLE001 - whatever one contract raises, the others must still be checked
        return not_checked(spec, f"import-linter: {type(error).__name__}: {error}")
    advice = "\n".join(_texts(options.get("broken_contract_guidance")))
    chains: dict[Pair, tuple[str, ...]] = {}
    for chain in sorted(_chains(check.metadata), key=lambda names: (len(names), names)):
        chains.setdefault((chain[0], chain[1]), chain)
    found = [_finding(spec, chain, context.graph, kinds, advice) for chain in chains.values()]
    undeclared = [_undeclared(spec, name, context.graph) for name in check.metadata.get("undeclared_modules", ())]
    return checked(spec, [*unused, *found, *undeclared], ignored_imports(taken, context.graph, kinds))


def sorted_graph(graph: ModuleGraph, kinds: Iterable[ImportKind]) -> grimp.ImportGraph:
    """Copy our graph into grimp's, modules and imports inserted in sorted order.

    Args:
        graph: Our graph.
        kinds: The kinds of imports to copy.

    Returns:
        A graph of its own for one contract, which may change it.
    """
    copy, wanted = grimp.ImportGraph(), set(kinds)
    for module in graph.files:
        copy.add_module(module, is_squashed=module in graph.external)
    for importer, targets in graph.imports.items():
        for imported, lines in targets.items():
            for line, kind in lines:
                if kind in wanted:
                    copy.add_import(importer=importer, imported=imported, line_number=line, line_contents="")
    return copy


def _as_read(options: Mapping[str, object]) -> dict[str, object]:
    return {key: str(value) if isinstance(value, bool) else value for key, value in options.items()}


def _texts(value: object) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item.strip() for item in items if isinstance(item, str) and item.strip()]


def _matches_nothing(options: Mapping[str, object], context: CheckContext) -> str | None:
    graph, roots = context.graph, context.file.root_packages
    for key in _NAMING_OPTIONS:
        for name in _texts(options.get(key)):
            inside = any(covers(root, name) for root in roots)
            if has_wildcard(name):
                missing = not any(compiled(name).fullmatch(module) for module in graph.files)
            else:
                # A module of another distribution that nobody imports is a rule that is kept.
                missing = name not in graph.files and (inside or key != "forbidden_modules")
            if missing:
                guess = ", ".join(did_you_mean(name, graph.files))
                return f"{key}: {name!r} matches no module" + (f"; did you mean {guess}?" if guess else "")
    return _no_layers(options, graph)


def _no_layers(options: Mapping[str, object], graph: ModuleGraph) -> str | None:
    """Find layers that may all be missing and are; import-linter itself names a required one."""
    names = [name for row in _texts(options.get("layers")) for name in parse_row(row).names]
    patterns = [compiled(container) for container in _texts(options.get("containers"))]
    containers = [module for module in graph.files if any(pattern.fullmatch(module) for pattern in patterns)]
    homes = [f"{container}." for container in containers] if patterns else [""]
    if not names or any(f"{home}{name}" in graph.files for home in homes for name in names):
        return None
    return f"layers: none of {', '.join(names)} exists, so nothing would be checked"


def _unused_ignores(
    spec: ContractSpec, options: Mapping[str, object], rules: Iterable[IgnoreRule], index: PairIndex
) -> Iterator[Finding]:
    if str(options.get("unmatched_ignore_imports_alerting", "error")).strip() not in {"error", ""}:
        return
    for rule in rules:
        if not index.matching(rule):
            yield Finding(
                code=IGNORE_UNUSED,
                contract=spec.id,
                kind="ignore",
                importer=rule.importer,
                imported=rule.imported,
                file=show_place(spec.file, None),
                line=spec.line or None,
                message=f"the ignore {rule.expression} matches nothing",
                advice="delete the ignore, or correct the names",
            )


def _two(expression: str) -> tuple[str, str]:
    importer, _, imported = expression.partition("->")
    return importer.strip(), imported.strip()


def _chains(metadata: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Give every chain that a contract recorded, as module names."""
    for package in metadata.get("invalid_dependencies", ()):
        for route in package["routes"]:
            yield from _route(route)
    for package in metadata.get("invalid_chains", ()):
        for chain in package["chains"]:
            yield from _route(chain) if "chain" in chain else [_names(chain)]
    for protected in metadata.get("illegal_imports", ()):
        yield from ((link["importer"], link["imported"]) for link in protected.illegal_links)
    for breakers in metadata.get("cycle_breakers_by_package", {}).values():
        yield from breakers


def _route(route: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    first, *rest = _names(route["chain"])
    heads = [first, *(link["importer"] for link in route["extra_firsts"])]
    yield from ((head, *rest) for head in heads)


def _names(links: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    every = list(links)
    return (every[0]["importer"], *(link["imported"] for link in every))


def _finding(
    spec: ContractSpec, chain: tuple[str, ...], graph: ModuleGraph, kinds: Sequence[ImportKind], advice: str
) -> Finding:
    pairs = list(pairwise(chain))
    kind, line = graph.strongest(*pairs[0], kinds)
    verb = "imports" if len(pairs) == 1 else "reaches"
    return Finding(
        code=BUILT_IN,
        contract=spec.id,
        kind=kind,
        importer=chain[0],
        imported=chain[1],
        file=graph.shown_file(chain[0]),
        line=line,
        message=f"{chain[0]} {verb} {chain[-1]}, which {spec.name!r} ({spec.type}) forbids",
        chain=tuple(Link(*pair, graph.shown_file(pair[0]), graph.strongest(*pair, kinds)[1]) for pair in pairs),
        advice=advice,
    )


def _undeclared(spec: ContractSpec, module: str, graph: ModuleGraph) -> Finding:
    return Finding(
        code=BUILT_IN,
        contract=spec.id,
        kind="coverage",
        importer=module,
        imported=None,
        file=graph.shown_file(module),
        line=1,
        message=f"{module} is in no layer",
        advice="add it to the layers, or to exhaustive_ignores",
    )
