"""The public surface is what we think it is, and importing it stays small."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import kimera_di

PUBLIC = [
    "ANY_KEY",
    "AmbiguousServiceError",
    "AnnotationError",
    "ArgumentsError",
    "AsyncDependencyError",
    "AsyncProvider",
    "AsyncRequiredError",
    "BuildErrors",
    "Call",
    "CaptiveDependencyError",
    "CircularDependencyError",
    "CloseErrors",
    "Conditions",
    "ContainerClosedError",
    "ContractError",
    "Factory",
    "FrozenCollectionError",
    "Injected",
    "InterfaceMismatchError",
    "InternalError",
    "InvalidSettingsError",
    "Key",
    "KimeraError",
    "LayerViolationError",
    "Lazy",
    "Lifetime",
    "MissingServiceError",
    "Owned",
    "Provider",
    "RegistrationError",
    "Registry",
    "SameKey",
    "Scope",
    "ScopeFactory",
    "ScopeRequiredError",
    "ServiceBuilt",
    "ServiceCollection",
    "ServiceContainer",
    "ServiceDescriptor",
    "ServiceFailed",
    "ServiceGraph",
    "ServiceId",
    "ServiceKey",
    "Step",
    "Subscription",
    "inject",
    "service",
]

LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
import kimera_di
loaded = sorted(set(sys.modules) - before)
import json
print(json.dumps(loaded))
"""

BUILT = """
import sys
sys.path.insert(0, sys.argv[1])
import kimera_di

class A: ...
class B:
    def __init__(self, a: A) -> None: ...

container = kimera_di.ServiceCollection().singleton(A).scoped(B).build()
with container.scope() as scope:
    scope[B]
container.close()
import json
print(json.dumps(sorted(sys.modules)))
"""


def modules_after(program: str) -> list[str]:
    """Run a program in a bare interpreter; it prints names of modules as JSON."""
    folder = str(Path(kimera_di.__file__).parents[1])
    done = subprocess.run([sys.executable, "-I", "-c", program, folder], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def test_exports_are_the_checked_in_list() -> None:
    assert kimera_di.__all__ == PUBLIC


def test_exports_are_sorted_and_exist() -> None:
    assert sorted(kimera_di.__all__) == kimera_di.__all__
    assert all(hasattr(kimera_di, name) for name in kimera_di.__all__)


def test_star_import_gives_the_exports() -> None:
    space: dict[str, object] = {}

    exec("from kimera_di import *", space)  # noqa: S102 - a star import is not allowed inside a function

    assert set(PUBLIC) <= set(space)


def test_every_export_has_a_docstring() -> None:
    assert [name for name in PUBLIC if not getattr(kimera_di, name).__doc__] == []


def test_type_information_ships() -> None:
    assert (Path(kimera_di.__file__).parent / "py.typed").is_file()


def test_import_loads_the_standard_library_only() -> None:
    """Also when every name is asked for, which loads what it lives in."""
    program = LOADED.replace("import kimera_di\n", "from kimera_di import *\n")

    foreign = {
        name
        for name in modules_after(program)
        if name.partition(".")[0] not in sys.stdlib_module_names and name.partition(".")[0] != "kimera_di"
    }

    assert foreign == set()


def test_import_loads_no_stage() -> None:
    """Most of what starting costs is loading modules: who never builds a container pays for none of it."""
    heavy = {"asyncio", "inspect", "dataclasses", "json", "logging", "kimera_di.collection", "kimera_di.errors"}

    assert heavy & set(modules_after(LOADED)) == set()


def test_registering_loads_neither_planning_nor_resolution() -> None:
    program = LOADED.replace("import kimera_di\n", "import kimera_di\nkimera_di.ServiceCollection().singleton(int)\n")

    loaded = modules_after(program)

    assert "kimera_di.registration.registry" in loaded
    assert [name for name in loaded if name.startswith(("kimera_di.planning", "kimera_di.resolution"))] == []


@pytest.mark.parametrize(
    ("program", "late"),
    [
        pytest.param(
            LOADED.replace("import kimera_di\n", "from kimera_di import Injected, ServiceCollection\n"),
            {"ast", "dataclasses", "inspect", "linecache", "logging", "tokenize", "kimera_di.planning"},
            id="usual-names",
        ),
        pytest.param(
            BUILT.replace("import kimera_di\n", "before = set(sys.modules)\nimport kimera_di\n").replace(
                "sorted(sys.modules)", "sorted(set(sys.modules) - before)"
            ),
            {
                "ast", "dataclasses", "inspect", "logging", "traceback", "kimera_di.resolution.injection",
                "kimera_di.planning.service_graph", "kimera_di.planning.explain",
            },
            id="build-and-scope",
        ),
    ],
)  # fmt: skip
def test_start_loads_nothing_that_only_errors_drawings_or_messages_need(program: str, late: set[str]) -> None:
    """Each of these takes from 0.5 to 8 ms: docs/decisions/0032-start-up.md."""
    assert late & set(modules_after(program)) == set()


def test_names_and_parts_are_listed_before_they_are_loaded() -> None:
    assert set(PUBLIC) <= set(dir(kimera_di))


@pytest.mark.parametrize("part", ["architecture", "collection", "errors", "registration", "resolution", "vocabulary"])
def test_part_is_an_attribute_without_an_import_of_its_own(part: str) -> None:
    program = LOADED.replace("import kimera_di\n", f"import kimera_di\nkimera_di.{part}\n")

    assert f"kimera_di.{part}" in modules_after(program)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'kimera_di' has no attribute 'ServiceColection'"):
        _ = kimera_di.ServiceColection  # type: ignore[attr-defined]  # pyright: ignore


def test_synchronous_use_does_not_load_asyncio() -> None:
    assert "asyncio" not in modules_after(BUILT)
