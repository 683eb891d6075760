"""Every behaviour of the suite, by where it comes from.

In: the modules beside this one. Out: ``BEHAVIOURS``. Decides nothing.
"""

from kimera_di.testing.conformance.behaviours import (
    activator,
    asking,
    closing,
    core,
    core_scopes,
    decoration,
    generics,
    isolation,
    keyed,
    keyed_many,
    keyed_parameters,
    overrides,
    resources,
    tasks,
    threads,
    validation,
)
from kimera_di.testing.conformance.model import Behaviour

_CHAPTERS = (
    core.CHAPTER,
    core_scopes.CHAPTER,
    generics.CHAPTER,
    activator.CHAPTER,
    asking.CHAPTER,
    keyed.CHAPTER,
    keyed_parameters.CHAPTER,
    keyed_many.CHAPTER,
    validation.CHAPTER,
    closing.CHAPTER,
    decoration.CHAPTER,
    threads.CHAPTER,
    tasks.CHAPTER,
    resources.CHAPTER,
    overrides.CHAPTER,
    isolation.CHAPTER,
    validation.USERS,
    closing.SCOPES,
)

BEHAVIOURS: tuple[Behaviour, ...] = tuple(
    sorted((each for chapter in _CHAPTERS for each in chapter.behaviours), key=lambda each: each.id)
)
"""Sorted by id: decoration, closing, scopes and validation (EXT), the original suite (MEDI), torture (T)."""
