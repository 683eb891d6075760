"""Names in annotations are followed through the source of their module, which is parsed and never run."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kimera_di.registration.annotations import EMPTY, Parameter, read_parameters
from kimera_di.registration.names import KnownTypes, imported_as


class House:
    """A package below a temporary folder, loaded module by module."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder / name, name
        self.folder.mkdir()
        self.loaded: list[str] = []
        self.write("__init__", "")
        self.load("__init__")

    def write(self, module: str, text: str) -> None:
        """Write a module without loading it."""
        file = self.folder / f"{module.replace('.', '/')}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def load(self, module: str, text: str | None = None) -> ModuleType:
        """Write and run a module."""
        if text is not None:
            self.write(module, text)
        is_package = module.endswith("__init__")
        dotted = f"{self.name}.{module}".removesuffix(".__init__")
        file = self.folder / f"{module.replace('.', '/')}.py"
        folders = [str(file.parent)] if is_package else None
        spec = importlib.util.spec_from_file_location(dotted, file, submodule_search_locations=folders)
        assert spec is not None
        assert spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[dotted] = loaded
        self.loaded.append(dotted)
        spec.loader.exec_module(loaded)
        if not is_package:
            setattr(sys.modules[dotted.rpartition(".")[0]], dotted.rpartition(".")[2], loaded)
        return loaded


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A package whose modules are forgotten afterwards; its name is that of the test."""
    made = House(tmp_path, f"house_{abs(hash(request.node.nodeid))}")
    yield made
    for name in made.loaded:
        sys.modules.pop(name, None)


def first(maker: Any, *known: Any) -> Parameter:
    """The first parameter, read with some registered types."""
    return read_parameters(maker, KnownTypes(known))[0]


USER = """
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    {statement}

