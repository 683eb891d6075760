"""Prove that a container gives the lifetimes a workload asks for, before its time counts.

In: a probe (see ``case.make_probe``). Out: the list of what is wrong, empty when all is right. A container that shares
a transient or forgets to close a session is fast for the wrong reason.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import AsyncGeneratorType, GeneratorType
from typing import Any, Final

from benchmarks.case import Seen
from benchmarks.workloads import (
    CHAIN,
    GRAPH_SINGLETONS,
    GRAPH_TRANSIENTS,
    ROOT_KEYS,
    Chain1,
    Handler,
    Leaf,
    Office,
    Session,
    Settings,
    Workload,
    open_session,
    open_session_async,
)

GRAPH_CONSTRUCTIONS: Final = 16
_SESSION_CODE: Final = frozenset({open_session.__code__, open_session_async.__code__})


@dataclass(slots=True)
class Seeing:
    """What a probe showed.

    Attributes:
        pairs: The two objects of each scope.
        generators: Those that opened the sessions. Holding them matters: the interpreter ends a generator that nobody
            holds any more, which would look as if the container had closed it.
        closed_inside: A session was closed while its scope was still open.
    """

    pairs: list[tuple[object, object]]
    generators: list[object]
    closed_inside: bool = False


def find_wrong(workload: Workload, probe: Callable[[Seen], None]) -> list[str]:
    """Run ``probe`` in two scopes, one after the other, and compare what came out with what the workload asks for.

    Args:
        workload: Says which lifetimes are expected.
        probe: Asks for the object twice in one scope and shows both.

    Returns:
        One sentence for each expectation that does not hold.
    """
    seeing = Seeing([], [])

    def seen(first: object, second: object) -> None:
        seeing.pairs.append((first, second))
        seeing.generators += _session_generators()
        seeing.closed_inside |= any(
            isinstance(item, Handler) and item.users.repository.session.closed for item in (first, second)
        )

    probe(seen)
    probe(seen)
    objects = [item for pair in seeing.pairs for item in pair]
    expected = _expected_type(workload)
    if len(objects) != 4 or any(type(item) is not expected for item in objects):
        return [f"does not give {expected.__name__} but {sorted({type(item).__name__ for item in objects})}"]
    return list(_CHECKS[expected](workload, seeing, objects))


def _session_generators() -> list[object]:
    found: list[Any] = [item for item in gc.get_objects() if isinstance(item, GeneratorType | AsyncGeneratorType)]
    codes = [item.gi_code if isinstance(item, GeneratorType) else item.ag_code for item in found]
    return [item for item, code in zip(found, codes, strict=True) if code in _SESSION_CODE]


def _expected_type(workload: Workload) -> type:
    return Handler if workload.is_request else ROOT_KEYS[workload.id]


def _check_singleton(_workload: Workload, _seeing: Seeing, objects: list[object]) -> Iterator[str]:
    if not _all_same(objects):
        yield "the singleton is built more than once"


def _check_leaf(_workload: Workload, _seeing: Seeing, objects: list[object]) -> Iterator[str]:
    if not _all_different(objects):
        yield "the transient is shared"


def _check_chain(_workload: Workload, _seeing: Seeing, objects: list[object]) -> Iterator[str]:
    links: list[object] = []
    for item in objects:
        node: object = item
        while node is not None:
            links.append(node)
            node = getattr(node, "next", None)
    if len(links) != len(CHAIN) * len(objects):
        yield "the chain has not five links"
    if not _all_different(links):
        yield "a link of the chain is shared"


def _check_graph(_workload: Workload, _seeing: Seeing, objects: list[object]) -> Iterator[str]:
    nodes: list[object] = []
    for item in objects:
        nodes.extend(_walk(item))
    transients = [node for node in nodes if isinstance(node, GRAPH_TRANSIENTS)]
    if len(transients) != GRAPH_CONSTRUCTIONS * len(objects):
        yield f"the graph has {len(transients)} transients, not {GRAPH_CONSTRUCTIONS * len(objects)}"
    if not _all_different(transients):
        yield "a transient of the graph is shared"
    for kind in GRAPH_SINGLETONS:
        if not _all_same([node for node in nodes if isinstance(node, kind)]):
            yield f"the singleton {kind.__name__} is not there or built more than once"


def _walk(node: object) -> Iterator[object]:
    yield node
    if isinstance(node, GRAPH_TRANSIENTS):
        for part in vars(node).values():
            yield from _walk(part)


def _check_request(workload: Workload, seeing: Seeing, objects: list[object]) -> Iterator[str]:
    handlers = [item for item in objects if isinstance(item, Handler)]
    sessions = [_sessions(pair) for pair in seeing.pairs]
    if any(not _all_same(of_scope) for of_scope in sessions):
        yield "the session is not shared within its scope"
    if sessions[0][0] is sessions[1][0]:
        yield "the session outlives its scope"
    if not _all_same([handler.settings for handler in handlers]):
        yield "the singleton Settings is built more than once"
    if not _all_same([session.pool for of_scope in sessions for session in of_scope]):
        yield "the singleton Pool is built more than once"
    if seeing.closed_inside:
        yield "the session is closed before its scope ends"
    if workload.resource and not all(of_scope[0].closed for of_scope in sessions):
        yield "the session is not closed when its scope ends"
    yield from _check_parts(workload, seeing)


def _check_parts(workload: Workload, seeing: Seeing) -> Iterator[str]:
    for first, second in seeing.pairs:
        for one, other in zip(_parts(first), _parts(second), strict=True):
            if workload.six_scoped != (one is other):
                yield f"{type(one).__name__} is {'not ' if workload.six_scoped else ''}shared within its scope"
    for one, other in zip(_parts(seeing.pairs[0][0]), _parts(seeing.pairs[1][0]), strict=True):
        if one is other:
            yield f"{type(one).__name__} outlives its scope"


def _parts(item: object) -> tuple[object, ...]:
    if not isinstance(item, Handler):
        return ()
    return (item, item.users, item.orders, item.users.repository, item.orders.repository)


def _sessions(pair: tuple[object, object]) -> list[Session]:
    handlers = [item for item in pair if isinstance(item, Handler)]
    return [part.repository.session for handler in handlers for part in (handler.users, handler.orders)]


def _all_same(objects: Sequence[object]) -> bool:
    return len({id(item) for item in objects}) == 1


def _all_different(objects: Sequence[object]) -> bool:
    return len({id(item) for item in objects}) == len(objects)


_CHECKS: Final[dict[type, Callable[[Workload, Seeing, list[object]], Iterator[str]]]] = {
    Settings: _check_singleton,
    Leaf: _check_leaf,
    Chain1: _check_chain,
    Office: _check_graph,
    Handler: _check_request,
}
