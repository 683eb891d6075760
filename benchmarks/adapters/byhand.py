"""The same objects without a container: constructor calls and dictionary look-ups, written out."""

from collections.abc import Callable, Sequence

from benchmarks import workloads as w
from benchmarks.case import Case, NotApplicable
from benchmarks.parts import Part
from benchmarks.workloads import Workload

_GRAPH = """Office(
    Ledger(Store(Reader({settings}), Writer({pool})), Journal(Writer({pool}), Timer({clock}))),
    Audit(Journal(Writer({pool}), Timer({clock})), Report(Reader({settings}), Timer({clock}))),
    Reader({settings}),
)"""
_CHAIN = "Chain1(Chain2(Chain3(Chain4(Chain5()))))"
_HANDLER = """Handler(
    UserService(UserRepository(session)), OrderService(OrderRepository(session)), {settings},
)"""


def handle(number: int, settings: w.Settings, pool: w.Pool) -> w.Settings:  # noqa: ARG001
    """Give the settings (W12)."""
    return settings


class ByHand:
    """What everything is compared with: singletons are taken from the dictionary that W1 looks them up in."""

    name = "byhand"
    package = None

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Write the operation as a programmer without a container would."""
        if workload.is_request:
            return self._request(workload)
        if workload.id in {"W1", "W1r"}:
            return self._written("{settings}", {})
        if workload.id == "W12":
            return self._written("handle(3, {settings}, {pool})", {"handle": handle})
        if workload.id == "W2":
            return Case("Leaf()", {"Leaf": w.Leaf})
        if workload.id == "W3":
            return Case(_CHAIN, {kind.__name__: kind for kind in w.CHAIN})
        return self._written(_GRAPH, {kind.__name__: kind for kind in w.GRAPH_TRANSIENTS})

    def _request(self, workload: Workload) -> Case:
        names: dict[str, object] = {kind.__name__: kind for kind in w.REQUEST_PARTS}
        if workload.is_async:
            names["open_session"] = w.open_session_async
            before = "resource = open_session({pool})\nsession = await anext(resource)"
            after = "await anext(resource, None)"
        elif workload.resource:
            names["open_session"] = w.open_session
            before = "resource = open_session({pool})\nsession = next(resource)"
            after = "next(resource, None)"
        else:
            names["Session"] = w.Session
            before, after = "session = Session({pool})", ""
        if workload.six_scoped:
            return self._written("handler", names, f"{before}\nhandler = {_HANDLER}", after)
        return self._written(_HANDLER, names, before, after)

    def _written(self, get: str, names: dict[str, object], before: str = "", after: str = "") -> Case:
        """Fill in where the singletons are."""
        made = {w.Settings: w.Settings(), w.Pool: w.Pool(), w.Clock: w.Clock()}
        names = {"table": made, "Settings": w.Settings, "Pool": w.Pool, "Clock": w.Clock, **names}
        where = {kind.__name__.lower(): f"table[{kind.__name__}]" for kind in made}
        return Case(get.format_map(where), names, before=before.format_map(where), after=after)

    def cold(self, parts: Sequence[Part]) -> Callable[[type], object]:
        """Build ``parts`` in their order and keep them in a dictionary."""
        made: dict[type, object] = {}
        for part in parts:
            made[part.kind] = part.kind(*[made[need] for need in part.needs])
        return made.__getitem__


class ByHandLocals(ByHand):
    """The least there is: singletons in local variables of the loop, where only one function can have them."""

    name = "byhand-locals"

    def case(self, workload: Workload) -> Case | NotApplicable:
        """Write what takes singletons in without looking them up."""
        if workload.id in {"W1", "W1r", "W2", "W3"}:
            return NotApplicable("nothing is taken in; as byhand")
        return super().case(workload)

    def _written(self, get: str, names: dict[str, object], before: str = "", after: str = "") -> Case:
        where = {"settings": "settings", "pool": "pool", "clock": "clock_"}
        names = {"settings": w.Settings(), "pool": w.Pool(), "clock_": w.Clock(), **names}
        return Case(get.format_map(where), names, before=before.format_map(where), after=after)
