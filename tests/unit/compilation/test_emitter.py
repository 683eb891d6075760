"""The text of builders for a few shapes, and which step every line belongs to."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kimera_di import ServiceCollection
from kimera_di.compilation import MOST_CONSTRUCTIONS
from kimera_di.compilation.emitter import MOST_ARGUMENTS, MOST_BRANCHES
from tests.unit.compilation.shapes import emit, lines, text


class Settings: ...


class Repo:
    def __init__(self, settings: Settings) -> None: ...


class Handler:
    def __init__(self, repo: Repo) -> None: ...


class Twice:
    def __init__(self, repo: Repo, handler: Handler, again: Repo) -> None: ...


class Missing: ...


class Picky:
    def __init__(
        self, first: Settings, /, absent: Missing | None, left_out: int = 3, repo: Repo | None = None, *,
        every: list[Settings], none_of: list[Missing],
    ) -> None: ...  # fmt: skip


def open_repo(settings: Settings) -> Iterator[Repo]:
    yield Repo(settings)


async def make_repo(settings: Settings) -> Repo:
    return Repo(settings)


async def open_repo_async(settings: Settings) -> AsyncIterator[Repo]:
    yield Repo(settings)


def test_transient_is_one_call_with_finished_singletons_as_constants() -> None:
    services = ServiceCollection().singleton(Settings).transient(Repo)

    assert text(emit(services, Repo)) == "return f1(c0)"


def test_arguments_are_passed_by_position_until_one_is_left_out_then_by_name() -> None:
    services = ServiceCollection().singleton(Settings).singleton(Settings).transient(Repo).transient(Picky)

    assert text(emit(services, Picky)) == lines("""
        v1 = f2(c1)
        return f5(c0, None, repo=v1, every=[c3, c4], none_of=[])
    """)


def test_default_before_a_positional_only_argument_is_passed() -> None:
    """It cannot be left out, and what follows it cannot be named."""
    marker = object()

    class Narrow:
        def __init__(self, absent: Any = marker, settings: Settings | None = None, /) -> None: ...

    Narrow.__init__.__annotations__["absent"] = Missing

    emission = emit(ServiceCollection().singleton(Settings).transient(Narrow), Narrow)

    call = re.fullmatch(r"return f\d+\((d\d+), (c\d+)\)", text(emission))
    assert call is not None
    assert emission.names[call[1]] is marker


def test_scoped_service_without_parts_is_claimed_at_once() -> None:
    services = ServiceCollection().scoped(Settings)

    assert text(emit(services, Settings)) == lines("""
        mine = [SYNC, None]
        v0 = values.setdefault(n0, mine)
        if v0 is mine:
         try:
          v0 = values[n0] = f1()
         except BaseException as error:
          if mine[2:]: mine[1] = error
          del values[n0]
          if len(mine) > 2: wake(mine)
          raise
         if len(mine) > 2: wake(mine)
        elif type(v0) is list:
         v0 = settle(scope, values, n0, v0, LAYER)
        return v0
    """)


def test_scoped_service_with_parts_is_looked_up_before_they_are_built() -> None:
    services = ServiceCollection().singleton(Settings).transient(Repo).scoped(Handler)

    assert text(emit(services, Handler)) == lines("""
        v0 = values.get(n0, SYNC)
        if v0 is SYNC:
         v1 = f2(c1)
         mine = [SYNC, None]
         v0 = values.setdefault(n0, mine)
         if v0 is mine:
          try:
           v0 = values[n0] = f3(v1)
          except BaseException as error:
           if mine[2:]: mine[1] = error
           del values[n0]
           if len(mine) > 2: wake(mine)
           raise
          if len(mine) > 2: wake(mine)
         elif type(v0) is list:
          v0 = settle(scope, values, n0, v0, LAYER)
        elif type(v0) is list:
            v0 = settle(scope, values, n0, v0, LAYER)
        return v0
    """)


def test_fresh_scope_has_one_list_that_claims_cell_after_cell() -> None:
    services = ServiceCollection().scoped(Settings).scoped(Repo).scoped(Handler)

    fresh, _, general = text(emit(services, Handler)).partition(" return v0\n")

    claims = [line.strip() for line in fresh.splitlines() if "mine" in line and ("setdefault" in line or "[" in line)]
    assert claims == [
        "mine = [SYNC, None]",
        "v2 = values.setdefault(n2, mine)",
        "if mine[2:]: mine[1] = (n2, error)",
        "v1 = values.setdefault(n1, mine)",
        "if mine[2:]: mine[1] = (n1, error)",
        "v0 = values.setdefault(n0, mine)",
        "if mine[2:]: mine[1] = (n0, error)",
    ]
    assert general.count("mine = [SYNC, None]") == 3


def test_claim_of_what_suspends_is_not_used_again() -> None:
    services = ServiceCollection().scoped(Settings).scoped(Repo, make_repo).scoped(Handler)

    fresh, _, _ = text(emit(services, Handler, is_async=True)).partition(" return v0\n")

    made = [line.strip() for line in fresh.splitlines() if line.strip().startswith("mine = ")]
    assert made == ["mine = [SYNC, None]", "mine = [ASYNC, running_loop(), TOKEN]", "mine = [SYNC, None]"]


def test_scoped_generator_notes_down_that_it_opens_something_before_it_is_called() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo, open_repo)

    written = text(emit(services, Repo)).splitlines()

    assert [line.strip() for line in written if "closers" in line or "f2(" in line or "next(" in line] == [
        "closers = scope._closers = values.setdefault(0, [])",
        "if scope._values is not values: closers_of(scope, values, LAYER)",
        "v0_made = f2(c1)",
        "v0 = next(v0_made)",
        "closers.append(v0_made)",
    ]


def test_transient_generator_holds_a_mark_while_it_opens() -> None:
    services = ServiceCollection().singleton(Settings).transient(Repo, open_repo)

    assert text(emit(services, Repo)) == lines("""
        v0_mark = [SYNC, None]
        v0_key = -id(v0_mark)
        closers = opening(scope, values, LAYER, v0_mark)
        try:
         v0_made = f1(c0)
         v0 = next(v0_made)
         closers.append(v0_made)
        finally:
         del values[v0_key]
         if len(v0_mark) > 2: wake(v0_mark)
        return v0
    """)


@pytest.mark.parametrize(
    ("options", "entered"),
    [({"on_close": print}, "v0 = v0_raw"), ({"enter": True}, "v0 = v0_raw.__enter__()")],
)
def test_object_with_a_closer_is_opened_and_noted_down(options: dict[str, Any], entered: str) -> None:
    class Managed:
        def __enter__(self) -> "Managed":
            return self

        def __exit__(self, *_: object) -> None: ...

    emission = emit(ServiceCollection().scoped(Managed, **options), Managed)

    written = [line.strip() for line in emission.lines]
    assert entered in written
    start = written.index(entered)
    assert written[start - 1] == "v0_raw = f1()"
    assert written[start + 1 : start + 3] == ["v0_made = closer(m2, v0_raw)", "closers.append(v0_made)"]


def test_async_function_is_awaited_under_a_claim_that_may_be_taken_over() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo, make_repo)

    assert text(emit(services, Repo, is_async=True)) == lines("""
        mine = [ASYNC, running_loop(), TOKEN]
        v0 = values.setdefault(n0, mine)
        if v0 is mine:
         token = BUILDING.set((mine, LAYER, n0, BUILDING.get()))
         try:
          v0 = await f2(c1)
          mine.remove(TOKEN)
          values[n0] = v0
         except BaseException as error:
          try:
           v0 = await salvage(scope, values, n0, mine, error, token, LAYER, None)
          except RecursionError as full:
           if full is not error: mine[1] = None  # no room for the call: whoever waits takes over
           raise
         else:
          BUILDING.reset(token)
          if len(mine) > 2: wake(mine)
        elif type(v0) is list:
         v0 = await settle_async(scope, values, n0, v0, LAYER)
        return v0
    """)


def test_async_generator_gives_its_generator_to_the_closers_when_it_has_the_claim() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo, open_repo_async)

    written = [line.strip() for line in emit(services, Repo, is_async=True).lines]

    start = written.index("v0_made = f2(c1)")
    assert written[start : start + 5] == [
        "v0_made = f2(c1)",
        "v0 = await v0_made.__anext__()",
        "mine.remove(TOKEN)",
        "closers.append(v0_made)",
        "values[n0] = v0",
    ]


@pytest.mark.parametrize("maker", [open_repo_async, make_repo])
def test_async_transient_is_awaited(maker: Any) -> None:
    services = ServiceCollection().singleton(Settings).transient(Repo, maker)

    written = text(emit(services, Repo, is_async=True))

    assert ("await f1(c0)" in written) is (maker is make_repo)
    assert ("await v0_made.__anext__()" in written) is (maker is open_repo_async)


def test_scoped_service_that_awaits_is_only_read_by_a_synchronous_builder() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo, make_repo).transient(Handler)

    assert text(emit(services, Handler)) == lines("""
        v1 = already_built(scope, values, n0, LAYER)
        return f1(v1)
    """)


def test_scoped_object_that_was_named_already_is_used_again() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo).scoped(Handler).transient(Twice)

    written = text(emit(services, Twice))

    assert written.count("values.setdefault(") == 2
    assert re.search(r"return f\d+\(v1, v2, v1\)$", written)


def test_scoped_object_of_a_branch_is_not_used_after_it() -> None:
    """The branch may not have run: the handler may have been there already, built without this look at the repo."""

    class Later:
        def __init__(self, handler: Handler, repo: Repo) -> None: ...

    services = ServiceCollection().singleton(Settings).scoped(Repo).scoped(Handler).transient(Later)

    written = text(emit(services, Later))

    assert written.count("values.setdefault(") == 3


def test_singleton_is_written_whole_when_it_is_built_itself() -> None:
    services = ServiceCollection().singleton(Settings).transient(Repo).singleton(Handler)

    assert text(emit(services, Handler, whole=True)) == "v1 = f1(c0)\nreturn f2(v1)"


def test_finished_singleton_is_returned() -> None:
    assert text(emit(ServiceCollection().singleton(Settings), Settings)) == "return c0"


def test_override_layer_leaves_what_it_does_not_change_to_the_layer_below() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo).transient(Handler)

    emission = emit(services, Handler, affected=frozenset([2]))

    assert text(emission) == "v1 = b0(scope)\nreturn f0(v1)"
    assert emission.pieces == {"b0": 1}


def test_override_layer_keeps_what_an_older_scope_has_built() -> None:
    services = ServiceCollection().singleton(Settings).scoped(Repo)

    written = text(emit(services, Repo, affected=frozenset([1]))).splitlines()

    assert written[:3] == [
        "v0 = values.get(n0, SYNC)",
        "if v0 is SYNC: v0 = kept(scope, values, 1, LAYER, SYNC)",
        "if v0 is SYNC:",
    ]


def chain(length: int, lifetime: str) -> tuple[ServiceCollection, type]:
    """Services each built from the one before."""
    services, last = ServiceCollection(), Settings
    services.transient(Settings)
    for number in range(length):
        previous = last

        def init(self: Any, inner: previous) -> None: ...  # type: ignore[valid-type]

        last = type(f"Link{number}", (), {"__init__": init})
        getattr(services, lifetime)(last)
    return services, last


@pytest.mark.parametrize(("lifetime", "most"), [("transient", MOST_CONSTRUCTIONS), ("scoped", MOST_BRANCHES)])
def test_deep_chain_is_cut_into_pieces(lifetime: str, most: int) -> None:
    services, last = chain(2 * most, lifetime)

    emission = emit(services, last)

    assert emission.pieces == {"b0": 2 * most - most}
    assert sum("= f" in line or "return f" in line for line in emission.lines) == most


def test_chain_below_the_cap_is_one_piece() -> None:
    services, last = chain(MOST_BRANCHES - 2, "scoped")

    assert emit(services, last).pieces == {}


def test_wide_services_are_cut_into_pieces() -> None:
    services = ServiceCollection()
    leaves = [type(f"Leaf{number}", (), {}) for number in range(MOST_ARGUMENTS)]
    for leaf in leaves:
        services.scoped(leaf)

    def init(self: Any, *_: Any) -> None: ...

    names: dict[str, Any] = {leaf.__name__: leaf for leaf in leaves}
    exec(f"def wide(self, {', '.join(f'{name.lower()}: {name}' for name in names)}): ...", names)  # noqa: S102
    wide = type("Wide", (), {"__init__": names["wide"]})
    services.scoped(wide)

    emission = emit(services, wide)

    assert set(emission.pieces.values()) == set(range(MOST_ARGUMENTS))


def test_every_line_knows_the_nodes_from_the_root_to_the_one_it_builds() -> None:
    services = ServiceCollection().singleton(Settings).transient(Repo).scoped(Handler)

    emission = emit(services, Handler)

    assert len(emission.steps) == len(emission.lines)
    calls = {line.strip(): step for line, step in zip(emission.lines, emission.steps, strict=True) if "= f" in line}
    assert calls == {"v1 = f2(c1)": (2, 1), "v0 = values[n0] = f3(v1)": (2,)}


def test_call_of_another_builder_belongs_to_the_node_it_builds() -> None:
    services, last = chain(2 * MOST_CONSTRUCTIONS, "transient")

    emission = emit(services, last)

    (line,) = [index for index, line in enumerate(emission.lines) if "b0(scope)" in line]
    assert emission.steps[line] == tuple(range(2 * MOST_CONSTRUCTIONS, MOST_CONSTRUCTIONS - 1, -1))
