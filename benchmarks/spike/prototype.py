"""A container of one page with everything that touches the hot path, to fix tables, claims and locks.

Variants are chosen by ``claims=``: "cell" (claim and value share the cell), "pair" (a claims dict beside
the values), "lock" (a lock per scope), "none" (unsafe, the floor).
"""

import inspect
import threading
from typing import Any

CLAIM = object()
new = object.__new__


def settle(values: dict, number: int, claim: list, build: Any = None) -> Any:
    """Wait for another builder; on failure take over (the spike waits on a lock per waiter)."""
    lock = threading.Lock()
    lock.acquire()
    claim.append(lock)
    if values.get(number) is claim:
        lock.acquire(timeout=5)
    return values[number]


def wake(claim: list) -> None:
    while len(claim) > 1:
        claim.pop().release()


def failed(values: dict, number: int, claim: list) -> None:
    del values[number]
    wake(claim)


class Scope:
    __slots__ = ("claims", "lock", "owner", "table", "values")

    def __enter__(self) -> "Scope":
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        values = self.values
        if values is None:
            return
        self.values = None
        self.table = {}
        if 0 in values:
            for closer in reversed(values[0]):
                next(closer, None)

    async def __aenter__(self) -> "Scope":
        return self

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        values = self.values
        if values is None:
            return
        self.values = None
        self.table = {}
        if 0 in values:
            for closer in reversed(values[0]):
                try:
                    closer.__anext__().send(None)
                except StopAsyncIteration:
                    continue

    def resolve(self, service: type, key: Any = None) -> Any:
        if key is not None:
            raise KeyError(key)
        try:
            build = self.table[service]
        except KeyError:
            build = self.owner.compile(service)
        return build(self)

    def aresolve(self, service: type, key: Any = None) -> Any:
        try:
            build = self.owner.scope_atable[service]
        except KeyError:
            build = self.owner.compile(service, True)
        return build(self)


class Warm(dict):
    __slots__ = ("owner",)

    def __missing__(self, service: type) -> Any:
        return self.owner.miss(service)(None)