def make(vault: {annotation}) -> None: ...
"""


@pytest.mark.parametrize(
    ("statement", "annotation"),
    [
        ("from {house}.infra import Vault", "Vault"),
        ("from {house}.infra import Vault as V", "V"),
        ("from .infra import Vault", "Vault"),
        ("from . import infra", "infra.Vault"),
        ("import {house}.infra as deep", "deep.Vault"),
        ("import {house}.infra", "{house}.infra.Vault"),
        ("from {house} import infra", "list[infra.Vault]"),
    ],
)
def test_typing_only_import_is_followed_to_the_registered_type(house: House, statement: str, annotation: str) -> None:
    vault = house.load("infra", "class Vault: ...").Vault
    text = USER.format(statement=statement, annotation=annotation).replace("{house}", house.name)
    user = house.load("user", text)

    found = first(user.make, vault)

    assert found.problem == ""
    assert found.annotation == (list[vault] if annotation.startswith("list") else vault)


def test_re_export_is_followed_through_modules_that_were_never_loaded(house: House) -> None:
    vault = house.load("infra", "class Vault: ...").Vault
    house.write("middle", "raise RuntimeError('runs')\nfrom .facade import Vault as Safe")
    house.write("facade", "raise RuntimeError('runs')\nfrom .infra import Vault")
    user = house.load("user", USER.format(statement="from .middle import Safe", annotation="Safe"))

    assert first(user.make, vault).annotation is vault


def test_re_export_of_a_package_is_followed(house: House) -> None:
    vault = house.load("infra", "class Vault: ...").Vault
    house.write("ports.__init__", "from ..infra import Vault")
    user = house.load("user", USER.format(statement="from .ports import Vault", annotation="Vault"))

    assert first(user.make, vault).annotation is vault


def test_module_that_only_registered_types_say_they_come_from_is_followed(house: House) -> None:
    """Libraries rewrite ``__module__`` to the place their users import from; nothing of that name need be loaded."""
    vault = type("Vault", (), {"__module__": "library.public"})
    user = house.load("user", USER.format(statement="import library", annotation="library.public.Vault"))

    assert first(user.make, vault).annotation is vault


def test_attribute_of_a_module_that_is_not_loaded_is_named_when_nothing_registered_has_it(house: House) -> None:
    vault = type("Vault", (), {"__module__": "library.public"})
    user = house.load("user", USER.format(statement="from library import public", annotation="public.Valve"))

    found = first(user.make, vault)

    assert (found.problem, found.followed) == ("library.public.Valve is not registered", "library.public.Valve")


def test_name_inside_a_type_is_followed_too(house: House) -> None:
    vault = house.load("infra", "class Vault: ...").Vault
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .infra import Vault, Valve\n"
    user = house.load("user", text + "def make(vault: list['Vault'], valve: list['Valve']) -> None: ...")

    found, missing = read_parameters(user.make, KnownTypes([vault]))

    assert found.annotation == list[vault]
    assert (missing.annotation, missing.followed) == (EMPTY, f"{house.name}.infra.Valve")


def test_re_exports_in_a_circle_end(house: House) -> None:
    house.write("a", "from .b import Vault")
    house.write("b", "from .a import Vault")
    user = house.load("user", USER.format(statement="from .a import Vault", annotation="Vault"))

    found = first(user.make)

    assert (found.annotation, found.followed) == (EMPTY, f"{house.name}.a.Vault")


def test_import_that_leads_to_nothing_registered_is_named(house: House) -> None:
    user = house.load("user", USER.format(statement="from .nowhere import Vault", annotation="Vault"))

    found = first(user.make)

    assert found.followed == f"{house.name}.nowhere.Vault"
    assert found.problem == f"Vault is imported from {house.name}.nowhere, which nothing registered comes from"


def test_attribute_of_a_module_that_is_not_registered_is_named(house: House) -> None:
    house.load("infra", "class Vault: ...")
    user = house.load("user", USER.format(statement="from . import infra", annotation="infra.Missing"))

    found = first(user.make)

    assert found.annotation is EMPTY
    assert "Missing" in found.problem


def test_import_of_the_module_body_wins_over_one_in_a_function(house: House) -> None:
    right = house.load("right", "class Vault: ...").Vault
    house.load("wrong", "class Vault: ...")
    early = "\ndef early():\n    from .wrong import Vault\n"
    text = USER.format(statement="from .right import Vault", annotation="Vault").replace("\nif", f"{early}\nif")
    user = house.load("user", text)

    assert first(user.make, right).annotation is right


def test_source_that_does_not_parse_any_more_is_not_followed(house: House) -> None:
    """The file was changed after it was loaded."""
    vault = house.load("infra", "class Vault: ...").Vault
    user = house.load("user", USER.format(statement="from .infra import Vault", annotation="Vault"))
    house.write("user", "def broken(:")

    found = first(user.make, vault)

    assert found.annotation is EMPTY
    assert "Vault" in found.problem


def test_name_is_unique_enough_only_without_source() -> None:
    space: dict[str, Any] = {"__name__": "no_such_module"}
    exec("def make(vault: 'Vault') -> None: ...", space)  # noqa: S102 - a function without source
    one, other = type("Vault", (), {}), type("Vault", (), {})

    assert first(space["make"], one).annotation is one
    assert first(space["make"], one, other).annotation is EMPTY


def test_same_type_registered_twice_is_still_unique() -> None:
    space: dict[str, Any] = {"__name__": "no_such_module"}
    exec("def make(vault: 'Vault') -> None: ...", space)  # noqa: S102 - a function without source
    vault = type("Vault", (), {})

    assert first(space["make"], vault, vault).annotation is vault


def test_class_of_the_enclosing_function_is_found_among_the_registered() -> None:
    class Local: ...

    def make(thing: "Local") -> None: ...

    make.__annotations__["thing"] = "Local"

    assert first(make, Local).annotation is Local


def test_type_parameter_of_a_function_is_a_name_like_any_other() -> None:
    def make(thing: Any) -> None: ...

    make.__type_params__ = (TypeVarLike("T"),)  # type: ignore[attr-defined]
    make.__annotations__["thing"] = "list[T]"

    assert first(make).problem == ""


class TypeVarLike:
    """Stands for a PEP 695 parameter, which this file cannot write on Python 3.11."""

    def __init__(self, name: str) -> None:
        self.__name__ = name


def test_import_table_tells_where_a_name_comes_from(house: House) -> None:
    house.load("infra", "")
    house.load(
        "user", "import os.path\nimport json as j\nfrom . import infra as i\nfrom collections import OrderedDict"
    )

    found = [imported_as(f"{house.name}.user", name) for name in ("os", "j", "i", "OrderedDict", "nothing")]

    assert found == ["os", "json", f"{house.name}.infra", "collections.OrderedDict", None]


def test_module_that_does_not_exist_imports_nothing() -> None:
    assert imported_as("no.such.module", "name") is None


def test_module_without_python_source_imports_nothing() -> None:
    assert imported_as("sys", "path") is None
