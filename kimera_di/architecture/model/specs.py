"""What a contract file says, as frozen data: the shape every part behind the reader works with.

In: nothing (``contract_file`` makes these). Out: one `ContractFile` with a `ContractSpec` per contract.
Holds no rule and reads no file. A contract with mistakes keeps them and has no options.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kimera_di.errors import ContractError

ImportKind = Literal["runtime", "lazy", "deferred", "typing", "dynamic"]
"""How a module names another one: at import, by PEP 810, in a function, for type checkers only, or by a call."""

IMPORT_KINDS: tuple[ImportKind, ...] = ("runtime", "lazy", "deferred", "typing")
"""The static kinds, strongest first: a pair of modules is called by its strongest kind."""

ASKABLE_KINDS: tuple[ImportKind, ...] = (*IMPORT_KINDS, "dynamic")
"""What ``kinds`` of a contract may hold; calls that import count only where they are asked for."""

Level = Literal["modules", "packages", "both"]
"""Whether cycles of modules count, cycles between the children of a package, or both."""

Reach = Literal["transitive", "direct"]
"""Whether an import through modules of no layer counts as one that goes up."""

BUILT_IN_TYPES = ("layers", "forbidden", "independence", "protected", "acyclic_siblings")
"""The contract types of import-linter itself."""

KIMERA_TYPES = (
    "kimera_layers",
    "kimera_acyclic",
    "kimera_wiring",
    "kimera_composition_root",
    "kimera_interfaces",
    "kimera_metrics",
)
"""The contract types of this package."""


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One allowed exception, with the reason for it."""

    importer: str
    """Module or class name; ``*`` stands for one part of it, ``**`` for one or more."""
    imported: str
    reason: str
    until: datetime.date | None = None
    """The last day on which the exception holds."""
    issue: str | None = None
    line: int = 0

    @property
    def expression(self) -> str:
        """As written in the contract: ``shop.infra.db -> shop.web.views``."""
        return f"{self.importer} -> {self.imported}"


@dataclass(frozen=True, slots=True)
class LayersOptions:
    """Options of ``kimera_layers``; the same as in the file."""

    layers: tuple[str, ...]
    """High to low; one row each: ``a``, ``a | b``, ``a : b``, ``(a)``."""
    containers: tuple[str, ...] = ()
    """Packages whose children the layers are; wildcards allowed."""
    closed: tuple[str, ...] = ()
    """Layers that may not be skipped; a row is closed when one of its names is listed."""
    exhaustive: bool = False
    exhaustive_ignores: tuple[str, ...] = ()
    kinds: tuple[ImportKind, ...] | None = None
    """``None`` when not given: every static import that the session options keep."""
    reach: Reach = "transitive"


@dataclass(frozen=True, slots=True)
class AcyclicOptions:
    """Options of ``kimera_acyclic``; the same as in the file."""

    packages: tuple[str, ...]
    """Where no cycle may be; wildcards allowed."""
    level: Level = "both"
    kinds: tuple[ImportKind, ...] = ("runtime", "deferred", "lazy")
    """Cycles of typing-only imports are asked for."""


@dataclass(frozen=True, slots=True)
class WiringOptions:
    """Options of ``kimera_wiring``; ``layers`` and ``containers`` are already taken over from ``layers_from``."""

    services: str
    """``MODULE:SERVICES``: a collection, or a function that returns one."""
    layers_from: str | None
    layers: tuple[str, ...]
    containers: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    leaks: bool = True
    """An interface may not show types of a layer that its own may not use."""
    unbound: bool = False
    """An interface with an implementation has to be bound."""
    concrete: bool = False
    """A class of another layer has to be asked for by the interface it implements."""

    def as_layers(self) -> LayersOptions:
        """Give the layers in the form that `LayerOrder.from_options` takes."""
        return LayersOptions(layers=self.layers, containers=self.containers, closed=self.closed)


