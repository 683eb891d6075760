from pathlib import Path
from textwrap import dedent

import pytest

from kimera_di.architecture.configuration.contract_file import read_contract_file
from kimera_di.architecture.model.specs import AcyclicOptions, BuiltInOptions, ContractFile, LayersOptions
from kimera_di.errors import ContractError

SHOP = """
    [metadata]
    name = shop

    [importlinter]
    root_packages = shop
    include_external_packages = True
    kimera_allow_unseen =
        shop/templates/**
        shop/old/**

    [importlinter:contract:layers]
    name = Shop layers
    type = kimera_layers
    why = domain rules run
        without a server
    layers =
        web
        # a comment, which is no layer
        core | util

        (old)
    containers = shop
    exhaustive = true
    kinds =
        runtime
        dynamic
    ignore =
        shop.core.a -> shop.web.b  # being moved; soon; until=2027-01-01; issue=#12
        shop.core.** -> shop.web  # plugins
    """


def read(root: Path, text: str, name: str = "setup.cfg") -> ContractFile:
    (root / name).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return read_contract_file(root / name)


def ini(*options: str, type_name: str = "kimera_layers", session: str = "root_packages = shop") -> str:
    head = f"[importlinter]\n{session}\n[importlinter:contract:one]\nname = One\nwhy = a test\ntype = {type_name}\n"
    return head + "\n".join(options) + "\n"


def refused(root: Path, text: str) -> ContractError:
    with pytest.raises(ContractError) as caught:
        read(root, text)
    return caught.value


@pytest.mark.parametrize("name", ["setup.cfg", ".importlinter", "contracts.ini", "any-name"])
def test_every_option_is_what_the_toml_file_would_say(tmp_path: Path, name: str) -> None:
    file = read(tmp_path, SHOP, name)

    (spec,) = file.contracts
    assert (file.root_packages, file.include_external_packages, file.mistakes) == (("shop",), True, ())
    assert (spec.id, spec.name, spec.type, spec.mistakes) == ("layers", "Shop layers", "kimera_layers", ())
    assert spec.why == "domain rules run\nwithout a server"
    assert spec.options == LayersOptions(
        ("web", "core | util", "(old)"), ("shop",), exhaustive=True, kinds=("runtime", "dynamic")
    )


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    file = read(tmp_path, SHOP)

    (spec,) = file.contracts
    assert [(allow.glob, allow.line) for allow in file.allow_unseen] == [("shop/templates/**", 8), ("shop/old/**", 9)]
    assert (spec.line, spec.line_of("layers"), spec.line_of("kinds")) == (11, 16, 24)
    assert [rule.line for rule in spec.ignores] == [28, 29]


def test_ignore_on_one_line_has_reason_day_and_issue(tmp_path: Path) -> None:
    first, second = read(tmp_path, SHOP).contracts[0].ignores

    assert (first.expression, first.reason) == ("shop.core.a -> shop.web.b", "being moved; soon")
    assert (str(first.until), first.issue) == ("2027-01-01", "#12")
    assert (second.expression, second.reason, second.until) == ("shop.core.** -> shop.web", "plugins", None)


def test_ignore_on_one_line_is_read_in_toml_too(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["shop"]\n[[tool.importlinter.contracts]]\nname = "A"\nwhy = "a test"\n'
        'type = "kimera_acyclic"\npackages = ["shop"]\nignore = ["a.b -> c.d  # legacy"]\n',
        encoding="utf-8",
    )

    (spec,) = read_contract_file(tmp_path / "a.toml").contracts

    assert [(rule.expression, rule.reason, rule.line) for rule in spec.ignores] == [("a.b -> c.d", "legacy", 8)]


def test_single_value_is_a_list_of_one(tmp_path: Path) -> None:
    (spec,) = read(tmp_path, ini("packages = shop", "level: modules", type_name="kimera_acyclic")).contracts

    assert spec.options == AcyclicOptions(packages=("shop",), level="modules")


def test_built_in_contract_gets_texts_and_lists(tmp_path: Path) -> None:
    (spec,) = read(tmp_path, ini("modules =\n  shop.a\n  shop.b", type_name="independence")).contracts

    assert spec.options == BuiltInOptions({"modules": ["shop.a", "shop.b"], "why": "a test"})


@pytest.mark.parametrize(
    ("option", "line", "words"),
    [
        ("layers =\n  web\n  a | b : c", 9, "mixes | (independent) and : (open)"),
        ("layers = web\nkinds =\n  runtime\n  dynamik", 10, "kinds knows no 'dynamik'"),
        ("layers = web\nignore =\n  shop.a -> shop.b", 9, "ignore[0].reason is missing"),
        ("layers = web\nignore = shop.a, shop.b  # why", 8, "'shop.a, shop.b' is no dotted name"),
        ("layers = web\nignore = shop.a -> shop.b  # why; until=soon", 8, "ignore[0].until is no date: 'soon'"),
        ("layers = web\nlayer = core", 8, "unknown option layer"),
        ("layers = web\nexhaustive = maybe", 8, "exhaustive must be true or false"),
        ("layers = web\nreach = a\n  b", 8, "reach must be a text that is not empty"),
    ],
    ids=["row", "kind", "reason", "arrow", "date", "option", "flag", "text"],
)
def test_mistake_names_the_line_of_the_ini_file(tmp_path: Path, option: str, line: int, words: str) -> None:
    (spec,) = read(tmp_path, ini(option)).contracts

    assert [mistake.line for mistake in spec.mistakes] == [line]
    assert words in str(spec.mistakes[0])
    assert "setup.cfg" in str(spec.mistakes[0])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("root_packages = shop\n", 1, "there is text before the first [section]"),
        ("[importlinter]\nroot_packages\n", 2, "a line is neither [section] nor option = value"),
        ("[importlinter]\nroot_packages = a\nroot_packages = b\n", 3, "root_packages is there twice in [importlinter]"),
        ("[importlinter]\nx = 1\n[importlinter]\n", 3, "the section [importlinter] is there twice"),
        ("[importlinter]\nx = 1\n  50%\n", 3, "x: a lone % means something else in INI files"),
        ("[metadata]\nname = shop\n", 0, "the file has no contracts"),
    ],
    ids=["no-section", "no-value", "option-twice", "section-twice", "percent", "no-table"],
)
def test_file_that_is_no_ini_is_refused_with_the_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = refused(tmp_path, text)

    assert (error.line, words in str(error)) == (line, True)


def test_file_without_contract_sections_says_what_to_add(tmp_path: Path) -> None:
    file = read(tmp_path, "[importlinter]\nroot_package = shop\n")

    assert "add [importlinter:contract:ID]" in str(file.mistakes[0])


def test_percent_sign_in_a_section_of_another_tool_is_no_concern(tmp_path: Path) -> None:
    text = f"[tool:other]\nformat = %(nothing)s %d\n{ini('layers = web')}"

    assert read(tmp_path, text).contracts[0].mistakes == ()


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ("layers = web\nwhy =", "do this  add why = ..."),
        ("containers = shop", "do this  add layers = ..."),
        ("layers = web\nignore = a.b  # r", "do this  write a.b -> c.d"),
    ],
    ids=["why", "list", "ignore"],
)
def test_advice_is_written_as_ini(tmp_path: Path, options: str, advice: str) -> None:
    text = ini(options).replace("why = a test\n", "" if "why" in options else "why = a test\n")

    (spec,) = read(tmp_path, text).contracts

    assert any(advice in str(mistake) for mistake in spec.mistakes)
    assert '"' not in "".join(str(mistake) for mistake in spec.mistakes)
