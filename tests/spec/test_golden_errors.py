"""The text of every error, by cause, compared with ``tests/golden/*.txt``.

Every ``file:line`` is written ``FILE:LINE``. After a wanted change of a text run this module with
``KIMERA_REGENERATE_GOLDEN=1``, and read the difference before you commit it.
"""

import asyncio
import os
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import pytest

import kimera_di
from kimera_di import BuildErrors, Key, KimeraError, Lifetime, ServiceCollection, ServiceContainer, inject
from tests.spec import advice_errors, operation_errors, relation_errors, shop, type_errors

Item = TypeVar("Item")
GOLDEN = Path(__file__).parent.parent / "golden"
REGENERATE = os.environ.get("KIMERA_REGENERATE_GOLDEN") == "1"
PLACE = re.compile(r"[^\s(]*\.(?:py|toml|cfg)(?::\d+)?(?=[\s,)]|$)(?:  +(?=\S))?", re.MULTILINE)


def masked(text: str) -> str:
    """Put FILE:LINE for every place; columns after it keep a distance of three blanks."""
    return PLACE.sub(lambda found: "FILE:LINE" + ("   " if found.group().endswith(" ") else ""), text)


def shown(error: BaseException) -> str:
    """Write an error, its notes, and the errors of a group below it."""
    parts = [str(error), *getattr(error, "__notes__", ())]
    if isinstance(error, BaseExceptionGroup):
        parts += [textwrap.indent(f"\n{shown(each)}", "  ") for each in error.exceptions]
    return "\n".join(parts)


def new() -> ServiceCollection:
    return ServiceCollection()


def wired() -> ServiceCollection:
    """Register a few services without any problem."""
    services = new().singleton(shop.Clock, shop.SystemClock).singleton(shop.Payments).scoped(shop.Session)
    return services.transient(shop.Repository).singleton(shop.Store, shop.MemoryStore, key="disk")


def problem_of(services: ServiceCollection) -> None:
    """Raise the only problem of a collection."""
    (error,) = services.validate()
    raise error


def in_scope(services: ServiceCollection, *asked: Any) -> None:
    scope = services.build().scope()
    for service in asked:
        scope.resolve(service)
    scope.close()


def change_after_build() -> None:
    services = wired()
    services.build()
    services.singleton(shop.Audit)


def use_closed_container() -> None:
    container = wired().build()
    container.close()
    container.resolve(shop.Clock)


def use_closed_scope() -> None:
    scope = wired().build().scope()
    scope.close()
    scope.resolve(shop.Session)


def close_while_building() -> None:
    holder: list[Any] = []

    def make() -> shop.Session:
        holder[0].close()
        return shop.Session()

    holder.append(new().singleton(shop.Session, make).build())
    holder[0].resolve(shop.Session)


def sync_close(owner: str) -> None:
    async def main() -> None:
        services = new()
        services.register(
            shop.Session,
            factory=shop.aopen_session,
            lifetime=Lifetime.SINGLETON if owner == "container" else Lifetime.SCOPED,
        )
        container = services.build()
        opened: Any = container if owner == "container" else container.scope()
        await opened.aresolve(shop.Session)
        try:
            opened.close()
        finally:
            await opened.aclose()

    asyncio.run(main())


def overriding() -> Any:
    return wired().build().override(shop.Payments, shop.Payments(shop.SystemClock()))


def override_beside(*, outer: bool, inner: bool) -> None:
    container = wired().build()
    with container.override(shop.Clock, shop.SystemClock(), everywhere=outer):
        container.override(shop.Payments, factory=shop.Payments, everywhere=inner).__enter__()


def pay_nothing() -> None:
    pay = inject(shop.pay, container=wired().build())
    pay()


def unknown_in_a_variant() -> None:
    try:
        new().build(overrides={shop.Clock: shop.SystemClock()})
    except BuildErrors as errors:
        raise errors.exceptions[0] from None


def pay_while_closing() -> None:
    def open_clock() -> Iterator[shop.Clock]:
        yield shop.SystemClock()
        errors.append(raised_by(lambda: inject(shop.pay)(3)))

    errors: list[KimeraError] = []
    with new().scoped(shop.Clock, open_clock).build().scope(ambient=True) as scope:
        scope.resolve(shop.Clock)
    raise errors[0]


def built() -> ServiceCollection:
    services = wired()
    services.build()
    return services


def enter_twice() -> None:
    override = wired().build().override(shop.Payments, shop.Payments(shop.SystemClock()))
    for _ in range(2):
        with override:
            pass


