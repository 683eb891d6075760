"""Services that open registrations answer for, met for the first time while the container is in use.

In: a service that is asked for. Out: the number of its node, in a graph that has grown by it. Holds the root's lock
meanwhile; runs no constructor and no factory. What fails leaves no trace. See docs/decisions/0012.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from typing import Any

from kimera_di.planning.assisted import assist_with
from kimera_di.planning.derivation import Drafts
from kimera_di.planning.growing import grown
from kimera_di.vocabulary import ServiceId


class Growth:
    """Derives nodes for one container.

    Args:
        root: The inside of the container.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    def number_for(self, template: int, wanted: ServiceId) -> int:
        """Give the node of an open registration closed for a service; plan it if nobody asked before.

        Args:
            template: Number of the registration.
            wanted: The service.

        Returns:
            Its number; layers above the base learn of it with ``Layer.catch_up``.

        Raises:
            KimeraError: It, or something it needs, cannot be built.
            BuildErrors: There are several problems.
        """
        root = self._root
        templates = root.base.graph.templates
        known: int | None = templates.made.get((template, wanted))
        if known is not None:
            return known
        with root.lock:
            drafts = Drafts(templates, len(root.base.graph.nodes))
            number = drafts.number_for(template, wanted)
            self._grow(drafts)
            return number

    def number_for_factory(self, made: ServiceId, given: tuple[Any, ...] | None, registered: int | None) -> int | str:
        """Give the node that ``Factory[[...], T]`` builds; plan it if nobody asked before.

        Args:
            made: What it builds.
            given: What its caller gives; ``None`` for ``...``.
            registered: The node of ``made``, ``None`` when it is not registered.

        Returns:
            Its number, or why there cannot be one. Raises as ``number_for``.
        """
        root = self._root
        with root.lock:
            drafts = Drafts(root.base.graph.templates, len(root.base.graph.nodes))
            number = assist_with(drafts, root.base.graph.nodes).number_for(made, given, registered)
            self._grow(drafts)
            return number

    def _grow(self, drafts: Drafts) -> None:
        """Plan what was asked for; the root's lock is held."""
        root = self._root
        if drafts.pending:  # else another thread was faster
            root.base.grow(grown(root.base.graph, drafts, root.services))
            drafts.settle()
