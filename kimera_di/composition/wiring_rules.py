"""Which rules a ``kimera_wiring`` contract asks for, run one after the other.

In: the options of the contract, the layers, the wiring, the sources. Out: findings, and the pairs that an ignore may
name. Rules that need the wiring alone are apart from those that read sources, which the start-up check leaves out.
"""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from kimera_di.architecture.ignoring.ignore_matches import PairIndex
from kimera_di.architecture.ignoring.ignores import expired
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.findings import Finding
from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import compiled
from kimera_di.architecture.model.specs import ContractSpec, IgnoreRule, Options, WiringOptions
from kimera_di.composition.concretes import concrete_findings
from kimera_di.composition.loading import Wiring
from kimera_di.composition.ports import ports_of
from kimera_di.composition.wiring import check_wiring

Pair = tuple[str, str]


class Shown(NamedTuple):
    """What the sources show beside the wiring."""

    findings: tuple[Finding, ...]
    pairs: frozenset[Pair]
    """Also those that break nothing."""


NOTHING_SHOWN = Shown((), frozenset())


def edge_findings(contract: str, options: Options | None, order: LayerOrder, wiring: Wiring) -> tuple[Finding, ...]:
    """Run the rules that need the wiring alone.

    Args:
        contract: Its id.
        options: Of a wiring contract; those of a layers contract ask for nothing more.
        order: The layers.
        wiring: What is wired.

    Returns:
        Findings, no two about the same pair.
    """
    found = check_wiring(wiring.graph, order, contract, wiring.targets)
    if not isinstance(options, WiringOptions) or not options.concrete:
        return found
    known = {finding.fingerprint for finding in found}
    more = concrete_findings(wiring.graph, order, contract, wiring.targets)
    return (*found, *(finding for finding in more if finding.fingerprint not in known))


def source_rules(contract: str, options: WiringOptions, order: LayerOrder, wiring: Wiring, graph: ModuleGraph) -> Shown:
    """Run the rules that read sources.

    Args:
        contract: Its id.
        options: What is asked for.
        order: The layers.
        wiring: What is wired.
        graph: The modules and their files.

    Returns:
        Findings and pairs. Parses the modules of the interfaces; all modules for ``unbound``.
    """
    ports = ports_of(wiring.graph, order) if options.leaks else ()
    if not ports and not options.unbound:
        return NOTHING_SHOWN
    # What reads sources loads here: start-up checks need none of it.
    from kimera_di.composition.leaks import leak_findings, shown_by
    from kimera_di.composition.locators import deep_recursion, project_of
    from kimera_di.composition.unbound import unbound_findings

    project, found = project_of(graph), list[Finding]()
    with deep_recursion():
        shown = shown_by(project, ports, order)
        found += leak_findings(shown, order, contract)
        if options.unbound:
            found += unbound_findings(project, wiring.graph, order, contract, wiring.targets)
    broken = ((finding.importer or "", finding.imported or "") for finding in found)
    return Shown(tuple(found), frozenset((*((port, named.name) for port, named in shown), *broken)))


def judged_rules(
    spec: ContractSpec, found: Sequence[Finding], order: LayerOrder, wiring: Wiring
) -> tuple[IgnoreRule, ...]:
    """Leave out the ignores that cannot be judged without sources.

    Args:
        spec: The contract.
        found: What the wiring alone shows.
        order: The layers.
        wiring: What is wired.

    Returns:
        The other ignores: those that excuse something in ``found``, are expired, or name what no source can show.
    """
    options, today = spec.options, datetime.date.today()
    if not spec.ignores or not isinstance(options, WiringOptions) or not (options.leaks or options.unbound):
        return spec.ignores
    index = PairIndex((finding.importer or "", finding.imported or "") for finding in found)
    ports = ports_of(wiring.graph, order) if options.leaks else ()

    def may_be_shown(rule: IgnoreRule) -> bool:
        return options.unbound or any(compiled(rule.importer).fullmatch(port) for port in ports)

    return tuple(
        rule for rule in spec.ignores if expired(rule, today) or index.matching(rule) or not may_be_shown(rule)
    )
