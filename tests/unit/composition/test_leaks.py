"""An interface of a lower layer that shows types of a higher one."""

from pathlib import Path

import pytest

from tests.unit.composition.ports_tree import check_ports, triples, wired

pytestmark = pytest.mark.check

LEAK = ("KD425", "shop.core.ports.Store", "shop.api.store.Row")
GUARDED = """
    from __future__ import annotations
    from typing import TYPE_CHECKING, Annotated, Any, Callable, Literal, Protocol
    if TYPE_CHECKING:
        import shop.api.store as store
        from shop.api.store import Row
    Rows = list["Row"]
    class Base(Protocol):
        {base}
    class Store(Base, Protocol):
        {member}
        def rows(self) -> list[str]: ...
    """


def ports(member: str = "pass", base: str = "pass") -> dict[str, str]:
    return {"shop.core.ports": GUARDED.replace("{member}", member).replace("{base}", base)}


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("def one(self) -> Row: ...", id="return"),
        pytest.param("def one(self, row: Row) -> None: ...", id="parameter"),
        pytest.param("def one(self, *, row: Row) -> None: ...", id="keyword"),
        pytest.param("def one(self, *row: Row) -> None: ...", id="any number"),
        pytest.param("async def one(self) -> Row | None: ...", id="union of an async method"),
        pytest.param("def one(self) -> 'list[Row]': ...", id="string"),
        pytest.param("def one(self) -> list['Row']: ...", id="string inside"),
        pytest.param("def one(self) -> store.Row: ...", id="module attribute"),
        pytest.param("def one(self) -> Callable[[Row], None]: ...", id="callable"),
        pytest.param("def one(self) -> Annotated[Row, 'note']: ...", id="annotated"),
        pytest.param("def one(self) -> Rows: ...", id="alias"),
        pytest.param("def __call__(self) -> Row: ...", id="special method"),
        pytest.param("row: Row", id="attribute"),
        pytest.param("@property\n        def row(self) -> Row: ...", id="property"),
        pytest.param("if TYPE_CHECKING:\n            row: Row", id="attribute for type checkers"),
    ],
)
def test_public_member_with_a_type_of_a_higher_layer_is_a_finding(tmp_path: Path, member: str) -> None:
    assert triples(check_ports(tmp_path, ports(member))) == [LEAK]


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("def _one(self) -> Row: ...", id="private method"),
        pytest.param("_row: Row", id="private attribute"),
        pytest.param("def __init__(self, row: Row) -> None: ...", id="constructor"),
        pytest.param("def one(self) -> Literal['Row']: ...", id="text that is no annotation"),
        pytest.param("def one(self) -> Annotated[str, 'Row']: ...", id="note beside a type"),
        pytest.param("def one(self, Row: str) -> Any: ...", id="name of a parameter"),
        pytest.param("def one(self) -> Unknown: ...", id="unknown name"),
    ],
)
def test_what_nobody_who_is_given_the_interface_sees_is_no_finding(tmp_path: Path, member: str) -> None:
    assert triples(check_ports(tmp_path, ports(member))) == []


def test_inherited_member_is_a_finding_of_the_interface(tmp_path: Path) -> None:
    assert triples(check_ports(tmp_path, ports(base="def one(self) -> Row: ..."))) == [LEAK]


def test_type_that_is_imported_again_by_a_module_of_no_layer_is_a_finding(tmp_path: Path) -> None:
    modules = {"shop.core.ports": GUARDED.replace("shop.api.store import Row", "shop.types import Row")}
    modules["shop.core.ports"] = modules["shop.core.ports"].replace("{member}", "row: Row").replace("{base}", "pass")

    report = check_ports(tmp_path, {**modules, "shop.types": "from shop.api.store import Row"})

    assert triples(report) == [LEAK]


def test_alias_of_another_module_is_followed(tmp_path: Path) -> None:
    modules = ports("def one(self) -> Many: ...")
    modules["shop.core.ports"] = "from shop.core.aliases import Rows as Many\n" + modules["shop.core.ports"].replace(
        "\n    ", "\n"
    ).replace("from __future__ import annotations\n", "")
    aliases = "import typing\nif typing.TYPE_CHECKING:\n    from shop.api.store import Row\nRows = list['Row']"

    report = check_ports(tmp_path, {**modules, "shop.core.aliases": aliases})

    assert triples(report) == [LEAK]


def test_aliases_that_name_each_other_end(tmp_path: Path) -> None:
    modules = ports("def one(self) -> First: ...")
    modules["shop.core.ports"] += "\n    First = list['Second']\n    Second = list['First']\n"

    assert triples(check_ports(tmp_path, modules)) == []


def test_type_of_an_independent_sibling_is_a_finding(tmp_path: Path) -> None:
    report = check_ports(tmp_path, ports("row: Row"), layers='["core | api"]')

    assert LEAK in triples(report)


def test_type_of_a_lower_layer_is_no_finding(tmp_path: Path) -> None:
    report = check_ports(tmp_path, ports("row: Row"), layers='["core", "api"]')

    assert [code for code, _, _ in triples(report)] == []


def test_concrete_class_that_stands_for_itself_is_no_interface(tmp_path: Path) -> None:
    plain = GUARDED.replace("(Base, Protocol)", "").replace("{member}", "row: Row").replace("{base}", "pass")
    store = "class Row: ..."
    main = """
        from kimera_di import ServiceCollection
        from shop.core.audit import Auditor
        from shop.core.ports import Store
        services = ServiceCollection().singleton(Store).singleton(Auditor)
        """

    report = check_ports(tmp_path, {"shop.core.ports": plain, "shop.api.store": store, "shop.main": main})

    assert triples(report) == []


def test_finding_says_where_and_what_to_do(tmp_path: Path) -> None:
    (finding,) = wired(check_ports(tmp_path, ports("def one(self) -> Row: ...")))

    lines = (tmp_path / "shop" / "core" / "ports.py").read_text(encoding="utf-8").splitlines()
    assert "def one" in lines[(finding.line or 0) - 1]
    assert finding.kind == "wires"
    assert finding.message.startswith("shop.core.ports.Store (core) shows shop.api.store.Row (api) in 'one'")
    assert finding.advice.startswith("move Row to core or a layer below it, or give Store a type of its own")


def test_leaks_are_allowed_when_the_contract_says_so(tmp_path: Path) -> None:
    assert triples(check_ports(tmp_path, ports("row: Row"), options="leaks = false")) == []


def test_ignored_leak_is_no_finding(tmp_path: Path) -> None:
    rule = 'ignore = [{ import = "shop.core.ports.* -> shop.api.**", reason = "being moved" }]'

    assert triples(check_ports(tmp_path, ports("row: Row"), options=rule)) == []


def test_ignore_of_a_type_that_may_be_shown_is_irrelevant(tmp_path: Path) -> None:
    rule = 'ignore = [{ import = "shop.core.ports.Store -> shop.core.ports.Base", reason = "a test" }]'
    report = check_ports(tmp_path, ports("def one(self) -> Base: ..."), options=rule)

    assert [code for code, _, _ in triples(report)] == ["KD417"]
