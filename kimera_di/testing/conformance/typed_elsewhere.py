"""A class whose annotation is imported for type checkers only. See ``behaviours/isolation.py``, T-28."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kimera_di.testing.conformance.subjects import Leaf


class Guarded:
    """Wants a service that its module does not import while it runs."""

    def __init__(self, leaf: "Leaf") -> None:
        self.leaf = leaf
