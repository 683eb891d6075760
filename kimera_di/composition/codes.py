"""Codes of the findings about wiring and composition roots, stable like the names.

In: nothing. Out: constants. Those about imports are in ``kimera_di.architecture.model.codes``.
"""

WIRING = "KD421"
"""A wiring edge goes up a layer."""
IMPLEMENTATION_IMPORT = "KD422"
"""A module outside the composition roots imports an implementation."""
LOCATOR = "KD423"
"""A module outside the composition roots asks the container for services."""
NOT_SEARCHED = "KD424"
"""A module could not be searched for calls of the container: its syntax is newer than this interpreter's."""
LEAK = "KD425"
"""An interface shows a type of a layer that its own layer may not use."""
UNBOUND = "KD426"
"""An interface has an implementation, but nothing binds it."""
CONCRETE = "KD427"
"""A class of another layer is injected as itself although it implements an interface."""
