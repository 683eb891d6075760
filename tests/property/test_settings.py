"""Random settings models: templates can be filled and loaded, and what is wrong is named, no more and no less."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, Field, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from kimera_di import InvalidSettingsError, ServiceCollection
from kimera_di.settings.dotenv import dotenv_template, quoted
from kimera_di.settings.fields import settings_of
from kimera_di.settings.makers import SettingsOptions

pytestmark = pytest.mark.check

NAMES = st.from_regex(r"f[a-z0-9]{1,5}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(10**9), 10**9)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS: tuple[tuple[Any, st.SearchStrategy[Any], str], ...] = (
    (int, NUMBERS, "many"),
    (float, FLOATS, "much"),
    (bool, st.booleans(), "maybe"),
    (list[int], st.lists(NUMBERS, max_size=3), "[1,"),
    (dict[str, str], st.dictionaries(TEXTS, TEXTS, max_size=2), "{no"),
    (Literal["dev", "prod"], st.sampled_from(["dev", "prod"]), "test"),
    (int | None, NUMBERS, "many"),
)
STRINGS: tuple[Any, st.SearchStrategy[Any], str] = (str, TEXTS, "")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field, a value it takes, and a text it refuses ("" when it takes every text)."""

    kind: Any
    value: Any
    wrong: str


Tree = dict[str, Any]  # name -> Leaf, or another tree


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    kind, values, wrong = draw(st.sampled_from([*SCALARS, STRINGS]))
    return Leaf(kind, draw(values), wrong)


def trees() -> st.SearchStrategy[Tree]:
    return st.recursive(
        st.dictionaries(NAMES, leaves(), min_size=1, max_size=4),
        lambda inner: st.dictionaries(NAMES, leaves() | inner, min_size=1, max_size=3),
        max_leaves=6,
    )


def model_of(tree: Tree, *, with_defaults: bool, base: type[BaseModel] = BaseModel) -> type[Any]:
    """Make a model; nested ones have no default, so that each of their fields counts on its own."""
    fields: dict[str, Any] = {}
    for name, entry in tree.items():
        if isinstance(entry, Leaf):
            fields[name] = (entry.kind, entry.value if with_defaults else ...)
        else:
            fields[name] = (model_of(entry, with_defaults=with_defaults), ...)
    return create_model("Random", __base__=base, **fields)


class Prefixed(BaseSettings):
    """What random settings derive from."""

    model_config = SettingsConfigDict(env_prefix="RND_", env_nested_delimiter="__")


def flat(tree: Tree, above: str = "RND_") -> dict[str, Leaf]:
    """Name the variable of every leaf, written here on its own."""
    found: dict[str, Leaf] = {}
    for name, entry in tree.items():
        variable = above + name.upper()
        found |= {variable: entry} if isinstance(entry, Leaf) else flat(entry, f"{variable}__")
    return found


def values(tree: Tree) -> dict[str, Any]:
    return {name: entry.value if isinstance(entry, Leaf) else values(entry) for name, entry in tree.items()}


def services(model: type[BaseSettings], text: str, folder: str) -> ServiceCollection:
    file = Path(folder) / "random.env"
    file.write_text(text, encoding="utf-8", newline="")
    return ServiceCollection().settings(model, env_file=file)


def loaded(model: type[BaseSettings], text: str) -> dict[str, Any]:
    """Load settings from the text of an env file."""
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = services(model, text, folder).build()[model].model_dump()
    return found


def text_of(leaf: Leaf) -> str:
    return leaf.value if isinstance(leaf.value, str) else json.dumps(leaf.value)


@given(trees())
def test_uncommented_template_gives_the_defaults(tree: Tree) -> None:
    model = model_of(tree, with_defaults=True, base=Prefixed)
    lines = dotenv_template(model, SettingsOptions()).split("\n")
    names = flat(tree)

    uncommented = [line.removeprefix("# ") if line[2:].partition("=")[0] in names else line for line in lines]

    assert loaded(model, "\n".join(uncommented)) == values(tree)
    assert sum(line.partition("=")[0] in names for line in uncommented) == len(names)


