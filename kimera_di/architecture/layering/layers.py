"""The order of layers: which layer a module is in, and which layer may use which.

In: the options of a layers contract. Out: a `LayerOrder` that answers questions about names alone; it
reads no graph and no file, so imports and wiring are judged by the same object. Needs the standard
library only.

Source:
    The grammar of rows is import-linter's (``a | b``, ``a : b``, ``(x)``); what a closed layer forbids is
    grimp's definition.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kimera_di.architecture.model.patterns import fragment
from kimera_di.architecture.model.specs import LayersOptions
from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of ``layers``: layers of the same height."""

    names: tuple[str, ...]
    optional: frozenset[str]
    independent: bool
    """Siblings may not use each other (``a | b``)."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, inside one container when the contract has containers."""

    name: str
    """As written in the contract."""
    row: int
    """0 is the highest."""
    container: str | None = None

    @property
    def package(self) -> str:
        """The full name of the layer's module or package."""
        return f"{self.container}.{self.name}" if self.container else self.name

    def __str__(self) -> str:
        """Give the name as written in the contract."""
        return self.name


@dataclass(frozen=True)
class LayerOrder:
    """Layers from high to low, with the rules between them."""

    rows: tuple[Row, ...]
    containers: tuple[str, ...] = ()
    closed: frozenset[int] = frozenset()
    """Numbers of the rows that may not be skipped."""

    @classmethod
    def from_options(cls, options: LayersOptions) -> "LayerOrder":
        """Make the order of a contract whose options `contract_file` found no mistakes in.

        Args:
            options: As `contract_file` returns them.

        Returns:
            The order; equal options give equal orders.
        """
        rows = tuple(parse_row(text) for text in options.layers)
        closed = frozenset(number for number, row in enumerate(rows) if set(row.names) & set(options.closed))
        return cls(rows=rows, containers=options.containers, closed=closed)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every layer as written, high to low."""
        return tuple(name for row in self.rows for name in row.names)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {name: number for number, row in enumerate(self.rows) for name in row.names}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # The longest container wins, so that a container inside another one keeps its own layers.
        heads = "|".join(fragment(item) for item in sorted(self.containers, key=lambda c: (-c.count("."), c)))
        tails = "|".join(re.escape(name) for name in sorted(self.names, key=lambda n: (-n.count("."), n)))
        container = rf"(?P<container>{heads})\." if heads else ""
        return re.compile(rf"{container}(?P<layer>{tails})(?:\..+)?")

    @cached_property
    def _found(self) -> dict[str, Layer | None]:
        return {}

    def layer_of(self, module: str) -> Layer | None:
        """Find the layer of a module or class by its dotted name.

        Args:
            module: For instance ``shop.core.cart`` or ``shop.core.cart.Cart``.

        Returns:
            Its layer, or ``None`` for what is in no layer (the composition root, for instance).
            Time O(length of the name x names in the contract), the second time O(1).
        """
        if module not in self._found:
            self._found[module] = self._find(module)
        return self._found[module]

    def _find(self, module: str) -> Layer | None:
        match = self._pattern.fullmatch(module)
        if match is None:
            return None
        found = match.groupdict()
        name = found["layer"]
        return Layer(name=name, row=self._row_of[name], container=found.get("container"))

    def layer_named(self, name: str) -> Layer:
        """Give the layer called ``name`` in the contract, of no particular container.

        Args:
            name: As written in ``layers``, without parentheses.

        Returns:
            The layer.

        Raises:
            KimeraError: No layer has this name; the message guesses.
        """
        row = self._row_of.get(name)
        if row is None:
            guess = ", ".join(did_you_mean(name, self.names))
            facts = (("layers", ", ".join(self.names)), ("did you mean", guess))
            raise KimeraError(f"the contract has no layer {name!r}", facts=facts)
        return Layer(name=name, row=row)

    def allows(self, from_module: str, to_module: str) -> bool:
        """Say whether ``from_module`` may use ``to_module``; modules in no layer may use and be used by all."""
        user, used = self.layer_of(from_module), self.layer_of(to_module)
        return user is None or used is None or self.allows_layer(user, used)

    def allows_layer(self, user: Layer, used: Layer) -> bool:
        """Say whether a layer may use another one.

        Args:
            user: The layer that depends.
            used: The layer that is depended on.

        Returns:
            True within one layer, downward unless a closed layer lies between, between open siblings
            (``a : b``), and between different containers, which the contract does not compare.
        """
        if user.container != used.container or user.name == used.name:
            return True
        if user.row == used.row:
            return not self.rows[user.row].independent
        if user.row > used.row:
            return False
        return not any(number in self.closed for number in range(user.row + 1, used.row))


def parse_row(text: str) -> Row:
    """Read one entry of ``layers``; a text that `row_fault` accepts."""
    separator = "|" if "|" in text else ":"
    parts = [part.strip() for part in text.split(separator)]
    names = tuple(part[1:-1].strip() if part.startswith("(") and part.endswith(")") else part for part in parts)
    optional = frozenset(name for name, part in zip(names, parts, strict=True) if part.startswith("("))
    return Row(names=names, optional=optional, independent=separator == "|" or len(names) == 1)


def row_fault(text: str) -> str | None:
    """Say what is wrong with one entry of ``layers``, or ``None``."""
    if "|" in text and ":" in text:
        return f"{text!r} mixes | (independent) and : (open); use one of them in a row"
    for name in parse_row(text).names:
        if not all(part.isidentifier() for part in name.split(".")):
            return f"{name!r} in {text!r} is no dotted name" if name else f"{text!r} has an empty name"
    return None


def order_faults(rows: Iterable[str]) -> list[str]:
    """Find layers named twice and layers inside other layers; each would be in two places at once."""
    names = [name for text in rows for name in parse_row(text).names]
    faults = [f"{name!r} is listed more than once" for name in sorted({n for n in names if names.count(n) > 1})]
    distinct = sorted(set(names))
    faults += [
        f"{inner!r} lies inside {outer!r}; a module can be in one layer only"
        for outer in distinct
        for inner in distinct
        if inner.startswith(f"{outer}.")
    ]
    return faults
