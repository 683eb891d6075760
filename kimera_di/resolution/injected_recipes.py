"""What is injected into one function with ``@inject``, by the container that is asked.

In: the inside of a container. Out: a recipe, remembered for the container that was asked last, which is not kept alive.
"""

import weakref
from typing import Any

from kimera_di.registration import read_parameters
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name
from kimera_di.resolution.ambient import no_current
from kimera_di.resolution.recipes import Recipe, recipe
from kimera_di.resolution.root import Root


class InjectedRecipes:
    """What to inject into one function; remembers the container it was asked for last, without keeping it alive.

    Args:
        function: What ``@inject`` was written above.
    """

    def __init__(self, function: Any) -> None:
        self._function = function
        self._last: tuple[weakref.ref[Root] | None, Recipe] = (None, ())
        self._marked: tuple[str, ...] | None = None

    def for_root(self, root: Root) -> Recipe:
        """Give what to inject when a container, or a scope of it, is asked."""
        known, wishes = self._last
        if known is not None and known() is root:
            return wishes
        wishes = recipe(root, self._function, marked_only=True)
        self._last = (weakref.ref(root), wishes)
        return wishes

    def refuse_missing(self, args: tuple[Any, ...], given: dict[str, Any]) -> None:
        """Accept a call that gives everything; there is nobody to add anything.

        Raises:
            ArgumentsError: What is given does not fit.
            ScopeRequiredError: A marked parameter is not given, even if it has a default: a scope might fill it.
        """
        from kimera_di.resolution.call_refusals import refuse_arguments, signature_of

        if self._marked is None:
            self._marked = tuple(p.name for p in read_parameters(self._function, KnownTypes(())) if p.marked)
        refuse_arguments(self._function, self._marked, args, given)
        signature = signature_of(self._function)
        bound = () if signature is None else signature.bind_partial(*args, **given).arguments
        missing = [name for name in self._marked if name not in bound]
        if missing:
            raise no_current(f"{short_name(self._function)} its {', '.join(missing)}")
