"""Every error of aliases, decorators, interceptors, conditions, modules and marks, by the name of its golden text."""

from collections.abc import Callable
from typing import Any

from kimera_di import Call, ServiceCollection, service
from tests.spec import shop


def logged(inner: shop.Store) -> shop.Store:
    return inner


def doubled(one: shop.Store, other: shop.Store) -> shop.Store:
    return one or other


async def around(call: Call) -> Any:
    return await call.proceed()


def broken(_: object) -> bool:
    raise ValueError("no licence")


def never(_: object) -> bool:
    return False


def unmarked_return() -> None: ...


def new() -> ServiceCollection:
    return ServiceCollection()


def stores() -> ServiceCollection:
    return new().singleton(shop.Store, shop.MemoryStore)


def planned(services: ServiceCollection) -> None:
    """Raise the first problem of a collection."""
    raise services.validate()[0]


def private() -> ServiceCollection:
    module = ServiceCollection(name="storage").singleton(shop.Store, shop.MemoryStore, private=True)
    return new().include(module)


CASES: dict[str, Callable[[], object]] = {
    "KD101_alias_of_itself": lambda: new().alias(shop.Store, shop.Store),
    "KD101_option_of_nobody": lambda: stores().replace(shop.Store, shop.MemoryStore, lifetme="scoped"),
    "KD101_decorator_without_inner": lambda: planned(stores().decorate(shop.Store, shop.MemoryStore)),
    "KD101_decorator_with_two_inner": lambda: planned(stores().decorate(shop.Store, doubled)),
    "KD101_decorated_alias": lambda: planned(
        stores().alias(shop.MemoryStore, shop.Store).decorate(shop.MemoryStore, logged)
    ),
    "KD101_decorated_scope_value": lambda: planned(new().scope_value(shop.Store).decorate(shop.Store, logged)),
    "KD101_intercepted_type_without_methods": lambda: new().intercept(bool, around),
    "KD101_interceptor_cannot_be_called": lambda: stores().intercept(shop.Store, 3),  # type: ignore[arg-type]
    "KD101_condition_raises": lambda: planned(new().singleton(shop.Session, when=broken)),
    "KD101_condition_cannot_be_called": lambda: new().singleton(shop.Session, when=3),  # type: ignore[arg-type]
    "KD101_condition_is_async": lambda: new().singleton(shop.Session, when=around),  # type: ignore[arg-type]
    "KD101_private_without_a_name": lambda: new().singleton(shop.Session, private=True),
    "KD101_collection_name_is_no_text": lambda: ServiceCollection(name=3),  # type: ignore[arg-type]
    "KD101_module_is_no_module": lambda: new().include(shop.Session),  # type: ignore[arg-type]
    "KD101_module_takes_no_collection": lambda: new().include(unmarked_return),  # type: ignore[arg-type]
    "KD101_module_is_async": lambda: new().include(around),
    "KD101_module_with_other_levels": lambda: new().include(ServiceCollection(("session",))),
    "KD101_scanned_name": lambda: new().scan("./engines"),
    "KD101_scanned_package_is_missing": lambda: new().scan("tests.spec.shopp"),
    "KD101_mark_on_a_number": lambda: service(3),  # type: ignore[call-overload]
    "KD101_mark_with_a_wrong_condition": lambda: service(when=3),  # type: ignore[call-overload]
    "KD102_included_after_build": lambda: built().include(lambda services: services),
    "KD201_alias_without_target": lambda: planned(new().alias(shop.Store, shop.MemoryStore)),
    "KD201_nothing_to_decorate": lambda: planned(
        new().singleton(shop.Store, shop.MemoryStore, key="disk").decorate(shop.Store, logged)
    ),
    "KD201_nothing_to_replace": lambda: new().replace(shop.Session, shop.Session),
    "KD201_nothing_to_remove": lambda: stores().remove(shop.Store, key="disk"),
    "KD201_not_chosen": lambda: new().singleton(shop.Session, when=never).build().resolve(shop.Session),
    "KD201_private_to_a_module": lambda: private().build().resolve(shop.Store),
    "KD101_condition_asks_for_an_object": lambda: planned(
        new().singleton(shop.Session).singleton(shop.Store, shop.MemoryStore, when=lambda c: c.settings(shop.Session))
    ),
    "KD202_circle_of_aliases": lambda: planned(
        new().alias(shop.Store, shop.MemoryStore).alias(shop.MemoryStore, shop.Store)
    ),
    "KD204_alias_does_not_fit": lambda: planned(new().singleton(shop.Session).alias(shop.Store, shop.Session)),
    "KD204_interceptor_is_async": lambda: planned(stores().intercept(shop.Store, around)),
}


def built() -> ServiceCollection:
    services = stores()
    services.build()
    return services
