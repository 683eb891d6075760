"""Settings as services: pydantic-settings models that are read when the container is built.

In: models registered with ``services.settings(Model)``. Out: descriptors for the models and their nested models,
and one error per model that names every variable that is missing or wrong. This module stays small, as every
application loads it; the others load once a model is registered. Follows docs/decisions/0009.
"""

from collections.abc import Sequence

from kimera_di.registration.entries import Entry

__all__ = ["has_settings"]

_MAKERS = f"{__name__}.makers"


def has_settings(entries: Sequence[Entry]) -> bool:
    """Tell whether a settings model is among the registrations; loads nothing. O(entries)."""
    return any(type(getattr(entry, "maker", None)).__module__ == _MAKERS for entry in entries)
