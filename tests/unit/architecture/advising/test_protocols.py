"""The interface that is advised: from the members really used, and satisfied by the class."""

import subprocess
import sys
from pathlib import Path

import pytest

from kimera_di.architecture.advising.adviser import Adviser
from kimera_di.architecture.advising.project import Project, read_project
from kimera_di.architecture.configuration.contract_file import read_contract_file
from tests.unit.architecture.advising.trees import ALL, USED, USER, advise
from tests.unit.architecture.trees import layers, read_tree, write_contracts, write_package

pytestmark = pytest.mark.check

AUDIT = """
from shop.infra.vault import Vault


class Audit:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def run(self, text: str) -> bool:
        return self._vault.full or self._vault.keep(text, times=2)

    async def again(self) -> None:
        await self._vault.load(None)
"""
WIDE = """
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Generic, Self, TypeVar

from shop.infra.text import Text

T = TypeVar("T")


def traced(function: Any) -> Any:
    return wraps(function)(function)


class Base:
    def inherited(self, *names: str, **options: int) -> None: ...


class Vault(Base):
    def __init__(self, name: str) -> None:
        self.name = name
        self.limit: int = 3
        self.odd = [0]

    def keep(self, text: Text, /, key: str = "", *, times: int = 1) -> Text:
        return text

    def plain(self, text, more=()):
        return text

    def clone(self) -> "Vault":
        return self

    def mapped(self, call: Callable[[T], int], value: T) -> dict[str, list[T]]:
        return {}

    @contextmanager
    def opened(self) -> Iterator[Text]:
        yield Text()

    async def rows(self) -> AsyncIterator[int]:
        yield 1

    async def load(self) -> bytes | None:
        return None

    @traced
    def traced(self, one: int) -> int:
        return one

    @staticmethod
    def version() -> int:
        return 1

    @classmethod
    def kind(cls) -> str:
        return ""

    def __len__(self) -> int:
        return 0

    def __getitem__(self, at: int) -> str:
        return ""
"""
WIDE_USER = """
from shop.infra.vault import Vault


def use(vault: Vault) -> None:
    vault.keep(object(), key="a", times=2)
    vault.plain(1)
    vault.clone().name
    vault.mapped(int, 1)
    with vault.opened():
        vault.rows()
    vault.load()
    vault.traced(1)
    vault.version()
    vault.kind()
    vault.inherited("a")
    vault.name
    vault.limit = 4
    vault.odd
    len(vault)
    vault[0]
"""


def test_protocol_has_the_members_that_are_used_with_their_signatures(tmp_path: Path) -> None:
    found = advise(tmp_path, AUDIT, kinds=ALL)

    assert found.kind == "interface"
    assert found.code == (
        "from typing import Protocol\n\n\n"
        "class IVault(Protocol):\n"
        '    """What shop.core.audit needs of Vault."""\n\n'
        "    @property\n"
        "    def full(self) -> bool: ...\n\n"
        "    def keep(self, text: str, *, times: int=...) -> bool: ...\n\n"
        "    async def load(self, key: str | None) -> list[str]: ...\n"
    )


def test_changes_name_the_lines_of_the_importer(tmp_path: Path) -> None:
    found = advise(tmp_path, AUDIT, kinds=ALL)

    assert [change.rpartition("/")[2] for change in found.changes] == [
        "audit.py:2  take Vault out",
        "audit.py:6  annotate with IVault",
    ]


def test_layers_and_composition_root_say_where_everything_goes(tmp_path: Path) -> None:
    root = '[[contract]]\nname = "R"\ntype = "kimera_composition_root"\nwhy = "a"\nroots = ["shop.main"]\n'
    root += 'implementations = ["shop.infra"]\n'
    contracts = write_contracts(tmp_path, layers('layers = ["infra", "core"]\ncontainers = ["shop"]') + root)
    project = read_project([read_contract_file(contracts)])

    found = advise(tmp_path, AUDIT, kinds=ALL, project=project)

    assert found.place == "shop.core.ports"
    assert found.registration == (
        "# in shop.main; singleton, scoped or transient is for you to choose\n"
        "from shop.core.ports import IVault\n"
        "from shop.infra.vault import Vault\n\n"
        "services.singleton(IVault, Vault)\n"
    )


def test_functions_and_exceptions_are_moved_to_the_layer_of_the_importer(tmp_path: Path) -> None:
    contracts = write_contracts(tmp_path, layers('layers = ["infra", "core"]\ncontainers = ["shop"]'))
    project = read_project([read_contract_file(contracts)])
    text = "from shop.infra.vault import VaultError\ndef run():\n    raise VaultError\n"

    found = advise(tmp_path, text, kinds=ALL, project=project)

    assert found.text == "move VaultError (exception) to shop.core.errors, and import it from there on both sides"


def test_what_is_moved_goes_to_no_layer_that_the_other_side_may_not_use(tmp_path: Path) -> None:
    contracts = write_contracts(tmp_path, layers('layers = ["infra | core"]\ncontainers = ["shop"]'))
    project = read_project([read_contract_file(contracts)])
    text = "from shop.infra.vault import VaultError\ndef run():\n    raise VaultError\n"

    found = advise(tmp_path, text, kinds=ALL, project=project)

    assert found.text.startswith("move VaultError (exception) to a module that imports neither of the two,")


def test_instance_that_is_handed_on_is_told(tmp_path: Path) -> None:
    text = "from shop.infra.vault import Vault\ndef run(vault: Vault):\n    vault.keep('a')\n    print(vault)\n"

    found = advise(tmp_path, text, kinds=ALL)

    assert "line 4 hands Vault on to print: what that uses belongs into the interface as well" in found.notes


def test_type_that_the_interface_may_not_import_is_any_and_told(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.infra.text": "class Text: ...\n"})

    found = advise(tmp_path, WIDE_USER, kinds=ALL, others={USED: WIDE})

    assert "def keep(self, text: Any, /, key: str=..., *, times: int=...) -> Any: ..." in found.code
    assert any(note.startswith("shop.infra.text.Text is Any there") for note in found.notes)


def test_class_without_a_source_is_no_reason_to_fail(tmp_path: Path) -> None:
    text = "from shop.infra.vault import Missing\ndef run(one: Missing):\n    one.keep('a')\n"

    found = advise(tmp_path, text, kinds=ALL)

    assert found.text.startswith("move Missing (not found in the source) to ")


def test_class_satisfies_its_protocol_for_a_type_checker(tmp_path: Path) -> None:
    modules = {"shop.infra.text": "class Text: ...\n", USED: WIDE, USER: WIDE_USER}
    write_package(tmp_path, modules)
    code = Adviser(read_tree(tmp_path).graph, Project()).about((USER, USED), ALL).code
    proof = f"{code}\n\nfrom shop.infra.vault import Vault\nfitting: IVault = Vault('a')\n"
    (tmp_path / "proof.py").write_text(proof, encoding="utf-8")

    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(tmp_path / ".cache"), "proof.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    members = ("keep", "plain", "clone", "mapped", "opened", "rows", "load", "traced", "version", "kind", "__len__")
    assert all(f"def {name}(" in code for name in members)
    assert "limit: int" in code
    assert "AbstractContextManager[" in code
    assert not [line for line in ran.stdout.splitlines() if line.startswith("proof.py")], f"{ran.stdout}\n{code}"