class Container:
    """``[]`` is the bound C method of a private dict, on a class made for this container."""

    def __new__(cls, *args: Any, **options: Any) -> "Container":
        warm = Warm()
        self = object.__new__(type("Container", (cls,), {"__getitem__": warm.__getitem__}))
        self.warm, warm.owner = warm, self
        return self

    def __init__(self, services: dict[type, tuple[Any, str]], claims: str = "cell", context: bool = True) -> None:
        self.services, self.claims, self.context = services, claims, context
        self.numbers = {service: number for number, service in enumerate(services, 1)}
        self.singletons: dict[type, Any] = {}
        self.epoch, self.lock, self.listener = 0, threading.Lock(), None
        self.table, self.scope_table, self.scope_atable = {}, {}, {}
        self.layer: dict[type, Any] = {}

    def scope(self, values: Any = None, *, ambient: bool = False) -> Scope:
        if values is not None or ambient:
            raise NotImplementedError
        scope = new(Scope)
        scope.values = {}
        scope.table = self.scope_table
        scope.owner = self
        if self.claims == "pair":
            scope.claims = {}
        elif self.claims == "lock":
            scope.lock = threading.Lock()
        return scope

    def resolve(self, service: type, key: Any = None) -> Any:
        if key is not None:
            raise KeyError(key)
        try:
            build = self.table[service]
        except KeyError:
            build = self.miss(service)
        return build(self)

    def drop_tables(self) -> None:
        """Overrides, listeners and closing: one new epoch, every warm path misses from here on."""
        with self.lock:
            self.epoch += 1
            for table in (self.warm, self.table, self.scope_table, self.scope_atable):
                table.clear()

    def override(self, service: type, value: Any) -> None:
        self.drop_tables()
        self.layer[service] = value

    def listen(self, listener: Any) -> None:
        self.listener = listener
        self.drop_tables()

    def miss(self, service: type) -> Any:
        epoch = self.epoch
        build = self.compile(service)
        with self.lock:
            if epoch == self.epoch:
                self.table[service] = build
                if self.services[service][1] == "singleton":
                    self.warm[service] = build(None)
        return build

    def singleton(self, service: type) -> Any:
        if service in self.layer:
            return self.layer[service]
        if service not in self.singletons:
            maker, _ = self.services[service]
            self.singletons[service] = maker(*(self.singleton(need) for need in needs(maker)))
        return self.singletons[service]

    def compile(self, service: type, is_async: bool = False) -> Any:
        names: dict[str, Any] = {
            "CLAIM": CLAIM, "settle": settle, "wake": wake, "failed": failed, "list": list, "len": len, "BUILDING": BUILDING,
        }  # fmt: skip
        lines: list[str] = []
        result = self.emit(service, names, lines, {}, is_async)
        if self.listener:
            names["listener"] = self.listener
            lines.append(f"listener({result})")
        body = "\n    ".join(
            ["values = scope.values" if "values" in "".join(lines) else "pass", *lines, f"return {result}"]
        )
        exec(f"{'async ' if is_async else ''}def build(scope):\n    {body}", names)
        build = names["build"]
        (self.scope_atable if is_async else self.scope_table)[service] = build
        return build

    def emit(self, service: type, names: dict, lines: list[str], done: dict, is_async: bool) -> str:
        """Straight-line code, dependencies first; scoped cells once per function."""
        if service in done:
            return done[service]
        maker, lifetime = self.services[service]
        number = self.numbers[service]
        if lifetime == "singleton" or service in self.layer:
            names[f"k{number}"] = self.singleton(service)
            return f"k{number}"
        arguments = ", ".join(self.emit(need, names, lines, done, is_async) for need in needs(maker))
        names[f"f{number}"] = maker
        call, after = f"f{number}({arguments})", []
        if inspect.isgeneratorfunction(maker):
            after = ["closers = values.setdefault(0, [])", f"gen = {call}", "v = next(gen)", "closers.append(gen)"]
        elif inspect.isasyncgenfunction(maker):
            after = [
                "closers = values.setdefault(0, [])",
                f"gen = {call}",
                "v = await gen.__anext__()",
                "closers.append(gen)",
            ]
            if self.context:
                after = ["token = BUILDING.set((mine, BUILDING.get()))", *after, "BUILDING.reset(token)"]
        if lifetime == "transient":
            if not after:
                return call
            raise NotImplementedError
        variable = done[service] = f"v{number}"
        lines += self.cell(number, variable, after, call)
        return variable

    def cell(self, n: int, v: str, after: list[str], call: str) -> list[str]:
        make = [line.replace("v = ", f"{v} = ", 1) if line.startswith("v = ") else line for line in after]
        make = make or [f"{v} = {call}"]
        if self.claims == "none":
            return [
                f"{v} = values.get({n}, CLAIM)",
                f"if {v} is CLAIM:",
                *(f"    {m}" for m in make),
                f"    values[{n}] = {v}",
            ]
        if self.claims == "lock":
            return ["with scope.lock:", f"    {v} = values.get({n}, CLAIM)", f"    if {v} is CLAIM:",
                    *(f"        {m}" for m in make), f"        values[{n}] = {v}"]  # fmt: skip
        if self.claims == "pair":
            return [
                f"if {n} in values: {v} = values[{n}]", "else:", "    mine = [CLAIM]",
                f"    if scope.claims.setdefault({n}, mine) is not mine or {n} in values: {v} = settle(values, {n}, mine)",
                "    else:", "        try:", *(f"            {m}" for m in make),
                f"        except BaseException: failed(scope.claims, {n}, mine); raise",
                f"        values[{n}] = {v}", f"        del scope.claims[{n}]", "        if len(mine) > 1: wake(mine)",
            ]  # fmt: skip
        return [
            "mine = [CLAIM]", f"{v} = values.setdefault({n}, mine)", f"if {v} is mine:", "    try:",
            *(f"        {m}" for m in make), f"        values[{n}] = {v}",
            f"    except BaseException: failed(values, {n}, mine); raise", "    if len(mine) > 1: wake(mine)",
            f"elif type({v}) is list: {v} = settle(values, {n}, {v})",
        ]  # fmt: skip


from contextvars import ContextVar  # noqa: E402

BUILDING: ContextVar = ContextVar("building", default=None)


def needs(maker: Any) -> list[type]:
    return [p.annotation for p in inspect.signature(maker).parameters.values()]
