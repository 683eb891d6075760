"""The order of a start, without building anything."""

from kimera_di import ServiceCollection, ServiceId
from kimera_di.planning import WiringGraph, make_plan
from kimera_di.resolution.schedule import Schedule


class A: ...


class B:
    def __init__(self, a: A) -> None: ...


class C:
    def __init__(self, a: A) -> None: ...


class Helper:
    def __init__(self, b: B) -> None: ...


class D:
    def __init__(self, helper: Helper, c: C) -> None: ...


class FakeLayer:
    """A layer of which only ``built`` is finished."""

    def __init__(self, graph: WiringGraph, built: set[int]) -> None:
        self.graph = graph
        self.built = built

    def has_singleton(self, number: int) -> bool:
        return number in self.built


def schedule_of(*built: type) -> tuple[Schedule, WiringGraph]:
    services = ServiceCollection().singleton(A).singleton(B).singleton(C).transient(Helper).singleton(D)
    graph = make_plan(services.descriptors()).graph
    numbers = {graph.single[ServiceId(each)] for each in built}
    return Schedule(FakeLayer(graph, numbers), [graph.single[ServiceId(D)]]), graph


def ready(schedule: Schedule, graph: WiringGraph) -> list[type]:
    """Take what may be built now."""
    taken = [graph.nodes[number].service.interface for number in schedule.ready]
    schedule.ready.clear()
    return taken


def finish(schedule: Schedule, graph: WiringGraph, kind: type) -> None:
    schedule.done(graph.single[ServiceId(kind)])


def test_what_needs_nothing_is_ready_first() -> None:
    schedule, graph = schedule_of()

    assert ready(schedule, graph) == [A]


def test_what_waited_for_the_same_thing_is_ready_together() -> None:
    schedule, graph = schedule_of()
    ready(schedule, graph)

    finish(schedule, graph, A)

    assert sorted(kind.__name__ for kind in ready(schedule, graph)) == ["B", "C"]


def test_transient_on_the_way_is_no_step_of_its_own() -> None:
    schedule, graph = schedule_of()
    ready(schedule, graph)
    for kind in (A, B, C):
        finish(schedule, graph, kind)

    assert ready(schedule, graph)[-1] is D


def test_what_is_built_is_not_scheduled() -> None:
    schedule, graph = schedule_of(A, B)

    assert ready(schedule, graph) == [C]
    assert [graph.nodes[number].service.interface for number in schedule.singletons] == [C, D]


def test_nothing_is_ready_when_everything_is_built() -> None:
    schedule, _ = schedule_of(D)

    assert schedule.singletons == ()
    assert not schedule.ready
