"""Check one ``kimera_interfaces`` contract: who may import the internals of a package.

In: the contract and the import graph. Out: one finding per import that names something internal from outside, and one
per friend of no use; a `ContractError` when the contract names what does not exist. The same function answers ``kimera
check``, ``lint-imports`` and the start-up check. Direct imports only: what an exposed module passes on is its business.
"""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from kimera_di.architecture.ignoring.ignored_imports import ignored_imports
from kimera_di.architecture.ignoring.ignores import apply_ignores
from kimera_di.architecture.model.codes import INTERNAL_IMPORT, UNUSED_FRIEND
from kimera_di.architecture.model.findings import ContractResult, Examined, Finding, Link
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.patterns import covers
from kimera_di.architecture.model.results import checked
from kimera_di.architecture.model.specs import (
    IMPORT_KINDS,
    ContractSpec,
    ImportKind,
    InterfacesOptions,
    kept_kinds,
)
from kimera_di.architecture.rules.interface_advice import InterfaceAdvice
from kimera_di.architecture.rules.interface_parts import Friend, Interface, find_interfaces
from kimera_di.architecture.rules.runners import CheckContext
from kimera_di.errors import InternalError
from kimera_di.rendering import show_place


def run_interfaces(spec: ContractSpec, context: CheckContext) -> ContractResult:
    """Check a ``kimera_interfaces`` contract.

    Args:
        spec: The contract, without mistakes.
        context: The file and the import graph.

    Returns:
        Its result.

    Raises:
        ContractError: The contract names what does not exist, or nothing internal.
    """
    if not isinstance(spec.options, InterfacesOptions):
        raise InternalError(f"{spec.id} is no contract about interfaces")
    kinds = kept_kinds(context.file)
    return checked(spec, *examine_interfaces(spec, spec.options, context.graph, default_kinds=kinds))


def examine_interfaces(
    spec: ContractSpec,
    options: InterfacesOptions,
    graph: ModuleGraph,
    *,
    default_kinds: Collection[ImportKind] = IMPORT_KINDS,
    today: datetime.date | None = None,
) -> Examined:
    """Find the imports of internals from outside, and what the ignores of the contract take out.

    Args:
        spec: The contract.
        options: Its options.
        graph: The imports of the root packages.
        default_kinds: The kinds that count when the contract does not say.
        today: For tests; the current day otherwise.

    Returns:
        Findings sorted by file and line, none when the contract is kept; and the imports that are ignored. Time
        O(imports x packages around a module), and a parse of each importer with a finding for the advice.

    Raises:
        ContractError: The contract names what does not exist, or nothing internal.
    """
    interfaces, friends = find_interfaces(spec, options, graph)
    kinds = tuple(options.kinds or default_kinds)
    pairs = frozenset(graph.pairs(kinds))
    entering = _entering(pairs, interfaces)
    used = {friend.expression for importer, _ in entering for friend in friends if friend.covers(importer)}
    broken = {pair: each for pair, each in entering.items() if not any(friend.covers(pair[0]) for friend in friends)}
    ignores = apply_ignores(
        spec.ignores,
        pairs,
        lambda some: broken.keys() & set(some),
        file=spec.file,
        contract=spec.id,
        known=graph.pairs(),
        alone=lambda _, some: broken.keys() & set(some),
        today=today,
    )
    advice = InterfaceAdvice(graph)
    left = [(pair, each) for pair, each in broken.items() if pair in ignores.kept]
    every = [*ignores.findings, *_useless(spec, friends, used)]
    every += [_finding(spec, graph, kinds, pair, each, advice) for pair, each in left]
    return Examined(tuple(sorted(every, key=Finding.place_key)), ignored_imports(ignores.taken, graph, kinds))


def _entering(pairs: Iterable[Pair], interfaces: Sequence[Interface]) -> Mapping[Pair, Interface]:
    """Give every import of something internal from outside, with the outermost package that it enters."""
    homes: dict[str, list[Interface]] = {}
    for interface in interfaces:
        for module in interface.internal:
            homes.setdefault(module, []).append(interface)
    found: dict[Pair, Interface] = {}
    for importer, imported in sorted(pairs):
        outside = (each for each in homes.get(imported, ()) if not covers(each.package, importer))
        first = next(outside, None)
        if first is not None:
            found[importer, imported] = first
    return found


def _useless(spec: ContractSpec, friends: Sequence[Friend], used: Collection[str]) -> Iterator[Finding]:
    for friend in friends:
        if friend.expression not in used:
            yield Finding(
                code=UNUSED_FRIEND,
                contract=spec.id,
                kind="ignore",
                importer=friend.expression,
                imported=None,
                file=show_place(spec.file, None),
                line=spec.line_of("friends") or None,
                message=f"the friend {friend.expression} imports nothing internal",
                advice="delete it from friends; without it the contract says the same",
            )


def _finding(
    spec: ContractSpec,
    graph: ModuleGraph,
    kinds: Collection[ImportKind],
    pair: Pair,
    interface: Interface,
    advice: InterfaceAdvice,
) -> Finding:
    importer, imported = pair
    kind, line = graph.strongest(importer, imported, kinds)
    file = graph.shown_file(importer)
    return Finding(
        code=INTERNAL_IMPORT,
        contract=spec.id,
        kind=kind,
        importer=importer,
        imported=imported,
        file=file,
        line=line,
        message=f"{importer} imports {imported}, which is internal to {interface.package}",
        chain=(Link(importer, imported, file, line),),
        advice=advice.about(importer, imported, interface),
    )