def long_cycle() -> None:
    services = new()
    kinds = [type(f"Stage{number}", (), {}) for number in range(10)]
    for kind, following in zip(kinds, [*kinds[1:], kinds[0]], strict=True):

        def init(self: Any, following: Any) -> None:
            del self, following

        init.__annotations__ = {"following": following}
        kind.__init__ = init  # type: ignore[misc]
        services.singleton(kind)
    problem_of(services)


def chain_of(length: int) -> None:
    services, below = new(), shop.Clock
    for number in range(length):

        def init(self: Any, below: Any) -> None:
            del self, below

        init.__annotations__ = {"below": below}
        below = type(f"Level{number}", (), {"__init__": init})
        services.singleton(below)
    problem_of(services)


def leveled() -> ServiceCollection:
    """Register one service at each of two levels, of which the inner one needs the outer one."""
    services = ServiceCollection(scopes=("session", "request"))
    return services.scoped(shop.Session, scope="session").scoped(shop.Repository)


def leave_a_level_out() -> None:
    with leveled().build().scope(name="request") as request:
        request.resolve(shop.Repository)


def ask_too_far_out() -> None:
    with leveled().build().scope() as session:
        session.resolve(shop.Repository)


def open_outwards() -> None:
    with leveled().build().scope(name="request") as request:
        request.scope(name="session")


def give_a_value_too_late() -> None:
    services = ServiceCollection(scopes=("session", "request")).scope_value(shop.Session, scope="session")
    services.build().scope({shop.Session: shop.Session()}, name="request")


def start_async() -> None:
    async def connect() -> shop.Session:
        return shop.Session()

    new().singleton(shop.Session, connect).singleton(shop.Repository, eager=True).build().start()


def start_inside() -> None:
    containers: list[ServiceContainer] = []

    def make() -> shop.Session:
        containers[0].start()
        return shop.Session()

    containers.append(new().singleton(shop.Session, make, eager=True).build())
    containers[0].start()


def start_while_a_task_takes_back() -> None:
    async def release(session: shop.Session) -> None:
        closing.set()
        await asyncio.sleep(0)

    def refuse(session: shop.Session) -> shop.Repository:
        raise ValueError("no licence")

    closing = asyncio.Event()
    services = new().singleton(shop.Session, on_close=release).singleton(shop.Repository, refuse, eager=True)
    container = services.build()

    async def main() -> None:
        starting = asyncio.ensure_future(container.astart())
        await closing.wait()
        try:
            container.start()
        finally:
            await asyncio.wait((starting,))
            starting.exception()

    asyncio.run(main())


