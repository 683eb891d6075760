"""Everything at once for a while: random graphs, threads, loops, overrides, closing.

``KIMERA_STRESS_S`` bounds the time of each test (default 20). The seed of a failing round is in its message. From 50 s
on add ``-o faulthandler_timeout=0``: without a GIL the dump of running threads can crash the interpreter.
"""

import asyncio
import contextlib
import os
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kimera_di import ContainerClosedError
from tests.spec.concurrency import Background
from tests.stress.graphs import Graph, Thing, make_graph

pytestmark = [pytest.mark.stress, pytest.mark.timeout(300)]

TIME_S = float(os.environ.get("KIMERA_STRESS_S", "20"))
THREADS = 8
ROUND_S = 30.0


def rounds() -> Iterator[int]:
    """Give seeds until the time is up."""
    end = time.monotonic() + TIME_S
    seed = int(time.time()) % 1_000_000
    while time.monotonic() < end:
        yield seed
        seed += 1


def all_of(works: list[Any], seed: int) -> None:
    """Run works in threads of their own; raise the first error, with the seed."""
    barrier = threading.Barrier(len(works))

    def begin(work: Any) -> None:
        barrier.wait()
        work()

    calls = [Background(lambda work=work: begin(work)) for work in works]  # type: ignore[misc]
    for call in calls:
        call.__enter__()
    for call in calls:
        assert call.is_done(ROUND_S), f"seed {seed}: a thread hangs"
    for call in calls:
        try:
            call.result()
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise


def check(graph: Graph) -> None:
    assert not graph.world.faults, (graph.world.seed, graph.world.faults)
    assert not graph.world.left_open(), (graph.world.seed, graph.world.left_open())


class Shared:
    """What threads got from one owner; two different objects for one service are a fault."""

    def __init__(self, graph: Graph, owner: Any) -> None:
        self.owner, self._graph = owner, graph
        self._found: dict[int, Thing] = {}

    def resolve(self, number: int) -> None:
        with contextlib.suppress(ContainerClosedError):
            self._note(number, self.owner.resolve(self._graph.types[number]))

    async def aresolve(self, number: int) -> None:
        with contextlib.suppress(ContainerClosedError):
            self._note(number, await self.owner.aresolve(self._graph.types[number]))

    def _note(self, number: int, thing: Thing) -> None:
        assert thing.number == number
        if self._graph.lifetimes[number] == "transient":
            return
        first = self._found.setdefault(number, thing)
        assert first is thing, f"seed {self._graph.world.seed}: service {number} has two objects"


def sync_work(graph: Graph, scopes: list[Shared], seed: int) -> Any:
    def work() -> None:
        choose = random.Random(seed)  # noqa: S311 - not for secrets
        usable = [n for n, awaits in enumerate(graph.awaits) if not awaits]
        for _ in range(30):
            number = choose.choice(usable)
            dice = choose.random()
            if dice < 0.7:
                choose.choice(scopes).resolve(number)
            elif dice < 0.9:
                with graph.container.scope() as scope:
                    assert scope.resolve(graph.types[number]).number == number
            else:
                stand_in = graph.types[number](-1, [])
                with graph.container.override(graph.types[number], stand_in), graph.container.scope() as scope:
                    assert scope.resolve(graph.types[number]) is stand_in

    return work


def async_work(graph: Graph, scopes: list[Shared], seed: int) -> Any:
    async def one(choose: random.Random) -> None:
        number = choose.randrange(len(graph.types))
        dice = choose.random()
        if dice < 0.7:
            await choose.choice(scopes).aresolve(number)
        elif dice < 0.9:
            async with graph.container.scope() as scope:
                assert (await scope.aresolve(graph.types[number])).number == number
        else:
            stand_in = graph.types[number](-1, [])
            async with graph.container.override(graph.types[number], stand_in), graph.container.scope() as scope:
                assert await scope.aresolve(graph.types[number]) is stand_in

    async def main() -> None:
        choose = random.Random(seed)  # noqa: S311 - not for secrets
        for _ in range(6):
            tasks = [asyncio.create_task(one(choose)) for _ in range(5)]
            if choose.random() < 0.3:
                await asyncio.sleep(0)
                tasks[0].cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                    raise result

    return main


