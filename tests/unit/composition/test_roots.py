from collections.abc import Mapping
from pathlib import Path

import pytest

from kimera_di.architecture.model.specs import CompositionRootOptions
from kimera_di.composition.roots import Implementations, bound_modules, implementation_findings
from tests.unit.architecture.trees import read_tree, write_package
from tests.unit.composition.worlds import bind, bind_factory, make_class, make_function, wire

MODULES = {"shop.main": "", "shop.adapters.sql": "", "shop.adapters.files": "", "shop.core.ports": "", "shop.sms": ""}
BOUND = {"shop.adapters.sql": ("shop.adapters.sql.Sql", "shop.core.ports.Port"), "shop.sms": ("shop.sms.Sms", "x.Port")}


@pytest.mark.check
class TestImports:
    def found(
        self, root: Path, modules: Mapping[str, str], *, listed: tuple[str, ...] = (), bound: bool = False
    ) -> list[tuple[str | None, str | None, str, int | None]]:
        write_package(root, {**MODULES, **modules})
        options = CompositionRootOptions(roots=("shop.main",), implementations=listed)
        known = Implementations(listed, BOUND if bound else {})
        findings = implementation_findings(read_tree(root).graph, options, known, "roots")
        return [(finding.importer, finding.imported, finding.kind, finding.line) for finding in findings]

    def test_import_from_outside_is_a_finding_at_its_line(self, tmp_path: Path) -> None:
        modules = {"shop.web": "\nfrom shop.adapters.sql import Sql"}

        assert self.found(tmp_path, modules, listed=("shop.adapters",)) == [
            ("shop.web", "shop.adapters.sql", "runtime", 2)
        ]

    def test_import_inside_a_function_is_a_finding(self, tmp_path: Path) -> None:
        modules = {"shop.web": "def f():\n    import shop.adapters.sql"}

        assert self.found(tmp_path, modules, listed=("shop.adapters",)) == [
            ("shop.web", "shop.adapters.sql", "deferred", 2)
        ]

    def test_composition_root_may_import_implementations(self, tmp_path: Path) -> None:
        assert self.found(tmp_path, {"shop.main": "import shop.adapters.sql"}, listed=("shop.adapters",)) == []

    def test_typing_only_import_is_free(self, tmp_path: Path) -> None:
        modules = {"shop.web": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.adapters.sql"}

        assert self.found(tmp_path, modules, listed=("shop.adapters",)) == []

    def test_implementation_may_import_its_own_package(self, tmp_path: Path) -> None:
        modules = {"shop.adapters.sql": "import shop.adapters.files"}

        assert self.found(tmp_path, modules, listed=("shop.adapters",)) == []

    def test_one_listed_package_may_not_import_another_one(self, tmp_path: Path) -> None:
        modules = {"shop.adapters.sql": "import shop.sms"}

        assert self.found(tmp_path, modules, listed=("shop.adapters", "shop.sms")) == [
            ("shop.adapters.sql", "shop.sms", "runtime", 1)
        ]

    def test_module_of_a_bound_class_counts(self, tmp_path: Path) -> None:
        modules = {"shop.web": "import shop.adapters.sql\nimport shop.adapters.files"}

        assert self.found(tmp_path, modules, bound=True) == [("shop.web", "shop.adapters.sql", "runtime", 1)]

    def test_package_around_a_bound_class_may_import_it(self, tmp_path: Path) -> None:
        modules = {"shop.adapters": "import shop.adapters.sql", "shop.adapters.files": "import shop.adapters.sql"}

        assert self.found(tmp_path, modules, bound=True) == []

    def test_top_level_package_is_nobodys_own(self, tmp_path: Path) -> None:
        """Otherwise an implementation directly in the application's package could be imported from everywhere."""
        assert self.found(tmp_path, {"shop.web": "import shop.sms"}, bound=True) == [
            ("shop.web", "shop.sms", "runtime", 1)
        ]

    def test_finding_says_what_the_implementation_is_bound_to(self, tmp_path: Path) -> None:
        write_package(tmp_path, {**MODULES, "shop.web": "import shop.adapters.sql"})
        options = CompositionRootOptions(roots=("shop.main",))

        (finding,) = implementation_findings(read_tree(tmp_path).graph, options, Implementations((), BOUND), "roots")

        assert finding.advice == "depend on shop.core.ports.Port; Sql is bound to it in the composition root"


def test_class_bound_to_another_type_makes_its_module_an_implementation() -> None:
    port = make_class("shop.core.ports.Port")
    sql = make_class("shop.adapters.sql.Sql", port)

    assert bound_modules(wire(bind(port, sql))) == {
        "shop.adapters.sql": ("shop.adapters.sql.Sql", "shop.core.ports.Port")
    }


def test_class_registered_as_itself_is_no_implementation() -> None:
    assert bound_modules(wire(bind(make_class("shop.core.a.A")))) == {}


def test_class_a_factory_names_is_an_implementation() -> None:
    port = make_class("shop.core.ports.Port")
    sql = make_class("shop.adapters.sql.Sql", port)

    graph = wire(bind_factory(port, make_function("shop.main.make"), returns=sql))

    assert set(bound_modules(graph)) == {"shop.adapters.sql"}
