"""Decorators, interceptors, conditions, modules and marks under mypy --strict and pyright strict; never run."""

from typing import Any, Protocol, assert_type

from kimera_di import Call, Conditions, Lifetime, ServiceCollection, service


class Port(Protocol):
    def run(self) -> int: ...


class Impl:
    def run(self) -> int:
        return 1


class Wrapped:
    def __init__(self, inner: Port) -> None:
        self.inner = inner

    def run(self) -> int:
        return self.inner.run()


class Config:
    url: str = ""


def around(call: Call) -> Any:
    return call.proceed()


async def async_around(call: Call) -> Any:
    return await call.proceed()


def module(services: ServiceCollection) -> None:
    services.singleton(Port, Impl)


def operations_give_the_collection(services: ServiceCollection) -> None:
    assert_type(services.alias(Port, Impl).decorate(Port, Wrapped), ServiceCollection)
    assert_type(services.replace(Port, Impl, lifetime=Lifetime.SCOPED).remove(Port), ServiceCollection)
    assert_type(services.intercept(Port, around, async_around=async_around), ServiceCollection)
    assert_type(services.include(module).include(ServiceCollection(name="other")), ServiceCollection)
    assert_type(services.scan("app.engines"), ServiceCollection)


def predicates_know_their_conditions(services: ServiceCollection) -> None:
    services.singleton(
        Port, Impl, when=lambda c: c.has(Config) and c.settings(Config).url != "" and c.platform == "linux"
    )
    services.scoped(Port, Impl, when=lambda c: c.python >= (3, 12), if_absent=True, private=True)
    services.transient(Port, Impl, when=lambda c: c.plattform)  # type: ignore[attr-defined]  # pyright: ignore
    services.instance(Port, Impl(), when=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def settings_keep_their_type(conditions: Conditions) -> None:
    assert_type(conditions.settings(Config), Config)
    assert_type(conditions.has(Config, key="eu"), bool)


def modules_are_collections_or_functions(services: ServiceCollection) -> None:
    services.include(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    services.intercept(Port, 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@service
class Marked: ...


@service(as_=Port, lifetime=Lifetime.SCOPED, when=lambda c: c.has(Config))
def make_port(config: Config) -> Impl:
    return Impl()


def marks_keep_what_is_marked() -> None:
    assert_type(Marked(), Marked)
    assert_type(make_port(Config()), Impl)
    make_port()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    service(lifetime="scoped")  # type: ignore[call-overload]  # pyright: ignore