def test_threads_sharing_scopes_build_everything_once_and_close_everything() -> None:
    """Synchronous: scopes are closed by one of the threads while the others go on."""
    for seed in rounds():
        graph = make_graph(seed, with_async=False)
        scopes = [Shared(graph, graph.container.scope()) for _ in range(3)]
        works = [sync_work(graph, scopes, seed * 10 + n) for n in range(THREADS - 1)]

        all_of([*works, scopes[0].owner.close], seed)
        for scope in scopes:
            scope.owner.close()
        graph.container.close()

        check(graph)


@pytest.mark.filterwarnings("ignore:.*was built in another event loop:RuntimeWarning")
def test_threads_and_loops_sharing_scopes_build_everything_once_and_close_everything() -> None:
    """Loops and threads mixed; everything is closed by the first loop, which outlives the others."""
    for seed in rounds():
        graph = make_graph(seed)
        scopes = [Shared(graph, graph.container.scope()) for _ in range(3)]
        mains = [async_work(graph, scopes, seed * 10 + n) for n in range(4)]
        works = [sync_work(graph, scopes, seed * 10 + 4 + n) for n in range(THREADS - 4)]
        loops = [asyncio.new_event_loop() for _ in mains]
        runs = [
            lambda loop=loop, main=main: loop.run_until_complete(main())  # type: ignore[misc]
            for loop, main in zip(loops, mains, strict=True)
        ]

        try:
            all_of([*runs, *works], seed)
            loops[0].run_until_complete(close(scopes, graph))
        finally:
            for loop in loops:
                loop.close()

        check(graph)


async def close(scopes: list[Shared], graph: Graph) -> None:
    for scope in scopes:
        await scope.owner.aclose()
    await graph.container.aclose()


def test_container_closed_under_load_leaves_nothing_open() -> None:
    for seed in rounds():
        graph = make_graph(seed, with_async=False)
        graph.world.container_first = True
        scopes = [Shared(graph, graph.container.scope()) for _ in range(2)]

        def load(number: int, scopes: list[Shared] = scopes, graph: Graph = graph, seed: int = seed) -> Any:
            work = sync_work(graph, scopes, seed * 10 + number)

            def until_closed() -> None:
                with contextlib.suppress(ContainerClosedError):
                    work()

            return until_closed

        all_of([*(load(n) for n in range(THREADS - 2)), graph.container.close, graph.container.close], seed)
        for scope in scopes:
            scope.owner.close()

        check(graph)


def test_first_use_by_many_threads_compiles_whole_builders() -> None:
    """More constructions than one function holds: pieces must be bound before another thread finds them."""
    for seed in rounds():
        graph = make_graph(seed, size=150, with_async=False)
        works = [lambda graph=graph, n=n: use_once(graph, 149 - n) for n in range(THREADS)]  # type: ignore[misc]

        all_of(works, seed)
        graph.container.close()

        check(graph)


def use_once(graph: Graph, number: int) -> None:
    with graph.container.scope() as scope:
        assert scope.resolve(graph.types[number]).number == number


def test_overrides_of_many_threads_never_meet() -> None:
    for seed in rounds():
        graph = make_graph(seed, with_async=False)

        def work(number: int, graph: Graph = graph, seed: int = seed) -> Any:
            def override() -> None:
                choose = random.Random(seed * 10 + number)  # noqa: S311 - not for secrets
                for _ in range(10):
                    service = choose.randrange(len(graph.types))
                    stand_in = graph.types[service](-1, [])
                    with graph.container.override(graph.types[service], stand_in), graph.container.scope() as scope:
                        for each in range(len(graph.types)):
                            thing = scope.resolve(graph.types[each])
                            assert (thing is stand_in) == (each == service)
                            strangers = [p for p in thing.parts if p.number == -1 and p is not stand_in]
                            assert not strangers, f"seed {seed}: the override of another thread was seen"
                    with graph.container.scope() as scope:
                        assert scope.resolve(graph.types[service]).number == service

            return override

        all_of([work(n) for n in range(THREADS)], seed)
        graph.container.close()

        check(graph)
