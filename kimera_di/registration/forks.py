"""After ``os.fork``: tell whoever has locks, or objects of its parent, that it is in a child now.

In: owners, held weakly. Out: each is called once in every child, before ``os.fork`` returns there. Knows nothing
of what they do.
"""

import os
import weakref
from typing import Protocol


class ForkAware(Protocol):
    """Something that must change in a forked child."""

    def after_fork_in_child(self) -> None:
        """Make new locks; called by the only thread there is."""
        ...


_owners: "weakref.WeakSet[ForkAware]" = weakref.WeakSet()


def watch_forks(owner: ForkAware) -> None:
    """Call ``owner.after_fork_in_child()`` in every child that is forked while it lives; asking twice is harmless."""
    _owners.add(owner)


def _after_fork_in_child() -> None:
    for owner in list(_owners):
        owner.after_fork_in_child()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
