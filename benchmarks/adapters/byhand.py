"""The same objects without a container: constructor calls and one dictionary look-up, written out."""

from collections.abc import Callable, Sequence

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload

_GRAPH = """Office(
    Ledger(Store(Reader(settings), Writer(pool)), Journal(Writer(pool), Timer(clock_))),
    Audit(Journal(Writer(pool), Timer(clock_)), Report(Reader(settings), Timer(clock_))),
    Reader(settings),
)"""
_CHAIN = "Chain1(Chain2(Chain3(Chain4(Chain5()))))"
_HANDLER = """Handler(
    UserService(UserRepository(session)), OrderService(OrderRepository(session)), settings,
)"""


def handle(number: int, settings: w.Settings, pool: w.Pool) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings


class ByHand:
    """What everything is compared with."""

    name = "byhand"
    package = None

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Write the operation as a programmer without a container would."""
        if workload.is_request:
            return self._request(workload)
        if workload.id in {"W1", "W1r"}:
            return Case("table[key]", {"table": {w.Settings: w.Settings()}, "key": w.Settings})
        if workload.id == "W12":
            names: dict[str, object] = {"handle": handle, "settings": w.Settings(), "pool": w.Pool()}
            return Case("handle(3, settings, pool)", names)
        if workload.id == "W2":
            return Case("Leaf()", {"Leaf": w.Leaf})
        if workload.id == "W3":
            return Case(_CHAIN, {kind.__name__: kind for kind in w.CHAIN})
        names = {kind.__name__: kind for kind in w.GRAPH_TRANSIENTS}
        return Case(_GRAPH, names | {"settings": w.Settings(), "pool": w.Pool(), "clock_": w.Clock()})

    def _request(self, workload: Workload) -> Case:
        names: dict[str, object] = {kind.__name__: kind for kind in w.REQUEST_PARTS}
        names |= {"settings": w.Settings(), "pool": w.Pool()}
        if workload.is_async:
            names["open_session"] = w.open_session_async
            before = "resource = open_session(pool)\nsession = await anext(resource)"
            after = "await anext(resource, None)"
        elif workload.resource:
            names["open_session"] = w.open_session
            before = "resource = open_session(pool)\nsession = next(resource)"
            after = "next(resource, None)"
        else:
            names["Session"] = w.Session
            before, after = "session = Session(pool)", ""
        if workload.six_scoped:
            return Case("handler", names, before=f"{before}\nhandler = {_HANDLER}", after=after)
        return Case(_HANDLER, names, before=before, after=after)

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Build ``parts`` in their order and keep them in a dictionary."""
        made: dict[type, object] = {}
        for part in parts:
            made[part.kind] = part.kind(*[made[need] for need in part.needs])
        return made.__getitem__