@dataclass(frozen=True, slots=True)
class CompositionRootOptions:
    """Options of ``kimera_composition_root``."""

    roots: tuple[str, ...]
    implementations: tuple[str, ...] = ()
    services: str | None = None
    may_resolve: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InterfacesOptions:
    """Options of ``kimera_interfaces``; the same as in the file."""

    packages: tuple[str, ...]
    """Whose internals are private; wildcards allowed."""
    exposes: tuple[str, ...] = ()
    """Modules that everybody may import; a package with none of them exposes its own ``__init__``."""
    friends: tuple[str, ...] = ()
    """Modules and packages that may import the internals; wildcards allowed."""
    kinds: tuple[ImportKind, ...] | None = None
    """``None`` when not given: every static import that the session options keep."""


@dataclass(frozen=True, slots=True)
class MetricsOptions:
    """Options of ``kimera_metrics``; a limit that is ``None`` was not given. A value equal to its limit is fine."""

    packages: tuple[str, ...]
    """What is measured, each package on its own; wildcards allowed."""
    max_afferent_coupling: int | None = None
    """Importers of a module."""
    max_efferent_coupling: int | None = None
    """Modules that a module imports."""
    max_instability: float | None = None
    max_distance: float | None = None
    max_propagation_cost: float | None = None
    max_cycles: int | None = None
    """Components of more than one module in a package."""


@dataclass(frozen=True, slots=True)
class BuiltInOptions:
    """Options of one of import-linter's own types, passed through as they are."""

    options: Mapping[str, object]


Options = (
    LayersOptions
    | AcyclicOptions
    | WiringOptions
    | CompositionRootOptions
    | InterfacesOptions
    | MetricsOptions
    | BuiltInOptions
)


@dataclass(frozen=True, slots=True)
class ContractSpec:
    """One contract of a file."""

    id: str
    name: str
    type: str
    file: str
    """As given by the user; shown relative to the current folder."""
    line: int
    """Where the contract begins in the file."""
    why: str | None
    """``None`` for built-in types only."""
    ignores: tuple[IgnoreRule, ...] = ()
    options: Options | None = None
    """``None`` when the contract has mistakes."""
    mistakes: tuple[ContractError, ...] = ()
    option_lines: Mapping[str, int] = field(default_factory=dict[str, int])
    """Where each option stands; empty when the file is not known."""

    def line_of(self, option: str) -> int:
        """Give the line of an option; the contract's when the option's is not known."""
        return self.option_lines.get(option, self.line)


@dataclass(frozen=True, slots=True)
class AllowUnseen:
    """A glob for files that the import graph may lack."""

    glob: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class ContractFile:
    """One contract file."""

    path: str
    root_packages: tuple[str, ...]
    contracts: tuple[ContractSpec, ...]
    allow_unseen: tuple[AllowUnseen, ...] = ()
    include_external_packages: bool = False
    exclude_type_checking_imports: bool = False
    session_options: Mapping[str, object] | None = None
    """The session table as import-linter's own contract types want it."""
    mistakes: tuple[ContractError, ...] = ()
    """Mistakes outside of contracts; none of the contracts can be checked with them."""


def kept_kinds(file: ContractFile) -> tuple[ImportKind, ...]:
    """Give the kinds of imports that the session options keep, as ``lint-imports`` would see them."""
    return tuple(kind for kind in IMPORT_KINDS if kind != "typing" or not file.exclude_type_checking_imports)


def counts_dynamic(file: ContractFile) -> bool:
    """Say whether a contract of the file asks for imports by calls, which are looked for only then."""
    return any("dynamic" in kinds_of(spec) for spec in file.contracts)


def kinds_of(spec: ContractSpec) -> tuple[ImportKind, ...]:
    """Give the kinds of imports that a contract names itself; empty when it names none or has no such option."""
    options = spec.options
    return (options.kinds or ()) if isinstance(options, LayersOptions | AcyclicOptions | InterfacesOptions) else ()
