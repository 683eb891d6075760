"""Guarantee 8: annotations as text, forward references, TYPE_CHECKING imports, PEP 695."""

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Optional

import pytest

from kimera_di import AnnotationError, MissingServiceError, ServiceCollection
from tests.spec.conftest import Importer
from tests.spec.helpers import fact, problem, way

INFRA = {
    "bazaar/__init__.py": "",
    "bazaar/infra/__init__.py": "from bazaar.infra.vault import Vault as PublicVault\n",
    "bazaar/infra/vault.py": "class Vault: ...\n",
}


class Vault:
    pass


class Later:
    def __init__(self, vault: "Vault", other: "list[Vault]", maybe: "Vault | None" = None) -> None:
        self.vault, self.other, self.maybe = vault, other, maybe


def wired(load: Importer, app: str, *, files: dict[str, str] | None = None) -> tuple[Any, ModuleType]:
    """Register ``Vault`` and ``App`` of a written package and build the app."""
    module = load("bazaar.app", {**INFRA, **(files or {}), "bazaar/app.py": app})
    vault = load("bazaar.infra.vault", {})
    app_object = ServiceCollection().singleton(vault.Vault).singleton(module.App).build()[module.App]
    return app_object, vault


def test_strings_and_forward_references_are_read(services: ServiceCollection) -> None:
    later = services.singleton(Later).singleton(Vault).build()[Later]

    assert isinstance(later.vault, Vault)
    assert later.other == [later.vault]
    assert later.maybe is later.vault


@pytest.mark.parametrize("annotation", [list["Vault"], Optional["Vault"], "Optional[Vault]"])
def test_forward_reference_inside_a_type_is_read(services: ServiceCollection, annotation: Any) -> None:
    def make(vault: Any) -> dict[str, Any]:
        return {"vault": vault}

    make.__annotations__["vault"] = annotation

    built = services.singleton(Vault).singleton(dict, make).build()[dict]["vault"]

    assert isinstance(built[0] if isinstance(built, list) else built, Vault)


def test_local_classes_are_found_by_name(services: ServiceCollection) -> None:
    """Functions do not keep their local names, but the registration does."""

    class Repo:
        pass

    class Handler:
        def __init__(self, repo: "Repo") -> None:
            self.repo = repo

    assert isinstance(services.singleton(Repo).singleton(Handler).build()[Handler].repo, Repo)


def test_local_class_is_preferred_to_one_of_the_same_name_elsewhere(services: ServiceCollection) -> None:
    def other() -> type:
        class Repo:
            pass

        return Repo

    class Repo:
        pass

    class Handler:
        def __init__(self, repo: "Repo") -> None:
            self.repo = repo

    services.singleton(other()).singleton(Repo).singleton(Handler)

    assert type(services.build()[Handler].repo) is Repo


def test_nested_class_is_found_by_its_bare_name(services: ServiceCollection) -> None:
    class Outer:
        class Inner:
            pass

        def __init__(self, inner: "Inner") -> None:
            self.inner = inner

    assert isinstance(services.singleton(Outer.Inner).singleton(Outer).build()[Outer].inner, Outer.Inner)


def test_nested_class_is_found_by_its_dotted_name(services: ServiceCollection) -> None:
    class Outer:
        class Inner:
            pass

    class User:
        def __init__(self, inner: "Outer.Inner") -> None:
            self.inner = inner

    services.singleton(Outer.Inner).singleton(Outer).singleton(User)

    assert isinstance(services.build()[User].inner, Outer.Inner)


def test_dataclass_with_future_annotations_is_read(load: Importer) -> None:
    app, vault = wired(
        load,
        """
        from __future__ import annotations
        from dataclasses import dataclass
        from bazaar.infra.vault import Vault

        @dataclass
        class App:
            vault: Vault
        """,
    )

    assert isinstance(app.vault, vault.Vault)


TYPING_ONLY = {
    "from module import name": ("from bazaar.infra.vault import Vault", "Vault"),
    "from package import module": ("from bazaar.infra import vault", "vault.Vault"),
    "from module import name as other": ("from bazaar.infra.vault import Vault as V", "V"),
    "import a.b.c": ("import bazaar.infra.vault", "bazaar.infra.vault.Vault"),
    "import a.b.c as d": ("import bazaar.infra.vault as v", "v.Vault"),
    "relative module": ("from .infra.vault import Vault", "Vault"),
    "relative package": ("from .infra import vault", "vault.Vault"),
    "relative dot": ("from . import infra", "infra.vault.Vault"),
    "re-export": ("from bazaar.infra import PublicVault", "PublicVault"),
    "re-export through a package": ("import bazaar.infra as i", "i.PublicVault"),
    "in a list": ("from bazaar.infra.vault import Vault", "list[Vault]"),
    "optional": ("from bazaar.infra.vault import Vault", "Vault | None"),
}


