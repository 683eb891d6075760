"""What the layer contracts of one file forbid, as plain rules about modules.

In: a contract file and the import graph. Out: one `LayerRule` per container of every ``kimera_layers`` and
``layers`` contract. Imports that a contract ignores are left out: for it they are gone already. Judges no
import.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from kimera_di.architecture.configuration.contract_options import read_layers
from kimera_di.architecture.configuration.option_reader import OptionReader
from kimera_di.architecture.ignoring.ignore_matches import PairIndex
from kimera_di.architecture.ignoring.ignores import expired
from kimera_di.architecture.layering.layers import Layer, LayerOrder
from kimera_di.architecture.layering.placement import ModuleNames, Placement, place_modules
from kimera_di.architecture.model.module_graph import ModuleGraph, Pair
from kimera_di.architecture.model.specs import (
    BuiltInOptions,
    ContractFile,
    ContractSpec,
    IgnoreRule,
    ImportKind,
    LayersOptions,
    kept_kinds,
)
from kimera_di.architecture.rules.layers_contract import missing_layers_error
from kimera_di.errors import ContractError


@dataclass(frozen=True, slots=True)
class LayerRule:
    """Which layers may not reach which, in one container of one contract."""

    contract: str
    """Id of the contract."""
    layer_of: Mapping[str, int]
    """Number of the layer of every module that is in one."""
    forbidden: tuple[frozenset[int], ...]
    """For each layer those that it may not reach."""
    pairs: frozenset[Pair]
    """The imports that count."""
    kinds: tuple[ImportKind, ...]
    transitive: bool
    """Ways through modules of no layer count too."""


def layer_contracts(file: ContractFile) -> tuple[ContractSpec, ...]:
    """Give the contracts of a file that put modules into layers, in the order of the file."""
    return tuple(spec for spec in file.contracts if spec.type in {"kimera_layers", "layers"})


def layer_rules(
    file: ContractFile,
    specs: Sequence[ContractSpec],
    graph: ModuleGraph,
    *,
    today: datetime.date | None = None,
) -> tuple[LayerRule, ...]:
    """Work out what some layer contracts forbid.

    Args:
        file: The contract file.
        specs: Contracts of it, from `layer_contracts`.
        graph: The imports of its root packages.
        today: For tests; the current day otherwise.

    Returns:
        Rules in the order of the contracts. Time O(contracts x (modules x containers + imports + ignores)), and
        O(modules) more for each ignore with wildcards.

    Raises:
        ContractError: A contract has mistakes, or names a layer or container that does not exist.
    """
    day = today or datetime.date.today()
    names = ModuleNames(graph)
    return tuple(rule for spec in specs for rule in _rules(spec, file, graph, names, day))


def _rules(
    spec: ContractSpec, file: ContractFile, graph: ModuleGraph, names: ModuleNames, day: datetime.date
) -> Iterator[LayerRule]:
    if spec.mistakes:
        raise spec.mistakes[0]
    options, ignores = layer_options(spec)
    order = LayerOrder.from_options(options)
    placements, faults = place_modules(names, order, file.root_packages)
    if faults:
        raise missing_layers_error(spec, faults)
    kinds = options.kinds or kept_kinds(file)
    every = frozenset(graph.pairs(kinds))
    index = PairIndex(every)
    pairs = every.difference(*(index.matching(rule) for rule in ignores if not expired(rule, day)))
    for placement in placements:
        yield _rule(spec.id, placement, order, pairs, kinds, options.reach == "transitive")


def _rule(
    contract: str,
    placement: Placement,
    order: LayerOrder,
    pairs: frozenset[Pair],
    kinds: tuple[ImportKind, ...],
    transitive: bool,
) -> LayerRule:
    layers = placement.layers
    number = {layer: position for position, layer in enumerate(layers)}

    def refused(user: Layer) -> frozenset[int]:
        return frozenset(number[used] for used in layers if not order.allows_layer(user, used))

    return LayerRule(
        contract=contract,
        layer_of={module: number[layer] for module, layer in placement.layer_of.items()},
        forbidden=tuple(refused(user) for user in layers),
        pairs=pairs,
        kinds=kinds,
        transitive=transitive,
    )


def layer_options(spec: ContractSpec) -> tuple[LayersOptions, Sequence[IgnoreRule]]:
    """Give the options of either type in our form; import-linter's layers are ours without the extras.

    Args:
        spec: A contract from `layer_contracts`, without mistakes.

    Returns:
        Its layers and its ignores.

    Raises:
        ContractError: The layers of a built-in contract cannot be read.
    """
    if isinstance(spec.options, LayersOptions):
        return spec.options, spec.ignores
    given: Mapping[str, object] = spec.options.options if isinstance(spec.options, BuiltInOptions) else {}
    mistakes: list[ContractError] = []
    table = {key: given[key] for key in ("layers", "containers") if key in given}
    options = read_layers(OptionReader(table, file=spec.file, path=(), lines={(): spec.line}, mistakes=mistakes))
    if mistakes:
        raise mistakes[0]
    return options, [_ignore(text) for text in _texts(given.get("ignore_imports"))]


def _ignore(expression: str) -> IgnoreRule:
    importer, _, imported = (part.strip() for part in expression.partition("->"))
    return IgnoreRule(importer, imported, reason="")


def _texts(value: object) -> list[str]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]
