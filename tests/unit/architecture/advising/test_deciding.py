"""Which of the ways out of an import is advised."""

from pathlib import Path

import pytest

from kimera_di.architecture.advising.adviser import Adviser
from kimera_di.architecture.advising.project import Project
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.specs import LayersOptions
from tests.unit.architecture.advising.trees import ALL, LOADING, RUNTIME, VAULT, advise
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

FROM = "from shop.infra.vault import Vault\n"
FUTURE = "from __future__ import annotations\n"
INSIDE = f"{FROM}def run():\n    return Vault('a')\n"

DECIDED = {
    "quoted_annotation": (f"{FROM}def run(vault: 'Vault') -> None: ...\n", "typing"),
    "later_annotation": (f"{FUTURE}{FROM}def run(vault: Vault) -> None: ...\n", "typing"),
    "evaluated_annotation": (f"{FROM}class Audit:\n    vault: Vault | None = None\n", "typing"),
    "annotation_of_a_module": ("import shop.infra.vault\nx: 'shop.infra.vault.Vault'\n", "typing"),
    "annotation_of_a_local": (f"{FROM}def run(given):\n    vault: Vault = given\n", "typing"),
    "cast_with_a_text": (f"{FROM}from typing import cast\ndef run(given):\n    cast('Vault', given)\n", "typing"),
    "inside_a_function": (INSIDE, "defer"),
    "inside_a_method": (f"{FROM}class Audit:\n    def run(self):\n        return Vault('a')\n", "defer"),
    "module_inside_a_function": ("import shop.infra.vault\ndef run():\n    shop.infra.vault.open_vault()\n", "defer"),
    "beside_an_import_of_its_package": (
        "import shop.infra.vault\ndef run():\n    import shop.web\n    shop.infra.vault.open_vault()\n",
        "defer",
    ),
    "renamed": ("from shop.infra import vault as v\ndef run():\n    v.open_vault()\n", "defer"),
    "star": ("from shop.infra.vault import *\ndef run():\n    open_vault()\n", "defer"),
    "base_class": (f"{FROM}class Audit(Vault): ...\n", "move"),
    "decorator": ("from shop.infra.vault import open_vault\n@open_vault\ndef run(): ...\n", "move"),
    "default": ("from shop.infra.vault import LIMIT\ndef run(limit=LIMIT): ...\n", "move"),
    "module_level": ("from shop.infra.vault import LIMIT\nDOUBLE = LIMIT * 2\n", "move"),
    "exception": ("from shop.infra.vault import VaultError\ntry: ...\nexcept VaultError: ...\n", "move"),
    "run_while_loading": (f"{INSIDE}FIRST = run()\n", "move"),
    "run_by_another_one": (f"{INSIDE}def first():\n    return run()\nFIRST = first()\n", "move"),
    "instance_at_module_level": (f"{FROM}VAULT = Vault('a')\nVAULT.keep('x')\n", "interface"),
    "nothing_used": (FROM, "delete"),
    "shadowed_by_a_parameter": (f"{FROM}def run(Vault):\n    return Vault('a')\n", "delete"),
    "literal_is_no_annotation": (f"{FROM}from typing import Literal\nx: Literal['Vault']\n", "delete"),
}


@pytest.mark.parametrize(("audit", "kind"), DECIDED.values(), ids=DECIDED)
def test_use_of_an_import_decides_the_advice(audit: str, kind: str, tmp_path: Path) -> None:
    assert advise(tmp_path, audit).kind == kind


def test_deferring_is_not_advised_where_deferred_imports_count(tmp_path: Path) -> None:
    found = advise(tmp_path, f"{FROM}def run():\n    return Vault('a').keep('x')\n", kinds=RUNTIME)

    assert found.kind == "interface"
    assert found.notes[0] == "it could be imported inside of run, but such imports count here (kinds)"


def test_quoting_is_not_advised_where_imports_for_type_checkers_count(tmp_path: Path) -> None:
    found = advise(tmp_path, f"{FROM}def run(vault: 'Vault'):\n    vault.keep('x')\n", kinds=ALL)

    assert found.kind == "interface"
    assert found.notes[0] == "it is used in annotations only, but imports under TYPE_CHECKING count here (kinds)"


def test_evaluated_annotations_need_a_future_import(tmp_path: Path) -> None:
    found = advise(tmp_path, f"{FROM}def run(vault: Vault): ...\n")

    assert found.code == (
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from shop.infra.vault import Vault\n"
    )
    assert "have to be evaluated later" in found.text


def test_quoted_annotations_need_no_future_import(tmp_path: Path) -> None:
    found = advise(tmp_path, f"{FROM}def run(vault: 'Vault'): ...\n")

    assert "__future__" not in found.code + found.text


@pytest.mark.parametrize(
    ("code", "reader"),
    [
        ("class Order(BaseModel):\n    vault: Vault\n", "BaseModel"),
        ("@app.get('/')\ndef show(vault: Vault): ...\n", "get"),
    ],
    ids=["model", "handler"],
)
def test_annotations_that_are_read_at_run_time_bring_a_warning(code: str, reader: str, tmp_path: Path) -> None:
    found = advise(tmp_path, f"{FROM}{code}")

    assert found.notes[0].startswith(f"{reader} reads annotations at run time (line ")


def test_deferred_import_names_the_functions_and_the_cost(tmp_path: Path) -> None:
    found = advise(tmp_path, f"{INSIDE}class Audit:\n    def stop(self):\n        Vault('b')\n")

    assert found.text == (
        "defer it: Vault is used only inside of run, Audit.stop; the first call then pays for the import"
    )
    assert found.code.count("from shop.infra.vault import Vault") == 2


def test_names_that_others_take_from_the_importer_keep_the_import(tmp_path: Path) -> None:
    others = {"shop.web.page": "from shop.core.audit import Vault\nx: 'Vault'\n"}

    found = advise(tmp_path, INSIDE, others=others)

    assert found.kind == "move"
    assert "shop.web.page take Vault from here; let them import it from its home" in found.notes


def test_import_that_only_hands_a_name_on_is_taken_back(tmp_path: Path) -> None:
    found = advise(tmp_path, FROM, others={"shop.web.page": "from shop.core.audit import Vault\nx = Vault\n"})

    assert found.text == "stop handing on Vault: let shop.web.page import it from shop.infra.vault"


def test_name_in_all_is_handed_on(tmp_path: Path) -> None:
    found = advise(tmp_path, f"{FROM}__all__ = ['Vault']\n")

    assert found.text == "stop handing on Vault: let those who want it import it from shop.infra.vault"


def test_import_by_a_call_says_that_it_cannot_be_followed(tmp_path: Path) -> None:
    found = advise(tmp_path, f"def run():\n    {FROM}", kinds=LOADING)

    assert found.kind == "unknown"
    assert "cannot be followed" in found.text


def test_what_lives_where_it_would_move_to_is_advised_to_go_elsewhere(tmp_path: Path) -> None:
    """The layer's package and the last part of the module are the module's own name."""
    order = LayerOrder.from_options(LayersOptions(("core",), ("shop",)))
    write_package(
        tmp_path, {"shop.core.vault": VAULT, "shop.core.audit": "from shop.core.vault import LIMIT\nX = LIMIT\n"}
    )
    adviser = Adviser(read_tree(tmp_path).graph, Project((order,)))

    found = adviser.about(("shop.core.audit", "shop.core.vault"), LOADING)

    assert found.text.startswith("move LIMIT (constant) to a module that imports neither of the two")
    assert found.place == ""