CASES: dict[str, Callable[[], object]] = {
    **relation_errors.CASES,
    **type_errors.CASES,
    **operation_errors.CASES,
    **advice_errors.CASES,
    # KD101: a call that makes no sense as it is written
    "KD101_service_is_no_type": lambda: new().singleton("Clock"),
    "KD101_service_is_a_factory": lambda: new().singleton(shop.make_clock),
    "KD101_key_is_not_hashable": lambda: new().singleton(shop.Session, key=[]),  # type: ignore[arg-type]
    "KD101_two_keys": lambda: new().singleton(Annotated[shop.Session, Key("a")], shop.Session, key="b"),
    "KD101_lifetime_misspelt": lambda: new().register(shop.Session, lifetime="scope"),  # type: ignore[arg-type]
    "KD101_two_makers": lambda: new().register(shop.Session, shop.Session, factory=shop.open_session),
    "KD101_instance_with_a_lifetime": lambda: new().register(shop.Session, instance=0, lifetime=Lifetime.SCOPED),
    "KD101_maker_cannot_build": lambda: new().singleton(shop.Session, 3),
    "KD101_union_cannot_be_built": lambda: new().singleton(shop.MemoryStore | shop.HalfStore),
    "KD101_generator_with_on_close": lambda: new().singleton(shop.Session, shop.open_session, on_close=print),
    "KD101_enter_and_on_close": lambda: new().singleton(shop.Session, shop.make_anything, enter=True, on_close=print),
    "KD101_enter_without_context_manager": lambda: new().singleton(shop.Session, enter=True),
    "KD101_on_close_cannot_be_called": lambda: new().singleton(shop.Session, on_close="close"),  # type: ignore[arg-type]
    "KD101_override_without_replacement": lambda: wired().build().override(shop.Payments),
    "KD101_override_entered_twice": enter_twice,
    "KD101_generator_without_yield": lambda: in_scope(new().scoped(shop.Session, shop.never_opens), shop.Session),
    "KD101_look_up_with_a_type_variable": lambda: wired().build().resolve(list[Item]),  # type: ignore[valid-type]
    "KD101_listener_is_async": lambda: wired().build().listen(shop.aopen_session),
    "KD101_marker_as_key": lambda: new().singleton(shop.Store, shop.MemoryStore, key=Key("disk")),
    "KD101_marker_twice": lambda: wired().build().resolve(Annotated[shop.Store, Key("disk"), Key("net")]),
    "KD101_look_up_is_not_hashable": lambda: wired().build().resolve([]),  # type: ignore[arg-type]
    "KD101_time_is_not_positive": lambda: new().build(close_timeout_s=-1.0),
    # KD102: too late
    "KD102_changed_after_build": change_after_build,
    # KD103: a parameter that cannot be read
    "KD103_no_annotation": lambda: problem_of(new().singleton(shop.Careless)),
    "KD103_unknown_name": lambda: problem_of(new().scoped(shop.Session).scoped(shop.Misspelt)),
    "KD103_garbled_annotation": lambda: problem_of(new().singleton(shop.Garbled)),
    "KD103_no_type": lambda: problem_of(new().singleton(shop.Listing)),
    # KD200: all at once
    "KD200_all_problems_at_once": lambda: (
        new().singleton(shop.Payments).singleton(shop.Hen).singleton(shop.Egg).build()
    ),
    # KD201: nothing provides it
    "KD201_implementation_not_bound": lambda: problem_of(
        new().scoped(shop.Checkout).singleton(shop.Payments).singleton(shop.Audit).singleton(shop.SystemClock)
    ),
    "KD201_nothing_like_it": lambda: problem_of(new().singleton(shop.Cache)),
    "KD201_key_not_registered": lambda: problem_of(
        new().singleton(shop.Backup).singleton(shop.Store, shop.MemoryStore, key="disk")
    ),
    "KD201_deep_chain": lambda: chain_of(30),
    "KD201_look_up": lambda: wired().build().resolve(shop.SystemClock),
    "KD201_look_up_with_a_key": lambda: wired().build().resolve(shop.Store, key="disc"),
    "KD201_override_of_an_unknown_service": lambda: (
        wired().build().override(shop.Audit, shop.Audit(shop.SystemClock()))
    ),
    "KD201_override_needs_an_unknown_service": lambda: wired().build().override(shop.Clock, factory=shop.make_clock),
    # KD202: a service that needs itself
    "KD202_two_services": lambda: problem_of(new().singleton(shop.Hen).singleton(shop.Egg)),
    "KD202_long_cycle": long_cycle,
    # KD203: a shorter life inside a longer one
    "KD203_singleton_holds_scoped": lambda: problem_of(new().singleton(shop.Cache).scoped(shop.Session)),
    "KD203_through_a_transient": lambda: problem_of(
        new().singleton(shop.Report).transient(shop.Repository).scoped(shop.Session)
    ),
    # KD204: it does not fit
    "KD204_abstract_class": lambda: problem_of(new().singleton(shop.Store, shop.HalfStore)),
    "KD204_no_subclass": lambda: problem_of(new().singleton(shop.Store, shop.Session)),
    "KD204_several_reasons": lambda: problem_of(new().singleton(shop.Store, shop.OddStore)),
    "KD204_protocol_member_missing": lambda: problem_of(new().singleton(shop.Clock, shop.SundialClock)),
    "KD204_signature": lambda: problem_of(new().singleton(shop.Clock, shop.StoppedClock)),
    "KD204_protocol_cannot_be_built": lambda: problem_of(new().singleton(shop.Clock)),
    "KD204_factory_gives_something_else": lambda: problem_of(new().singleton(shop.Store, shop.make_wrong_clock)),
    "KD204_instance": lambda: problem_of(new().instance(shop.Store, shop.Session())),
    "KD204_class_for_an_object": lambda: problem_of(new().instance(shop.Clock, shop.SystemClock)),
    "KD204_override": lambda: wired().build().override(shop.Store, shop.Session(), key="disk"),
    "KD201_scope_without_a_value": lambda: in_scope(
        new().scope_value(shop.Session).scoped(shop.Repository), shop.Repository
    ),
    "KD201_value_nobody_registered": lambda: wired().build().scope({int: 3}),
    "KD101_value_for_what_is_built": lambda: wired().build().scope({shop.Session: shop.Session()}),
    "KD101_values_are_no_mapping": lambda: wired().build().scope(3),  # type: ignore[arg-type]
    "KD204_value_of_a_scope": lambda: new().scope_value(shop.Session).build().scope({shop.Session: 3}),
    # KD205: more than one answer
    "KD205_union_of_registered_types": lambda: problem_of(
        new().singleton(shop.Either).singleton(shop.MemoryStore).singleton(shop.HalfStore, shop.make_anything)
    ),
    # KD301: only a scope can hold it
    "KD301_scoped_at_the_root": lambda: wired().build().resolve(shop.Session),
    "KD301_needs_something_scoped": lambda: wired().build().resolve(shop.Repository),
    "KD301_transient_with_cleanup": lambda: new().transient(shop.Session, shop.open_session).build()[shop.Session],
    "KD301_no_current_scope": lambda: inject(shop.pay)(3),
    # KD302: it awaits
    "KD302_async_factory": lambda: (
        new().singleton(shop.Session, shop.connect).singleton(shop.Cache).build()[shop.Cache]
    ),
    "KD302_sync_close_of_a_container": lambda: sync_close("container"),
    "KD302_sync_close_of_a_scope": lambda: sync_close("scope"),
    # KD303: used when it was closed already
    "KD303_container_is_closed": use_closed_container,
    "KD303_scope_is_closed": use_closed_scope,
    "KD303_closed_by_its_own_factory": close_while_building,
    "KD303_current_scope_is_being_closed": pay_while_closing,
    # overrides, injected functions and functions that are proven
    "KD101_override_everywhere_beside_another": lambda: override_beside(outer=False, inner=True),
    "KD101_override_beside_one_everywhere": lambda: override_beside(outer=True, inner=False),
    "KD101_override_decorates_a_generator": lambda: overriding()(shop.open_session),
    "KD101_override_decorates_a_class": lambda: overriding()(shop.Checkout),
    "KD101_variant_without_services": lambda: wired().build(overrides=3),  # type: ignore[arg-type]
    "KD101_injected_into_no_container": lambda: inject(shop.pay, container=wired()),  # type: ignore[call-overload]
    "KD101_call_of_what_cannot_be_called": lambda: wired().validate_call(3),  # type: ignore[arg-type]
    "KD102_call_after_build": lambda: built().validate_call(shop.pay),
    "KD201_variant_of_an_unknown_service": unknown_in_a_variant,
    "KD201_proven_call": lambda: problem_of(new().validate_call(shop.pay)),
    "KD206_proven_call": lambda: problem_of(
        new().singleton(shop.Session, shop.connect).singleton(shop.Cache).validate_call(shop.keep)
    ),
    "KD305_missing_argument": pay_nothing,
    # KD305: arguments that do not fit
    "KD305_wrong_argument": lambda: new().singleton(shop.Clock, shop.SystemClock).build().call(shop.pay, 3, amount=4),
    "KD305_created_by_a_function": lambda: wired().build().create(shop.pay),
    "KD201_called_with_something_missing": lambda: new().build().call(shop.pay, 3),
    "KD205_injected_union": lambda: new().instance(int, 3).instance(str, "").build().call(shop.pay_either),
    "KD103_injected_annotation": lambda: new().build().call(shop.pay_garbled),
    # KD304: closers failed
    "KD304_closer_failed": lambda: in_scope(new().scoped(shop.Session, shop.open_and_fail), shop.Session),
    # levels, start, forks
    "KD101_eager_scoped": lambda: new().register(shop.Session, lifetime=Lifetime.SCOPED, eager=True),
    "KD101_fork_of_a_transient": lambda: new().register(shop.Session, lifetime=Lifetime.TRANSIENT, fork_safe=False),
    "KD101_eager_instance": lambda: new().register(shop.Session, instance=0, eager=True),
    "KD101_level_of_a_singleton": lambda: leveled().register(shop.Store, shop.MemoryStore, scope="session"),
    "KD101_level_misspelt": lambda: leveled().scoped(shop.Store, shop.MemoryStore, scope="requst"),
    "KD101_level_without_names": lambda: new().scoped(shop.Session, scope="request"),
    "KD101_levels_are_no_tuple": lambda: ServiceCollection(scopes="request"),
    "KD101_level_named_twice": lambda: ServiceCollection(scopes=("request", "request")),
    "KD101_level_without_a_name": lambda: ServiceCollection(scopes=("session", "")),
    "KD101_open_an_unknown_level": lambda: leveled().build().scope(name="sesion"),
    "KD101_open_a_level_without_names": lambda: new().build().scope(name="session"),
    "KD101_open_outwards": open_outwards,
    "KD101_value_of_an_outer_level": give_a_value_too_late,
    "KD101_start_inside_a_factory": start_inside,
    "KD203_outer_level_holds_inner": lambda: problem_of(
        ServiceCollection(scopes=("session", "request")).scoped(shop.Session).scoped(shop.Repository, scope="session")
    ),
    "KD301_level_left_out": leave_a_level_out,
    "KD301_level_further_in": ask_too_far_out,
    "KD301_level_at_the_container": lambda: leveled().build().resolve(shop.Repository),
    "KD302_start_of_async_services": start_async,
    "KD302_start_beside_a_task": start_while_a_task_takes_back,
}

