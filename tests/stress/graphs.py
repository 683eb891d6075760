"""Random graphs whose objects watch themselves: when each was opened and closed, and what it was made of."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kimera_di import ServiceCollection, ServiceContainer

_SOURCE = {
    "plain": "def make({params}):\n return world.made({number}, [{args}])\n",
    "async": "async def make({params}):\n await world.pause()\n return world.made({number}, [{args}])\n",
    "generator": (
        "def make({params}):\n thing = world.opened({number}, [{args}])\n try:\n  yield thing\n"
        " finally:\n  world.closed(thing)\n"
    ),
    "async generator": (
        "async def make({params}):\n await world.pause()\n thing = world.opened({number}, [{args}])\n try:\n"
        "  yield thing\n  await world.pause()\n finally:\n  world.closed(thing)\n"
    ),
}


class Thing:
    """What every factory makes."""

    def __init__(self, number: int, parts: list["Thing"]) -> None:
        self.number, self.parts = number, parts
        self.is_open: bool | None = None
        """``None`` for what needs no closing."""


@dataclass
class World:
    """Everything that was made, and what went wrong."""

    seed: int
    types: list[type[Thing]] = field(default_factory=list)
    lifetimes: list[str] = field(default_factory=list)
    container_first: bool = False
    """The container is closed while scopes are open: what they hold outlives the singletons it uses."""
    things: list[Thing] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def made(self, number: int, parts: list[Thing]) -> Thing:
        thing = self.types[number](number, parts)
        for part in parts:
            if part.is_open is False and not self._may_outlive(thing, part):
                self.faults.append(f"{number} was built from {part.number}, which is closed")
        return thing

    def opened(self, number: int, parts: list[Thing]) -> Thing:
        thing = self.made(number, parts)
        thing.is_open = True
        with self.lock:
            self.things.append(thing)
        return thing

    def closed(self, thing: Thing) -> None:
        if not thing.is_open:
            self.faults.append(f"{thing.number} was closed twice")
        thing.is_open = False
        for part in thing.parts:
            if part.is_open is False and not self._may_outlive(thing, part):
                self.faults.append(f"{part.number} was closed before {thing.number}, which uses it")

    def _may_outlive(self, thing: Thing, part: Thing) -> bool:
        singleton = self.lifetimes[part.number] == "singleton" != self.lifetimes[thing.number]
        return self.container_first and singleton

    async def pause(self) -> None:
        import asyncio

        await asyncio.sleep(0)

    def left_open(self) -> list[int]:
        return sorted(thing.number for thing in self.things if thing.is_open)


@dataclass(frozen=True)
class Graph:
    """A container with its services."""

    world: World
    container: ServiceContainer
    types: list[type[Thing]]
    lifetimes: list[str]
    awaits: list[bool]
    """Whether building the service awaits, itself or further down."""
    kinds: list[str]


def make_graph(seed: int, size: int = 24, *, with_async: bool = True) -> Graph:
    """Make a graph; equal seeds give equal graphs."""
    choose = random.Random(seed)  # noqa: S311 - not for secrets
    world = World(seed)
    services = ServiceCollection()
    types = [type(f"T{number}", (Thing,), {}) for number in range(size)]
    world.types.extend(types)
    lifetimes = world.lifetimes
    awaits: list[bool] = []
    kinds: list[str] = []
    for number, kind in enumerate(types):
        lifetime = choose.choice(["singleton", "scoped", "scoped", "transient"])
        allowed = [n for n in range(number) if lifetime != "singleton" or lifetimes[n] == "singleton"]
        parts = choose.sample(allowed, min(len(allowed), choose.randrange(4)))
        how = choose.choice(list(_SOURCE) if with_async and number else ["plain", "generator"])
        make = factory(world, number, how, [types[part] for part in parts])
        getattr(services, lifetime)(kind, make)
        lifetimes.append(lifetime)
        awaits.append("async" in how or any(awaits[part] for part in parts))
        kinds.append(how)
    return Graph(world, services.build(), types, lifetimes, awaits, kinds)


def factory(world: World, number: int, how: str, parts: list[type]) -> Callable[..., Any]:
    """Write a factory of one of the four kinds, with parameters of the given types."""
    names: dict[str, Any] = {"world": world, **{f"T{i}": part for i, part in enumerate(parts)}}
    params = ", ".join(f"p{i}: T{i}" for i in range(len(parts)))
    args = ", ".join(f"p{i}" for i in range(len(parts)))
    text = _SOURCE[how].format(params=params, args=args, number=number)
    exec(compile(text, f"<stress {number}>", "exec"), names)  # noqa: S102 - our own text
    made: Callable[..., Any] = names["make"]
    return made
