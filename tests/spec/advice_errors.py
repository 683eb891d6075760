"""Mistakes whose errors advise what fits the mistake, for the golden texts: by the name of the golden file."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from kimera_di import Injected, Key, KimeraError, ServiceCollection, inject
from tests.spec import shop

T = TypeVar("T")


class Rows(Generic[T]):
    pass


class SqlRows(Rows[T]):
    def __init__(self, row: type[T]) -> None:
        self.row = row


class CachedRows(Rows[T]):
    def __init__(self, inner: Rows[T]) -> None:
        self.inner = inner


class Connection:
    def __init__(self, url: str) -> None:
        self.url = url


class Caller:
    def __init__(self, make: Callable[[], shop.Session]) -> None:
        self.make = make


class Stamper:
    def __init__(self, clock: Annotated[shop.Clock, Key("wal")]) -> None:
        self.clock = clock


def charge(session: Injected[shop.Session]) -> shop.Session:
    return session


async def connect() -> shop.Session:
    return shop.Session()


def make_connection(url: str) -> Connection:
    return Connection(url)


def new() -> ServiceCollection:
    return ServiceCollection()


def problem_of(services: ServiceCollection) -> None:
    (error,) = services.validate()
    raise error


def clocks(**keys: Any) -> ServiceCollection:
    """Register a clock, under a key where one is given."""
    return new().singleton(shop.Clock, shop.SystemClock, **keys)


def intercepted_elsewhere() -> None:
    services = clocks().intercept(shop.Clock, lambda call: call.proceed())
    with services.build() as container:
        container.resolve(shop.Clock).now()
        problem_of(new().singleton(shop.Payments))


def private_of_billing(change: Callable[[ServiceCollection], object]) -> None:
    billing = ServiceCollection(name="billing").singleton(shop.Session, private=True)
    change(new().include(billing))


def call_injected(services: ServiceCollection) -> None:
    """Call a function that is bound to a container."""
    function = inject(charge, container=services.build())
    function()


def include_levels() -> None:
    ServiceCollection(scopes=("app", "request")).include(ServiceCollection(scopes=("session", "request")))


def raised_by(use: Callable[[], object]) -> KimeraError:
    """Give the error that a use raises."""
    try:
        use()
    except KimeraError as error:
        return error
    raise AssertionError("nothing was raised")


CASES: dict[str, Callable[[], object]] = {
    "KD201_made_by_an_interceptor": intercepted_elsewhere,
    "KD204_classes_swapped": lambda: problem_of(new().singleton(shop.SystemClock, shop.Clock)),
    "KD204_interface_alone": lambda: problem_of(new().singleton(shop.SystemClock).scoped(shop.Clock, key="wall")),
    "KD201_value_of_a_parameter": lambda: problem_of(new().scoped(Connection)),
    "KD201_value_of_a_factory": lambda: problem_of(new().scoped(Connection, make_connection)),
    "KD201_value_looked_up": lambda: clocks().build().resolve(str),
    "KD201_other_key": lambda: problem_of(clocks(key="wall").singleton(Stamper)),
    "KD201_key_of_an_unkeyed_one": lambda: clocks().build().resolve(shop.Clock, key="wall"),
    "KD201_key_where_both_are": lambda: (
        clocks().singleton(shop.Clock, shop.SystemClock, key="sun").build().resolve(shop.Clock, key="wall")
    ),
    "KD201_key_left_out": lambda: clocks(key="wall").build().resolve(shop.Clock),
    "KD201_look_up_of_a_pair": lambda: clocks(key="wall").build()[shop.Clock, "wall"],  # type: ignore[index]
    "KD201_look_up_of_an_object": lambda: clocks().build()[shop.SystemClock()],  # type: ignore[index]
    "KD201_look_up_of_none": lambda: clocks().build()[None],  # type: ignore[index]
    "KD201_look_up_of_a_name": lambda: clocks().build()["Clock"],  # type: ignore[index]
    "KD201_look_up_of_a_function": lambda: clocks().build()[connect],  # type: ignore[index]
    "KD301_injected_function": lambda: call_injected(new().scoped(shop.Session)),
    "KD301_injected_function_of_a_level": lambda: call_injected(
        ServiceCollection(scopes=("session", "request")).scoped(shop.Session)
    ),
    "KD301_called_function": lambda: new().scoped(shop.Session).build().call(charge),
    "KD302_injected_function": lambda: call_injected(new().singleton(shop.Session, connect)),
    "KD302_called_function": lambda: new().singleton(shop.Session, connect).build().call(charge),
    "KD201_type_arguments_left_out": lambda: new().singleton(Rows, SqlRows).build().resolve(Rows),
    "KD201_override_without_type_arguments": lambda: (
        new().singleton(Rows, SqlRows).build().override(Rows, SqlRows(int))
    ),
    "KD201_closed_types_only": lambda: new().singleton(Rows[int], SqlRows).build().resolve(Rows),
    "KD201_closed_decorator_of_an_open_one": lambda: problem_of(
        new().singleton(Rows, SqlRows).decorate(Rows[int], CachedRows[int])
    ),
    "KD201_replaced_private": lambda: private_of_billing(lambda services: services.replace(shop.Session, shop.Session)),
    "KD201_removed_private": lambda: private_of_billing(lambda services: services.remove(shop.Session)),
    "KD101_condition_takes_nothing": lambda: problem_of(new().singleton(shop.Session, when=lambda: True)),  # type: ignore[arg-type,misc]
    "KD101_condition_of_an_unknown_name": lambda: problem_of(new().singleton(shop.Session, when=lambda c: c.os)),  # type: ignore[attr-defined]
    "KD101_condition_without_settings": lambda: problem_of(
        new().singleton(shop.Session, when=lambda c: c.settings(shop.Cache))
    ),
    "KD101_scanned_root_is_missing": lambda: new().scan("nope.pkg"),
    "KD101_included_levels_beside_others": include_levels,
    "KD103_name_of_the_module": lambda: problem_of(new().singleton(shop.Misspelt)),
    "KD201_callable": lambda: problem_of(new().scoped(shop.Session).scoped(Caller)),
}