@pytest.mark.parametrize(("statement", "annotation"), TYPING_ONLY.values(), ids=TYPING_ONLY)
@pytest.mark.parametrize("quoted", [True, False], ids=["quoted", "future import"])
def test_typing_only_import_is_followed(load: Importer, statement: str, annotation: str, quoted: bool) -> None:
    first = "" if quoted else "from __future__ import annotations"
    shown = repr(annotation) if quoted else annotation
    app, vault = wired(
        load,
        f"""
        {first}
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            {statement}

        class App:
            def __init__(self, vault: {shown}) -> None:
                self.vault = vault
        """,
    )

    assert isinstance(app.vault[0] if isinstance(app.vault, list) else app.vault, vault.Vault)


def typing_only(statement: str) -> str:
    return f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {statement}\n"


def test_typing_only_re_export_is_followed_through_several_modules(load: Importer) -> None:
    hops = {
        "bazaar/one.py": typing_only("from bazaar.two import Middle as First"),
        "bazaar/two.py": typing_only("from .infra.vault import Vault as Middle"),
    }
    app, vault = wired(
        load,
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from bazaar.one import First

        class App:
            def __init__(self, vault: "First") -> None:
                self.vault = vault
        """,
        files=hops,
    )

    assert isinstance(app.vault, vault.Vault)


def test_following_an_import_runs_and_imports_nothing(load: Importer) -> None:
    """A module that is only read must not have effects."""
    wired(
        load,
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from bazaar.loud import Loud

        class App:
            def __init__(self, loud: "Loud" = None) -> None:
                pass
        """,
        files={"bazaar/loud.py": "raise RuntimeError('imported')\nfrom bazaar.infra.vault import Vault as Loud\n"},
    )

    assert "bazaar.loud" not in sys.modules


def test_typing_only_import_is_followed_for_a_factory(load: Importer) -> None:
    module = load(
        "bazaar.app",
        {
            **INFRA,
            "bazaar/app.py": """
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                from bazaar.infra.vault import Vault

            class App:
                pass

            def make(vault: "Vault") -> App:
                app = App()
                app.vault = vault
                return app
            """,
        },
    )
    vault = load("bazaar.infra.vault", {})

    app = ServiceCollection().singleton(vault.Vault).singleton(module.App, module.make).build()[module.App]

    assert isinstance(app.vault, vault.Vault)


def test_two_classes_of_one_name_are_told_apart_by_the_import(load: Importer) -> None:
    app = """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from bazaar.other import Vault

        class App:
            def __init__(self, vault: "Vault") -> None:
                self.vault = vault
        """
    module = load("bazaar.app", {**INFRA, "bazaar/app.py": app, "bazaar/other.py": "class Vault: ...\n"})
    first, other = load("bazaar.infra.vault", {}).Vault, load("bazaar.other", {}).Vault

    container = ServiceCollection().singleton(first).singleton(other).singleton(module.App).build()

    assert type(container[module.App].vault) is other


def test_typing_only_import_of_an_unregistered_type_is_missing_with_its_dotted_name(load: Importer) -> None:
    app = """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from bazaar.infra.vault import Vault

        class App:
            def __init__(self, vault: "Vault") -> None:
                self.vault = vault
        """
    module = load("bazaar.app", {**INFRA, "bazaar/app.py": app})
    sys.modules.pop("bazaar.infra.vault", None)
    services = ServiceCollection().singleton(module.App)

    error = problem(services, MissingServiceError)

    assert way(error)[0] == (module.App, "vault")
    assert str(error.path[-1].service).endswith("bazaar.infra.vault.Vault") or error.service.__name__ == "Vault"


def test_name_that_leads_nowhere_is_an_annotation_error_with_a_guess(services: ServiceCollection) -> None:
    class Handler:
        def __init__(self, vault: "Valut") -> None:  # type: ignore[name-defined]  # noqa: F821 - what the test is about
            self.vault = vault

    services.singleton(Vault).singleton(Handler)

    error = problem(services, AnnotationError)

    assert "the name Valut is not known there (did you mean Vault?)" in error.summary
    assert way(error) == [(Handler, "vault")]


def test_annotation_that_cannot_be_evaluated_says_why(services: ServiceCollection) -> None:
    class Handler:
        def __init__(self, vault: "Vault[") -> None:  # type: ignore[syntax]  # noqa: F722 - what the test is about
            self.vault = vault

    services.singleton(Handler)

    assert "cannot be evaluated: SyntaxError" in problem(services, AnnotationError).summary


def test_unreadable_annotation_with_a_default_is_left_out(services: ServiceCollection) -> None:
    class Handler:
        def __init__(self, vault: "NoSuchThing" = 3) -> None:  # type: ignore[name-defined]  # noqa: F821 - the point
            self.vault = vault

    assert services.singleton(Handler).build()[Handler].vault == 3


def without_source(text: str, **names: Any) -> dict[str, Any]:
    space = {"__name__": "made_up", **names}
    exec(text, space)  # noqa: S102 - a module without source, which an import cannot make
    return space


def test_unique_name_is_taken_without_source(services: ServiceCollection) -> None:
    app = without_source("class App:\n    def __init__(self, vault: 'Vault'): self.vault = vault\n")["App"]

    assert isinstance(services.singleton(Vault).singleton(app).build()[app].vault, Vault)


