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
