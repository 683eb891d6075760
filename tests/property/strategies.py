"""The one home for generators: random worlds of services, as plain data and as real annotated classes.

A ``World`` is data (who needs what, how long it lives, how it is made); ``realise`` turns it into a collection with
real classes and factories, which log every construction and every closing. Models read the data, the container reads
the classes: neither knows what the other made of it.
"""

import functools
import random
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

from hypothesis import strategies as st

from kimera_di import Key, Lifetime, ServiceCollection

SINGLETON, SCOPED, TRANSIENT = Lifetime.SINGLETON, Lifetime.SCOPED, Lifetime.TRANSIENT

SYNC_KINDS = (
    "class", "function", "classmethod", "partial", "generator", "contextmanager", "on_close", "enter", "instance"
)  # fmt: skip
ASYNC_KINDS = ("coroutine", "async generator", "async enter", "async on_close")
CLOSING_KINDS = {"generator", "contextmanager", "on_close", "enter", "async generator", "async enter", "async on_close"}
KEYS = (None, None, None, "a", "", 0, False, ("t", 1))
FORMS = ("one", "one", "one", "all", "optional", "default", "absent-optional", "absent-default", "none of")
DEFAULT = "the default"


@dataclass(frozen=True)
class Need:
    """One parameter: ``form`` is one, all, optional, default, absent-optional or absent-default."""

    form: str
    group: int
    """The interface that is asked for; a negative number is one that nobody registers."""
    style: str = "plain"
    """positional-only (``before``), ``plain``, or keyword-only (``keyword``)."""


@dataclass(frozen=True)
class Service:
    """One registration."""

    number: int
    group: int
    """Services of one group share interface and key, so the last of them answers and ``list[T]`` gives all."""
    lifetime: Lifetime
    kind: str
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class World:
    """Services in registration order; a service needs only groups with smaller numbers."""

    services: tuple[Service, ...]
    keys: tuple[Any, ...]
    """The key of every group."""

    def members(self, group: int) -> list[Service]:
        """Every service of a group, in registration order."""
        return [service for service in self.services if service.group == group]

    @functools.cached_property
    def groups(self) -> list[list[Service]]:
        """All groups."""
        return [self.members(group) for group in range(len(self.keys))]

    def targets(self, need: Need) -> list[Service]:
        """The services that are passed for a parameter."""
        if need.group < 0:
            return []
        return self.groups[need.group] if need.form == "all" else self.groups[need.group][-1:]


@dataclass
class Log:
    """What happened, in order."""

    made: list[Any] = field(default_factory=list)
    """Every object, when its construction was complete."""
    closed: list[Any] = field(default_factory=list)
    failing: set[int] = field(default_factory=set)
    """Numbers of services whose closer raises."""

    def close(self, thing: Any) -> None:
        """Note a closing, and fail if that is planned."""
        self.closed.append(thing)
        if thing.number in self.failing:
            raise ClosingFailedError(thing.number)


class ClosingFailedError(Exception):
    """A closer failed as planned."""


@dataclass
class Realised:
    """A world made of real classes."""

    world: World
    services: ServiceCollection
    interfaces: list[type]
    absent: list[type]
    """Interfaces that nobody registers."""
    log: Log

    def ask(self, group: int) -> tuple[type, Any]:
        """What a look-up of a group takes: interface and key."""
        return self.interfaces[group], self.world.keys[group]

    def fakes(self, group: int, number: int, kind: str) -> Callable[[], Any]:
        """A factory that may stand for a group in an override; ``generator`` leaves something to close."""
        cls = type(f"Fake{number}", (Thing, self.interfaces[group]), {"__slots__": ()})

        def make() -> Any:
            thing = object.__new__(cls)
            thing.number, thing.parts = number, ()
            self.log.made.append(thing)
            return thing

        def generate() -> Any:
            thing = make()
            yield thing
            self.log.close(thing)

        return generate if kind == "generator" else make


