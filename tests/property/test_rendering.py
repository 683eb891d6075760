"""Rendering never raises, whatever it is given, and what it draws is aligned."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kimera_di
from kimera_di import Key, KimeraError, Lifetime, MissingServiceError, ServiceId, Step
from kimera_di.errors import render_path
from kimera_di.rendering import (
    Row,
    did_you_mean,
    dotted_name,
    listed,
    render_facts,
    render_rows,
    short_name,
    show_place,
)
from tests.property.strategies import World, realise, tangles, worlds


class BrokenRepr:
    """A user's object that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class BrokenAttributes:
    """A proxy whose attributes cannot be read."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


UserId = NewType("UserId", int)
odd_things = st.one_of(
    st.none(),
    st.integers(),
    st.text(),
    st.binary(),
    st.floats(),
    st.tuples(st.integers(), st.text()),
    st.sampled_from(
        [
            int, list[int], dict[str, list[int]], int | None, Annotated[int, Key("k")], UserId, BrokenRepr(), len,
            tuple[int, ...], list, Any, ..., st.integers, lambda: None, ServiceId(int, BrokenRepr()), "a.b:C",
            type("", (), {}), list["Undefined"],  # type: ignore[name-defined] # noqa: F821
        ]
    ),
)  # fmt: skip
words = st.text("abcdefgXYZ ", min_size=1, max_size=12).map(lambda text: f"x{text.rstrip()}x")
steps = st.builds(
    Step,
    odd_things,
    st.one_of(st.none(), words),
    st.one_of(st.none(), st.sampled_from(Lifetime)),
    st.one_of(st.none(), st.text(max_size=20)),
    st.one_of(st.none(), st.integers(0, 10**6)),
)


@st.composite
def trees(draw: st.DrawFn) -> list[Row]:
    """Rows of a tree: parents first, ``last`` as a drawing of it needs it."""
    depths = [0]
    for jump in draw(st.lists(st.integers(0, 30), max_size=30)):
        depths.append(1 + jump % (depths[-1] + 1))
    rows = []
    for index, depth in enumerate(depths):
        following = next((d for d in depths[index + 1 :] if d <= depth), -1)
        columns = tuple(draw(st.lists(words, max_size=2)))
        rows.append(Row(depth, draw(words), columns, following != depth))
    return rows


@given(thing=odd_things)
def test_every_name_comes_out(thing: Any) -> None:
    assert isinstance(short_name(thing), str)
    assert isinstance(dotted_name(thing), str)


@given(thing=odd_things, key=odd_things)
def test_a_keyed_service_is_named_with_its_key(thing: Any, key: Any) -> None:
    text = short_name(ServiceId(thing, key))

    assert text == short_name(thing) if key is None else text.startswith(f"{short_name(thing)}[")


def test_a_long_key_is_cut() -> None:
    assert short_name(ServiceId(int, "k" * 100)) == f"int['{'k' * 56}...]"


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        (int, "int"),
        (list[int], "list[int]"),
        (dict[str, list[int]], "dict[str, list[int]]"),
        (int | None, "int | None"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Annotated[int, Key("k")], "Annotated[int, Key(key='k')]"),
        (UserId, "UserId"),
        ("shop.main:services", "services"),
        ("shop.main.Clock", "Clock"),
        (None, "None"),
        (3, "3"),
        (World.members, "World.members"),
    ],
)
def test_a_type_is_named_as_one_would_write_it(thing: Any, text: str) -> None:
    assert short_name(thing) == text


def test_a_partial_is_named_after_its_function() -> None:
    import functools

    assert short_name(functools.partial(realise)) == "partial(realise)"


def test_a_local_class_is_named_without_the_marker_of_its_function() -> None:
    class Local:
        pass

    assert short_name(Local) == "test_a_local_class_is_named_without_the_marker_of_its_function.Local"


def test_an_object_whose_attributes_raise_is_still_named() -> None:
    assert "BrokenAttributes" in short_name(BrokenAttributes())


@given(rows=trees(), indent=st.sampled_from(["", "  ", "    "]))
def test_a_tree_has_one_line_per_row_with_columns_below_each_other(rows: list[Row], indent: str) -> None:
    lines = render_rows(rows, indent=indent).split("\n")

    assert len(lines) == len(rows)
    starts = set()
    for line, row in zip(lines, rows, strict=True):
        assert line == line.rstrip()
        assert line.startswith(indent)
        assert row.label in line
        if row.columns:
            starts.add(line.index(row.columns[0], len(indent) + 3 * row.depth + len(row.label)))
    assert len(starts) <= 1


@given(rows=trees())
def test_every_branch_of_a_tree_meets_its_parent(rows: list[Row]) -> None:
    """Above a branch sign stands a trunk, another branch of the same parent, or the parent itself."""
    lines = [list(line) for line in render_rows([row._replace(columns=()) for row in rows], indent="").split("\n")]

    for number, row in enumerate(rows):
        if not row.depth:
            continue
        column = 3 * (row.depth - 1)
        assert "".join(lines[number][column : column + 3]) in {"└─ ", "├─ "}
        above = lines[number - 1][column]
        assert rows[number - 1].depth == row.depth - 1 or above in "│├"


@given(facts=st.lists(st.tuples(words, st.one_of(st.just(""), words, st.tuples(words, words).map("\n".join)))))
def test_the_texts_of_facts_stand_below_each_other(facts: list[tuple[str, str]]) -> None:
    shown = [(label, text) for label, text in facts if text]

    lines = render_facts(facts).split("\n") if shown else []

    width = max((len(label) for label, _ in shown), default=0)
    expected = [
        (label if not index else "", part) for label, text in shown for index, part in enumerate(text.split("\n"))
    ]
    assert lines == [f"  {label:<{width}}  {part}" for label, part in expected]


@given(path=st.lists(steps, max_size=60), end=st.sampled_from(["", "not registered"]))
def test_every_path_is_drawn_with_at_most_25_rows(path: list[Step], end: str) -> None:
    text = render_path([step._replace(service=int) for step in path], end)

    assert len(text.split("\n")) <= 25
    assert end in text if path else text == ""


@given(path=st.lists(steps, max_size=30))
def test_every_error_can_be_shown_and_pickled(path: list[Step]) -> None:
    error = MissingServiceError("nothing", service=ServiceId(int), path=path, end="end", facts=(("do this", "that"),))

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert str(error).startswith("KD201 nothing")
    assert type(again) is MissingServiceError
    assert len(again.path) == len(path)
    assert [step.parameter for step in again.path] == [step.parameter for step in path]


@given(world=tangles())
def test_every_problem_of_every_world_can_be_shown(world: World) -> None:
    for problem in realise(world).services.validate():
        text = str(problem)

        assert text.startswith(type(problem).code)
        assert "do this" in text


@given(world=worlds(is_async=True))
def test_every_service_of_every_world_can_be_explained(world: World) -> None:
    real = realise(world)
    container = real.services.build()

    for group in range(len(world.keys)):
        text = container.explain(*real.ask(group))

        assert short_name(ServiceId(*real.ask(group))) in text.split("\n")[0]
        tree = text.partition("\nnot chosen ")[0]
        assert all(" registered " in line or "(default)" in line for line in tree.split("\n"))
    container.close()


@given(world=worlds(is_async=True))
def test_every_world_can_be_exported(world: World) -> None:
    import json

    container = realise(world).services.build()
    graph = container.graph()

    edges = sum(len(world.targets(need)) for service in world.services for need in service.needs)
    assert len(graph.nodes) == len(world.services)
    assert len(graph.edges) == edges
    assert graph.to_mermaid().count("-->") == edges
    assert graph.to_dot().count(" -> ") == edges
    assert len(json.loads(graph.to_json())["edges"]) == edges
    container.close()


@given(file=st.one_of(st.none(), st.text()), line=st.one_of(st.none(), st.integers(0, 9999)))
def test_every_place_comes_out(file: str | None, line: int | None) -> None:
    text = show_place(file, line)

    assert text == "(no source)" if not file else text.endswith(f":{line}") or not line


def test_a_place_below_the_current_folder_is_shown_relative_to_it() -> None:
    assert show_place(os.path.join(os.getcwd(), "shop", "main.py"), 31) == "shop/main.py:31"


def test_a_place_elsewhere_keeps_its_folders() -> None:
    assert show_place("/nowhere/else/main.py", 0) == "/nowhere/else/main.py"


def test_a_place_is_shown_when_the_current_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    code = (
        "import os; os.rmdir(os.getcwd()); from kimera_di.rendering import show_place; print(show_place('/a/b.py', 1))"
    )
    root = str(Path(kimera_di.__file__).parent.parent)

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.strip() == "/a/b.py:1"


@given(names=st.lists(words), wanted=words)
def test_guesses_are_at_most_three_known_names(names: list[str], wanted: str) -> None:
    guesses = did_you_mean(wanted, names)

    assert len(guesses) <= 3
    assert set(guesses) <= set(names)


def test_a_name_in_other_letters_is_guessed() -> None:
    assert did_you_mean("clock", ["Vault", "Clock", "SystemClock"])[0] == "Clock"


@given(names=st.lists(words, unique=True))
def test_a_list_shows_three_and_counts_the_rest(names: list[str]) -> None:
    text = listed(names)

    rest = len(names) - 3
    assert text.count(", ") == max(0, min(3, len(names)) - 1)
    assert (f"(and {rest} more)" in text) is (rest > 0)


def test_an_error_without_path_and_facts_names_its_page() -> None:
    assert str(KimeraError("odd")) == "KD000 odd\n\n  more  kimera help KD000"
