"""The list of behaviours: how a module of them adds one.

In: decorated functions. Out: ``Behaviour`` data in the order of the modules. Imports no behaviour itself.
"""

from collections.abc import Callable

from kimera_di.testing.conformance.model import Behaviour, Feature
from kimera_di.testing.conformance.services import Services

Check = Callable[[Services], None]


class Chapter:
    """The behaviours of one module, with stable ids that begin alike."""

    def __init__(self, source: str) -> None:
        self.source = source
        """What the sources of its behaviours begin with."""
        self.behaviours: list[Behaviour] = []

    def behaviour(self, identifier: str, title: str, source: str, *needs: Feature) -> Callable[[Check], Check]:
        """Add the decorated function.

        Args:
            identifier: The stable id.
            title: One sentence, present tense: what holds.
            source: The name of the original test, or the reports it comes from.
            *needs: Without these features it is not applicable.

        Returns:
            A decorator that gives the function unchanged.
        """

        def add(check: Check) -> Check:
            self.behaviours.append(Behaviour(identifier, title, f"{self.source}{source}", frozenset(needs), check))
            return check

        return add

    def waive(self, identifier: str, title: str, source: str, why: str) -> None:
        """Add a behaviour that has no reading in Python, and why."""
        self.behaviours.append(Behaviour(identifier, title, f"{self.source}{source}", frozenset(), None, why))