def make_world(size: int, seed: int, *, is_async: bool = False, closing: bool = False) -> World:
    """Make a legal world: no cycles, nothing missing, no captives.

    Args:
        size: Number of services.
        seed: The same seed gives the same world.
        is_async: Some makers are async.
        closing: Most services leave something to close.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    kinds = [*SYNC_KINDS, *(ASYNC_KINDS if is_async else ())]
    if closing:
        kinds = [kind for kind in kinds if kind in CLOSING_KINDS] * 4 + kinds
    services: list[Service] = []
    keys: list[Any] = []
    needs_scope: list[bool] = []  # by group: some member is scoped, or a transient that leads to a scoped one
    costs: list[int] = []  # by group: constructions that one more consumer causes; kept from exploding
    most_needs = rng.choice([1, 2, 3, 6])
    nearby = rng.choice([3, 10, size])  # deep chains or wide fans
    while len(services) < size:
        group, flag, total = len(keys), False, 0
        for _ in range(min(size - len(services), rng.choice([1, 1, 1, 2, 3]))):
            lifetime, kind = rng.choice([SINGLETON, SCOPED, TRANSIENT]), rng.choice(kinds)
            if kind == "instance":
                lifetime = SINGLETON
            near = list(range(max(0, group - nearby), group))
            usable = [each for each in near if not (lifetime is SINGLETON and needs_scope[each])]
            needs = () if kind == "instance" else _some_needs(rng, usable, most_needs)
            cost = 1 + sum(costs[need.group] for need in needs if need.group >= 0)
            if lifetime is TRANSIENT and cost > 50:
                lifetime = SCOPED
            services.append(Service(len(services), group, lifetime, kind, needs))
            leads = any(needs_scope[need.group] for need in needs if need.group >= 0)
            flag = flag or lifetime is SCOPED or (lifetime is TRANSIENT and leads)
            total += cost if lifetime is TRANSIENT else 0
        keys.append(rng.choice(KEYS))
        needs_scope.append(flag)
        costs.append(total)
    return World(tuple(services), tuple(keys))


def _some_needs(rng: random.Random, usable: list[int], most: int) -> tuple[Need, ...]:
    needs: list[Need] = []
    for _ in range(rng.randint(0, most)):
        form = rng.choice(FORMS)
        if not form.startswith(("absent", "none")) and not usable:
            continue
        group = rng.choice([-1, -2, -3]) if form.startswith(("absent", "none")) else rng.choice(usable)
        style = rng.choice(["before", "plain", "plain", "keyword"])
        if "default" in form and style == "before":
            style = "plain"
        needs.append(Need(form, group, style))
    return in_order(needs)


def in_order(needs: list[Need]) -> tuple[Need, ...]:
    """Sort parameters as a signature must have them: positional-only, plain, with a default, keyword-only."""
    order = {"before": 0, "plain": 1, "keyword": 3}
    return tuple(sorted(needs, key=lambda n: 2 if n.style == "plain" and "default" in n.form else order[n.style]))


def make_tangle(size: int, seed: int, *, missing: bool = True, shared: bool = True, edges: float = 1.5) -> World:
    """Make a world that need not be legal: cycles, missing services and captives wherever chance puts them.

    Args:
        size: Number of services.
        seed: The same seed gives the same world.
        missing: Some parameters ask for what nobody registers.
        shared: Some interfaces have several registrations.
        edges: Parameters per service, on average.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    groups = [0]
    while len(groups) < size:
        groups.append(groups[-1] + (not shared or rng.random() < 0.8))
    services: list[Service] = []
    for number, group in enumerate(groups):
        needs: list[Need] = []
        for _ in range(min(5, int(rng.expovariate(1 / edges)))):
            wanted = rng.choice([-1, -2, -3]) if missing and rng.random() < 0.1 else rng.choice(groups)
            form = "one" if wanted < 0 else rng.choice(["one", "one", "all", "optional", "default"])
            needs.append(
                Need(form, wanted, "keyword" if "default" in form else rng.choice(["before", "plain", "keyword"]))
            )
        kind = rng.choice(["class", "function", "generator", "coroutine"])
        services.append(Service(number, group, rng.choice([SINGLETON, SCOPED, TRANSIENT]), kind, in_order(needs)))
    return World(tuple(services), tuple(rng.choice(KEYS) for _ in range(groups[-1] + 1)))


def tangles(*, most: int = 12, missing: bool = True, shared: bool = True) -> st.SearchStrategy[World]:
    """Random worlds with everything that can be wrong."""
    make = functools.partial(make_tangle, missing=missing, shared=shared)
    rates = st.sampled_from([0.5, 1.0, 1.5, 3.0])
    return st.builds(make, size=st.integers(1, most), seed=st.integers(0, 2**32 - 1), edges=rates)


def worlds(*, most: int = 300, is_async: bool = False, closing: bool = False) -> st.SearchStrategy[World]:
    """Random legal worlds; small ones as often as large ones, so that failures shrink to a few services."""
    sizes = st.one_of(st.integers(1, min(12, most)), st.integers(1, most))
    make = functools.partial(make_world, is_async=is_async, closing=closing)
    return st.builds(make, size=sizes, seed=st.integers(0, 2**32 - 1))


def shuffled(world: World, seed: int) -> World:
    """The same services, registered in another order; within a group the order stays."""
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    queues = [list(members) for members in world.groups]
    order: list[Service] = []
    tickets = [service.group for service in world.services]
    rng.shuffle(tickets)
    order = [queues[group].pop(0) for group in tickets]
    return World(tuple(order), world.keys)