LAYERED = """
[tool.importlinter]
root_packages = ["golden_shop"]
contract_types = ["kimera_layers: kimera_di.contracts.LayersContract"]

[[tool.importlinter.contracts]]
id = "layers"
name = "Shop layers"
type = "kimera_layers"
why = "domain rules run without a server"
containers = ["golden_shop"]
layers = ["web", "core"]
"""


def raised_by(case: Callable[[], object]) -> KimeraError:
    """Run a case, which must raise an error of the catalogue."""
    with pytest.raises(KimeraError) as caught:
        case()
    return caught.value


def assert_golden(error: KimeraError, name: str) -> None:
    file = GOLDEN / f"{name}.txt"
    text = masked(shown(error)) + "\n"
    if REGENERATE:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_text_of_an_error_is_the_golden_one(name: str) -> None:
    error = raised_by(CASES[name])

    assert name.startswith(f"{error.code}_")
    assert_golden(error, name)


def test_text_of_a_broken_layer_at_start_up_is_the_golden_one(tmp_path: Path, load: Callable[..., Any]) -> None:
    modules = {
        "golden_shop/__init__.py": "",
        "golden_shop/core.py": "from golden_shop.web import Page\nclass Rules:\n    def __init__(self, p: Page): ...\n",
        "golden_shop/web.py": "class Page: ...\n",
    }
    core = load("golden_shop.core", modules)
    services = new().singleton(core.Rules).singleton(core.Page)
    contract = tmp_path / "shop.toml"
    contract.write_text(LAYERED, encoding="utf-8")

    with pytest.raises(BuildErrors, match="1 problem in") as caught:
        services.build(architecture=contract, imports=False)

    (error,) = caught.value.exceptions
    assert isinstance(error, kimera_di.LayerViolationError)
    assert_golden(error, "KD207_wiring_goes_up")