@given(trees())
def test_filled_template_gives_what_was_filled_in(tree: Tree) -> None:
    model = model_of(tree, with_defaults=False, base=Prefixed)
    text = dotenv_template(model, SettingsOptions())
    for name, leaf in flat(tree).items():
        assert text.count(f"\n{name}=\n") == 1
        text = text.replace(f"\n{name}=\n", f"\n{name}={quoted(text_of(leaf))}\n")

    assert loaded(model, text) == values(tree)


@given(trees(), st.data())
def test_exactly_the_missing_and_wrong_variables_are_named(tree: Tree, data: st.DataObject) -> None:
    model = model_of(tree, with_defaults=False, base=Prefixed)
    leaves_by_name = flat(tree)
    states = {name: data.draw(st.sampled_from(["good", "missing", "wrong"])) for name in leaves_by_name}
    lines: list[str] = []
    bad: list[str] = []
    for name, leaf in leaves_by_name.items():
        if states[name] == "missing" or (states[name] == "wrong" and not leaf.wrong):
            bad.append(name)
        else:
            wrong = states[name] == "wrong"
            bad += [name] if wrong else []
            lines.append(f"{name}={quoted(leaf.wrong if wrong else text_of(leaf))}")

    with tempfile.TemporaryDirectory() as folder:
        errors = services(model, "\n".join(lines), folder).validate()

    named = [p.variable for error in errors if isinstance(error, InvalidSettingsError) for p in error.problems]
    assert named == bad


CONFIGS = st.fixed_dictionaries(
    {
        "env_prefix": st.sampled_from(["", "app_", "App_"]),
        "env_prefix_target": st.sampled_from(["variable", "alias", "all"]),
        "env_nested_delimiter": st.sampled_from([None, "__", "_"]),
        "env_nested_max_split": st.sampled_from([None, 1, 2]),
        "case_sensitive": st.booleans(),
        "populate_by_name": st.booleans(),
    }
)
ALIASES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.from_regex(r"a_?[a-zA-Z]{2,4}", fullmatch=True),
    st.lists(st.from_regex(r"a[a-z]{2,4}", fullmatch=True), min_size=2, max_size=2, unique=True),
)
FIELDS = st.dictionaries(st.from_regex(r"f_?[a-z]{2,4}", fullmatch=True), ALIASES, min_size=1, max_size=3)


def aliased(fields: dict[str, Any], inner: Any, base: type[BaseModel]) -> type[Any]:
    """Make a model of numbers with aliases, and a nested model."""
    made: dict[str, Any] = {}
    for name, alias in fields.items():
        found = AliasChoices(*alias) if isinstance(alias, list) else alias
        made[name] = (int, Field(0, validation_alias=found))
    if inner is not None:
        made["nested"] = (inner, inner())
    return create_model("Aliased", __base__=base, **made)


@pytest.mark.slow
@given(CONFIGS, FIELDS, FIELDS, FIELDS)
def test_every_variable_that_is_named_is_read_into_its_field(
    config: dict[str, Any], outer: dict[str, Any], middle: dict[str, Any], inner: dict[str, Any]
) -> None:
    """pydantic-settings itself is the judge."""
    named = {key: config[key] for key in ("populate_by_name",)}
    nested_base = type("Nested", (BaseModel,), {"model_config": named})
    base = type("Configured", (BaseSettings,), {"model_config": SettingsConfigDict(**config, extra="ignore")})
    deepest = aliased(inner, None, nested_base)
    model = aliased(outer, aliased(middle, deepest, nested_base), base)
    leaves_ = [s for s in settings_of(model, SettingsOptions()) if s.part is None]
    every = [name for s in leaves_ for name in s.names]

    for setting in leaves_:
        for name in setting.names:
            if setting.inside or every.count(name) > 1:
                continue
            with tempfile.TemporaryDirectory() as folder:
                read: Any = services(model, f"{name}=7\n", folder).build()[model]
            for step in setting.path:
                read = getattr(read, step)
            assert read == 7, (setting.path, name)
