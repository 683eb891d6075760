"""What a forked child makes of the containers of its parent: guarantee 13.

In: a root, in a child that has just been forked and has one thread. Out: locks are new; what other threads were
building, and what the parent opened, is not the child's any more; singletons that must not be shared are built
again when they are asked for. Nothing of the parent is closed, or even collected: see docs/decisions/0015.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

import gc
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from kimera_di.compilation import assembler
from kimera_di.planning.walks import consumers_of, reached
from kimera_di.registration.forks import watch_forks
from kimera_di.resolution import deadlocks, failures
from kimera_di.resolution.claims import ASYNC, CLOSERS, FIRST_WAITER, Values, is_claim, take
from kimera_di.resolution.scope import Scope
from kimera_di.resolution.second_closers import CLOSING, is_own
from kimera_di.vocabulary import Lifetime

_KEPT: list[Any] = []
"""What the parent opened and built; the child must not even collect it: that would close it."""


class Children:
    """Takes part in forks for one container; the root owns it.

    Args:
        root: The inside of the container.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        watch_forks(self)

    def after_fork_in_child(self) -> None:
        """Make the container usable in the child; O(objects that the collector knows), to find open scopes."""
        root = self._root
        _renew_shared_locks()
        root.lock = threading.RLock()
        layers = list(_layers(root))
        for layer in layers:
            layer.renew()
        owners = [root._values, *(account._values for account in (*root.overrides, *root.leftovers)), *_scopes(root)]
        dictionaries: list[Values] = [values for values in owners if values is not None]
        _end_closing(root)
        kept: list[Any] = [account.forget_opened() for account in root.overrides]
        for values in dictionaries:
            _drop_claims(values)
            kept.append(_taken_closers(values))
        kept.extend(_taken_objects(layer, dictionaries) for layer in layers)
        root.drop_tables()
        if any(kept):
            _keep(kept)


def _renew_shared_locks() -> None:
    assembler._codes_lock = threading.RLock()
    failures._notes_lock = threading.RLock()
    deadlocks._lock = threading.RLock()
    deadlocks._waits.clear()  # of threads that do not exist here


def _layers(root: Any) -> Iterator[Any]:
    """Give every layer once: the base, and those of overrides in force."""
    seen: set[int] = set()
    for top in (root.base, *(account.layer for account in (*root.overrides, *root.leftovers))):
        layer = top
        while layer is not None and id(layer) not in seen:
            seen.add(id(layer))
            yield layer
            layer = layer.below


def _scopes(root: Any) -> Iterator[Values | None]:
    """Find the open scopes: nobody keeps a list of them, because that would cost every request."""
    for found in gc.get_referrers(root):
        if isinstance(found, Scope):
            yield found._values


def _end_closing(root: Any) -> None:
    """Let nobody wait for a thread that was closing the container when its process was forked."""
    claim = getattr(root, "_closing", None)
    if claim is None or is_own(claim):
        return
    claim[0] = None
    if root._values is not None and root._values.get(CLOSING) is claim:  # it had not begun in earnest
        del root._values[CLOSING]


def _drop_claims(values: Values) -> None:
    """Free the cells that threads and tasks of the parent were building; our own stack goes on with its claims."""
    alive = {id(hold.claim) for hold in deadlocks.held_here()}
    for cell, value in list(values.items()):
        if not is_claim(value):
            continue
        waiting = FIRST_WAITER + (value[0] is ASYNC)
        del value[waiting:]
        if id(value) in alive:
            continue
        if value[0] is ASYNC:
            take(value)  # should its task go on here after all, it finds out
        del values[cell]


def _taken_closers(values: Values) -> list[Any]:
    """Take what the parent opened; the list stays, because a builder on our stack may append to it."""
    closers: list[Any] = values.get(CLOSERS, [])
    taken = list(closers)
    closers.clear()
    return taken


def _taken_objects(layer: Any, dictionaries: Iterable[Values]) -> list[Any]:
    """Take singletons that are not safe to share, and every object that holds one."""
    nodes = layer.graph.nodes
    unsafe = [n.number for n in nodes if not n.fork_safe and layer.has_built(n.number)]
    if not unsafe:
        return []
    edges = [tuple(t for d in node.dependencies for t in (*d.targets, *d.later)) for node in nodes]
    taken: list[Any] = []
    for number in reached(unsafe, consumers_of(edges)):
        if nodes[number].lifetime is Lifetime.TRANSIENT:
            continue
        cell = layer.cells[number]
        taken.extend(values.pop(cell) for values in dictionaries if cell in values and not is_claim(values[cell]))
    return taken


def _keep(things: list[Any]) -> None:
    """Keep things for as long as the process lives, its end included.

    Collecting a suspended generator runs its ``finally``, and many connections say goodbye when they are collected:
    on a socket that is the parent's. One reference more than anybody holds outlives the interpreter's own clean-up.
    """
    _KEPT.append(things)
    try:
        import ctypes
    except ImportError:  # an interpreter built without it: kept until the modules are cleared
        return
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(things))