def test_text_of_a_mistake_in_a_contract_file_is_the_golden_one(tmp_path: Path) -> None:
    contract = tmp_path / "shop.toml"
    contract.write_text(LAYERED.replace("layers =", "layres ="), encoding="utf-8")

    with pytest.raises(kimera_di.ContractError, match="KD401") as caught:
        new().build(architecture=contract, imports=False)

    assert_golden(caught.value, "KD401_unknown_option")


def test_text_of_a_mistake_in_an_ini_file_is_the_golden_one(tmp_path: Path) -> None:
    contract = tmp_path / "setup.cfg"
    contract.write_text("[importlinter]\nroot_packages = shop\nroot_packages = bank\n", encoding="utf-8")

    with pytest.raises(kimera_di.ContractError, match="KD401") as caught:
        new().build(architecture=contract, imports=False)

    assert_golden(caught.value, "KD401_no_ini")


def test_text_of_an_internal_error_is_the_golden_one() -> None:
    """It cannot be provoked; its form is part of the catalogue all the same."""
    assert_golden(kimera_di.InternalError("the state that cannot be"), "KD901_internal")


def test_every_golden_text_belongs_to_a_case() -> None:
    """A text nobody compares would go stale unseen."""
    own = {"KD207_wiring_goes_up", "KD401_unknown_option", "KD901_internal"}
    public = [getattr(kimera_di, name) for name in kimera_di.__all__]
    exported = {each.code for each in public if isinstance(each, type) and issubclass(each, KimeraError)}

    mine = {
        file.stem
        for file in GOLDEN.glob("*.txt")
        if file.stem.partition("_")[0] in exported - {"KD207", "KD208", "KD401"}
    }

    assert mine == set(CASES) | own - {"KD207_wiring_goes_up", "KD401_unknown_option"}


@pytest.mark.parametrize("name", CASES)
def test_every_error_says_where_to_read_more(name: str) -> None:
    error = raised_by(CASES[name])
    errors = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]

    for each in errors:
        if isinstance(each, KimeraError):
            assert f"kimera help {each.code}" in str(each)


@pytest.mark.parametrize("name", [name for name in CASES if name[:5] not in {"KD200", "KD304"}])
def test_every_error_says_what_to_do(name: str) -> None:
    assert dict(raised_by(CASES[name]).facts).get("do this")