def realise(world: World) -> Realised:
    """Make real classes and factories with real annotations, and register them in the world's order."""
    log = Log()
    interfaces = [type(f"I{group}", (), {"__slots__": ()}) for group in range(len(world.keys))]
    absent = [type(f"Absent{number}", (), {}) for number in range(3)]
    services = ServiceCollection()
    for service in world.services:
        makers = _Makers(service, world, [*interfaces, *absent], log)
        options: dict[str, Any] = {"key": world.keys[service.group]}
        if service.kind == "instance":
            services.instance(interfaces[service.group], makers.new(()), **options)
            continue
        if service.kind in {"on_close", "async on_close"}:
            options["on_close"] = _async_closer(log) if service.kind == "async on_close" else log.close
        if service.kind in {"enter", "async enter"}:
            options["enter"] = True
        services.register(interfaces[service.group], makers.maker(), lifetime=service.lifetime, **options)
    return Realised(world, services, interfaces, absent, log)


class Thing:
    """What every service is an object of: who it is, and what it was given."""

    __slots__ = ("__weakref__", "number", "parts")


def _async_closer(log: Log) -> Callable[[Any], Any]:
    async def close(thing: Any) -> None:
        log.close(thing)

    return close


class _Makers:
    """The class or factory of one service."""

    def __init__(self, service: Service, world: World, interfaces: list[type], log: Log) -> None:
        self.service, self.log = service, log
        self.names: dict[str, Any] = {"DEFAULT": DEFAULT, "pause": _pause}
        self.signature = self._signature(world, interfaces)
        interface = interfaces[service.group]
        self.cls = type(f"S{service.number}", (Thing, interface), {"__slots__": ()})
        if service.kind == "enter":
            self.cls.__enter__ = lambda this: this  # type: ignore[attr-defined]
            self.cls.__exit__ = lambda this, *_: log.close(this)  # type: ignore[attr-defined]
        if service.kind == "async enter":
            self.cls.__aenter__ = _enter  # type: ignore[attr-defined]
            closer = _async_closer(log)
            self.cls.__aexit__ = lambda this, *_: closer(this)  # type: ignore[attr-defined]
        self.names |= {"new": self.new, "close": log.close, "note": self.note}

    def new(self, parts: tuple[Any, ...]) -> Any:
        """Make one object."""
        return self.note(object.__new__(self.cls), parts)

    def note(self, thing: Any, parts: tuple[Any, ...]) -> Any:
        """Fill one object and log that it is complete."""
        thing.number, thing.parts = self.service.number, parts
        self.log.made.append(thing)
        return thing

    def maker(self) -> Any:
        """The class, or a factory of the wanted kind."""
        kind = self.service.kind
        parts = f"({''.join(f'p{n}, ' for n in range(len(self.service.needs)))})"
        if kind in {"class", "on_close", "enter", "async enter"}:
            self.cls.__init__ = self._function("__init__", f"note(self, {parts})", first="self, ")  # type: ignore[misc]
            return self.cls
        if kind in {"coroutine", "async on_close"}:
            return self._function("make", f"await pause()\n return new({parts})", is_async=True)
        if kind in {"generator", "contextmanager", "async generator"}:
            pause = "await pause()\n " if kind == "async generator" else ""
            body = f"{pause}thing = new({parts})\n try:\n  yield thing\n finally:\n  close(thing)"
            make = self._function("make", body, is_async=kind == "async generator")
            return contextmanager(make) if kind == "contextmanager" else make
        if kind == "classmethod":
            self.cls.make = classmethod(self._function("make", f"return new({parts})", first="cls, "))  # type: ignore[attr-defined]
            return self.cls.make  # type: ignore[attr-defined]
        make = self._function("make", f"return new({parts})")
        return functools.partial(make) if kind == "partial" else make

    def _function(self, name: str, body: str, *, first: str = "", is_async: bool = False) -> Any:
        signature = first + self.signature
        text = f"{'async ' if is_async else ''}def {name}({signature}):\n {body}\n"
        names = dict(self.names)
        exec(text, names)  # noqa: S102 - the text is ours
        return names[name]

    def _signature(self, world: World, interfaces: list[type]) -> str:
        parts: list[str] = []
        styles = [need.style for need in self.service.needs]
        for index, need in enumerate(self.service.needs):
            self.names[f"T{index}"] = self._annotation(need, world, interfaces)
            default = " = DEFAULT" if "default" in need.form else ""
            if need.style == "keyword" and "keyword" not in styles[:index]:
                parts.append("*")
            parts.append(f"p{index}: T{index}{default}")
            if need.style == "before" and "before" not in styles[index + 1 :]:
                parts.append("/")
        return ", ".join(parts)

    def _annotation(self, need: Need, world: World, interfaces: list[type]) -> Any:
        wanted: Any = interfaces[need.group]  # negative: counted from the end, where the absent ones are
        key = None if need.group < 0 else world.keys[need.group]
        if need.form in {"all", "none of"}:
            return list[wanted] if key is None else Annotated[list[wanted], Key(key)]
        if "optional" in need.form:
            wanted = wanted | None
        return wanted if key is None else Annotated[wanted, Key(key)]


async def _pause() -> None:
    """Let other tasks run: they meet a claim."""
    import asyncio

    await asyncio.sleep(0)


async def _enter(this: Any) -> Any:
    return this