def test_name_of_two_registered_classes_is_not_guessed_without_source(services: ServiceCollection) -> None:
    def other() -> type:
        class Vault:
            pass

        return Vault

    app = without_source("class App:\n    def __init__(self, vault: 'Vault'): self.vault = vault\n")["App"]
    services.singleton(Vault).singleton(other()).singleton(app)

    assert "the name Vault is not known there" in problem(services, AnnotationError).summary


def test_unique_name_is_not_taken_when_the_source_does_not_import_it(load: Importer) -> None:
    """With source at hand a name without an import is a mistake, not a riddle."""
    app = "class App:\n    def __init__(self, vault: 'Vault') -> None: ...\n"
    module = load("bazaar.app", {**INFRA, "bazaar/app.py": app})

    error = problem(ServiceCollection().singleton(Vault).singleton(module.App), AnnotationError)

    assert "the name Vault is not known there" in error.summary
    assert fact(error, "do this") == "annotate it with a registered type, or give it a default"


def test_registered_type_is_found_when_its_module_was_never_imported_by_name(load: Importer) -> None:
    """``import bazaar.infra`` under TYPE_CHECKING binds a package whose submodule the app never loads."""
    app, vault = wired(
        load,
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import bazaar.infra

        class App:
            def __init__(self, vault: "bazaar.infra.vault.Vault") -> None:
                self.vault = vault
        """,
        files={"bazaar/infra/__init__.py": ""},
    )

    assert isinstance(app.vault, vault.Vault)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is new in 3.12")
def test_type_parameters_are_no_missing_names(load: Importer) -> None:
    module = load(
        "bazaar_boxes",
        {
            "bazaar_boxes.py": """
            class User: ...

            class Repo[T]:
                def __init__(self, item: "T | None" = None) -> None:
                    self.item = item

            class Users(Repo[User]):
                pass

            class App:
                def __init__(self, users: "Repo[User]") -> None:
                    self.users = users

            type Alias = App

            def make[T](users: "Repo[User]", extra: "list[T] | None" = None) -> dict:
                return {"users": users}
            """
        },
    )
    services = ServiceCollection().singleton(module.Repo[module.User], module.Users).singleton(module.App)

    container = services.singleton(dict, module.make).build()

    assert type(container[module.App].users) is module.Users
    assert container[dict]["users"] is container[module.App].users


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is new in 3.12")
def test_type_alias_can_be_registered_and_asked_for(load: Importer) -> None:
    module = load(
        "bazaar_aliases",
        {
            "bazaar_aliases.py": """
            type Names = list[str]

            class App:
                def __init__(self, names: Names) -> None:
                    self.names = names
            """
        },
    )

    app = ServiceCollection().instance(module.Names, ["a"]).singleton(module.App).build()[module.App]

    assert app.names == ["a"]


def test_inherited_constructor_is_read_in_the_module_that_wrote_it(load: Importer) -> None:
    base = """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from bazaar.infra.vault import Vault

        class Base:
            def __init__(self, vault: Vault) -> None:
                self.vault = vault
        """
    app, vault = wired(load, "from bazaar.base import Base\nclass App(Base): ...\n", files={"bazaar/base.py": base})

    assert isinstance(app.vault, vault.Vault)


def test_inherited_dataclass_fields_are_read_in_the_module_that_wrote_them(load: Importer) -> None:
    """The constructor of the child is generated in the child's module, the parent's names live elsewhere."""
    base = """
        from __future__ import annotations
        from dataclasses import dataclass
        from bazaar.infra.vault import Vault

        @dataclass
        class Base:
            vault: Vault
        """
    child = """
        from dataclasses import dataclass
        from bazaar.base import Base

        @dataclass
        class App(Base):
            size: int = 1
        """
    app, vault = wired(load, child, files={"bazaar/base.py": base})

    assert isinstance(app.vault, vault.Vault)


def test_wrapped_function_is_read_where_it_was_written(load: Importer) -> None:
    decorator = """
        import functools

        def logged(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper
        """
    app = """
        from typing import TYPE_CHECKING
        from bazaar.decorator import logged
        if TYPE_CHECKING:
            from bazaar.infra.vault import Vault

        @logged
        def make(vault: "Vault") -> dict:
            return {"vault": vault}
        """
    module = load("bazaar.app", {**INFRA, "bazaar/decorator.py": decorator, "bazaar/app.py": app})
    vault = load("bazaar.infra.vault", {}).Vault

    built = ServiceCollection().singleton(vault).singleton(dict, module.make).build()[dict]

    assert isinstance(built["vault"], vault)


@dataclass
class Node:
    parent: "Node | None" = None


def test_class_that_names_itself_optionally_is_a_cycle(services: ServiceCollection) -> None:
    """Registered, ``Node | None`` is a Node; the problem is reported instead of recursing."""
    services.singleton(Node)

    assert [error.code for error in services.validate()] == ["KD202"]
