"""Find the modules that the options of a contract name, and refuse a contract that names what does not exist.

In: a contract and the import graph. Out: modules of each expression; one `ContractError` for everything that is wrong.
Judges no import.
"""

from collections.abc import Iterable
from itertools import zip_longest

from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.model.patterns import compiled
from kimera_di.architecture.model.specs import ContractSpec
from kimera_di.errors import ContractError
from kimera_di.rendering import did_you_mean

_MOST_GUESSES = 3


class NamedModules:
    """Looks up what one contract names; ask for everything, then call `refuse_faults`.

    Args:
        spec: The contract, for places.
        graph: The modules of the root packages; those of other distributions are not found.
    """

    def __init__(self, spec: ContractSpec, graph: ModuleGraph) -> None:
        self.own: tuple[str, ...] = tuple(name for name in graph.files if name not in graph.external)
        """Every module of the root packages, sorted."""
        self._spec: ContractSpec = spec
        self._faults: list[tuple[str, str]] = []
        self._guesses: list[tuple[str, ...]] = []

    def matching(self, key: str, expression: str) -> tuple[str, ...]:
        """Give the modules that an expression matches, sorted; note a fault when there are none. O(modules)."""
        pattern = compiled(expression)
        found = tuple(name for name in self.own if pattern.fullmatch(name))
        if not found:
            self.fault(key, f"{key}: {expression!r} matches nothing", did_you_mean(expression, self.own))
        return found

    def fault(self, key: str, summary: str, guess: Iterable[str] = ()) -> None:
        """Note what is wrong with an option."""
        self._faults.append((key, summary))
        self._guesses.append(tuple(guess))

    def refuse_faults(self, todo: str) -> None:
        """Raise everything that was noted.

        Args:
            todo: What to do, for people.

        Raises:
            ContractError: There is a fault; the place is that of the first one.
        """
        if not self._faults:
            return
        key = self._faults[0][0]
        # The best guess for each fault comes before the second best for any.
        ranked = dict.fromkeys(guess for row in zip_longest(*self._guesses) for guess in row if guess)
        facts = (("did you mean", ", ".join([*ranked][:_MOST_GUESSES])), ("do this", todo))
        summary = "; ".join(fault for _, fault in self._faults)
        raise ContractError(summary, file=self._spec.file, key=key, line=self._spec.line_of(key), facts=facts)
