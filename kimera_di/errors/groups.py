"""Several errors at once: all problems of a collection, all closers that failed.

In: a sentence and the errors. Out: exception groups that are also ``KimeraError``.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

from kimera_di.errors.base import KimeraError
from kimera_di.rendering import dotted_name


class _ErrorGroup(ExceptionGroup[Exception], KimeraError):
    """Several errors at once; the whole of each is in ``exceptions``."""

    def __new__(cls, message: str, errors: Sequence[Exception]) -> Self:
        return super().__new__(cls, message, errors)

    def __init__(self, message: str, errors: Sequence[Exception]) -> None:
        KimeraError.__init__(self, message)
        self.args: tuple[Any, ...] = (message, tuple(errors))

    def __str__(self) -> str:
        """Say how many there are; a traceback shows each below."""
        return f"{self.code} {self.message}"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle message and errors."""
        return type(self), (self.message, tuple(_portable_error(error) for error in self.exceptions))

    def derive(self, errors: Sequence[Exception], /) -> Self:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Make a group of the same class for ``split`` and ``except*``."""
        return type(self)(self.message, errors)


class BuildErrors(_ErrorGroup):
    """Every problem of a collection at once; nothing was built."""

    code = "KD200"


class CloseErrors(_ErrorGroup):
    """Closers that failed; every other closer ran to its end."""

    code = "KD304"


def _portable_error(error: Exception) -> Exception:
    """A closer may raise what cannot be pickled: its type's name and its text arrive instead."""
    import pickle  # only who sends errors to other processes loads it

    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - any failure to pickle means: send the text instead
        return RuntimeError(f"{dotted_name(type(error))}: {error}")
    return error
