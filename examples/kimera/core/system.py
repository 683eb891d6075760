"""The Kimera system: goes on with less when a part fails, and says so."""

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from kimera.core.interfaces import Embedded, IEmbeddingService, IKimeraSystem
from kimera_di import Key

T = TypeVar("T")

FALLBACK = "fallback"
"""The key of the embedding service that is used when the usual one fails."""

_logger = logging.getLogger(__name__)


class KimeraSystem(IKimeraSystem):
    """Tries the primary way first, always: the system recovers with the first success."""

    def __init__(self, embedding: IEmbeddingService, fallback: Annotated[IEmbeddingService, Key(FALLBACK)]) -> None:
        self._embedding, self._fallback = embedding, fallback
        self._degradations: dict[str, str] = {}

    def embed(self, text: str) -> Embedded:
        """Embed with the primary service, or with the fallback when that fails."""
        return self.attempt(
            "embedding",
            lambda: Embedded(self._embedding.embed(text), is_degraded=False),
            lambda: Embedded(self._fallback.embed(text), is_degraded=True),
        )

    def degradations(self) -> Mapping[str, str]:
        """Give what the last attempt could not do, with the reason."""
        return dict(self._degradations)

    def attempt(self, name: str, primary: Callable[[], T], fallback: Callable[[], T]) -> T:
        """Do something in the first way that works.

        Only an exception is a failure: ``None``, zero and an empty list are results. What is no ``Exception``, such as
        a cancellation, is nobody's failure and passes.

        Args:
            name: Under which the degradation is reported.
            primary: The usual way.
            fallback: The other way, used when the usual one raises.

        Returns:
            The result.
        """
        try:
            result = primary()
        except Exception as error:  # whatever it is, there is a second way; the report names it
            if name not in self._degradations:
                _logger.warning("%s failed, going on with the fallback", name, exc_info=error)
            self._degradations[name] = f"{type(error).__name__}: {error}"
            return fallback()
        if self._degradations.pop(name, None) is not None:
            _logger.info("%s works again", name)
        return result
