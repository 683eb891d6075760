from pathlib import Path
from textwrap import indent

import pytest

from kimera_di.composition.locators import locator_findings, resolves_edges
from tests.unit.architecture.trees import read_tree, write_package

pytestmark = pytest.mark.check

MAIN = """
    from collections.abc import Iterator
    from contextlib import contextmanager
    from kimera_di import Scope, ServiceCollection
    services = ServiceCollection()
    container = services.build()
    def make(early=False):
        if early:
            return None
        found = services.build()
        return found
    @contextmanager
    def opened() -> Iterator[Scope]:
        with container.scope() as scope:
            yield scope
"""
HEAD = """
import kimera_di as k
from typing import Annotated, Any, Optional, cast
from kimera_di import Scope, ServiceCollection, ServiceContainer as C
from shop import main
from shop.main import container
"""


def uses(root: Path, code: str, **modules: str) -> list[str]:
    """Give the lines of ``shop.web`` that were found, as text."""
    source = HEAD + "\n".join(line for line in code.splitlines())
    others = {f"shop.{name}": text for name, text in modules.items()}
    write_package(root, {"shop.main": MAIN, "shop.web": source, **others})
    findings = locator_findings(read_tree(root).graph, ["shop.main"], "roots")
    lines = (root / "shop" / "web.py").read_text(encoding="utf-8").splitlines()
    return [lines[(finding.line or 0) - 1].strip() for finding in findings if finding.importer == "shop.web"]


@pytest.mark.parametrize(
    "annotation",
    ["C", "k.ServiceContainer", "'C'", "'k.ServiceContainer'", "C | None", "Optional[C]", "None | Scope",
     "Annotated[Scope, 1]", "'Annotated[C | None, 1]'", "k.resolution.Scope"],
)  # fmt: skip
def test_annotated_parameter_is_a_receiver(tmp_path: Path, annotation: str) -> None:
    assert uses(tmp_path, f"def f(asked: {annotation}): asked.resolve(int)") == [
        f"def f(asked: {annotation}): asked.resolve(int)"
    ]


@pytest.mark.parametrize(
    "call",
    ["resolve(int)", "aresolve(int)", "get(int)", "aget(int)", "resolve_all(int)", "aresolve_all(int)",
     "create(int)", "call(int)", "acall(int)", "scope()"],
)  # fmt: skip
def test_every_way_to_ask_is_found(tmp_path: Path, call: str) -> None:
    assert uses(tmp_path, f"container.{call}") == [f"container.{call}"]


def test_indexing_is_found(tmp_path: Path) -> None:
    assert uses(tmp_path, "container[int]") == ["container[int]"]


def test_method_taken_without_a_call_is_found(tmp_path: Path) -> None:
    assert uses(tmp_path, "ask = container.resolve") == ["ask = container.resolve"]


@pytest.mark.parametrize(
    "setup",
    [
        pytest.param("asked = container", id="assignment"),
        pytest.param("asked = main.container", id="module attribute"),
        pytest.param("asked = ServiceCollection().build()", id="built in place"),
        pytest.param("asked = main.services.build()", id="built from an imported collection"),
        pytest.param("asked = ServiceCollection().singleton(int).build()", id="built at the end of a chain"),
        pytest.param("asked: C = unknown()", id="annotated variable"),
        pytest.param("asked = cast(C, unknown())", id="cast"),
        pytest.param("asked = cast('C', unknown())", id="cast by name"),
        pytest.param("other, asked = 1, container", id="unpacking"),
        pytest.param("def make() -> C: ...\nasked = make()", id="annotated function"),
        pytest.param("async def make() -> C: ...\nasked = await make()", id="annotated async function"),
        pytest.param("def make():\n    made = main.services.build()\n    return made\nasked = make()", id="function"),
        pytest.param("asked = main.make()", id="function of another module"),
        pytest.param("with main.opened() as asked: ...", id="context manager"),
        pytest.param("asked = container or unknown()", id="or"),
        pytest.param("asked = container if unknown() else None", id="conditional"),
        pytest.param("print(asked := container)", id="walrus"),
    ],
)
def test_variable_is_a_receiver(tmp_path: Path, setup: str) -> None:
    code = f"async def f():\n{indent(setup, '    ')}\n    asked.resolve(int)"

    assert uses(tmp_path, code) == ["asked.resolve(int)"]


@pytest.mark.parametrize("word", ["with", "async with"])
def test_scope_opened_by_with_is_a_receiver(tmp_path: Path, word: str) -> None:
    code = f"async def f():\n    {word} main.container.scope() as scope:\n        scope.get(int)"

    assert uses(tmp_path, code) == [f"{word} main.container.scope() as scope:", "scope.get(int)"]


def test_scope_entered_on_a_stack_is_a_receiver(tmp_path: Path) -> None:
    code = "def f(stack: Any, scope: Scope):\n    s = stack.enter_context(scope)\n    s.get(int)"

    assert uses(tmp_path, code) == ["s.get(int)"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    held: C\n", id="annotated in the class"),
        pytest.param("    def __init__(self, c: C):\n        self.held = c\n", id="assigned from a parameter"),
        pytest.param("    def __init__(self, c: Any):\n        self.held: C = c\n", id="annotated on self"),
        pytest.param("    @property\n    def held(self) -> C: ...\n", id="property"),
        pytest.param("    held = None\n    def __init__(self, c: C):\n        self.held = c\n", id="None first"),
    ],
)  # fmt: skip
def test_attribute_is_a_receiver(tmp_path: Path, body: str) -> None:
    code = f"class Handler:\n{body}    def go(self):\n        self.held.resolve(int)"

    assert uses(tmp_path, code)[-1] == "self.held.resolve(int)"


def test_attribute_of_a_base_class_in_another_module_is_a_receiver(tmp_path: Path) -> None:
    base = "from kimera_di import Scope\nclass Base:\n    def __init__(self, s: Scope):\n        self.s = s\n"

    found = uses(tmp_path, "from shop.base import Base\nclass H(Base):\n    def go(self): self.s[int]", base=base)

    assert found == ["def go(self): self.s[int]"]


def test_container_imported_through_another_module_is_a_receiver(tmp_path: Path) -> None:
    assert uses(
        tmp_path, "from shop.relay import held\nheld.get(int)", relay="from .main import container as held"
    ) == ["held.get(int)"]


def test_name_imported_by_star_is_a_receiver(tmp_path: Path) -> None:
    assert uses(tmp_path, "from shop.relay import container as c\nc.get(int)", relay="from shop.main import *") == [
        "c.get(int)"
    ]


def test_global_filled_by_a_function_is_a_receiver(tmp_path: Path) -> None:
    code = "held = None\ndef start():\n    global held\n    held = ServiceCollection().build()\n"
    code += "def f():\n    held.get(int)"

    assert uses(tmp_path, code) == ["held.get(int)"]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f(settings): settings.get(int)", id="unknown parameter"),
        pytest.param("def f(container): container.get(int)", id="parameter hides the import"),
        pytest.param("def f(cache: dict[str, C]): cache.get('a')", id="dictionary of containers"),
        pytest.param("def f(c: C):\n    c = unknown()\n    c.get(int)", id="rebound name"),
        pytest.param("def f():\n    for container in unknown(): container.get(int)", id="loop variable"),
        pytest.param("x = [container.get(int) for container in unknown()]", id="variable of a comprehension"),
        pytest.param("x = lambda container: container.get(int)", id="parameter of a lambda"),
        pytest.param("container.close()", id="closing is not asking"),
        pytest.param("class Cache:\n    def resolve(self, x): ...\nCache().resolve(int)", id="class of the user"),
        pytest.param("class H:\n    def f(self, c: C):\n        self.c = c\n        self.c = unknown()\n"
                     "    def g(self): self.c.get(int)", id="attribute that may be something else"),
        pytest.param("import requests\nrequests.get('url')", id="other package"),
        pytest.param("def make(x):\n    if x: return {}\n    return container\nmake(1).get(int)", id="either of two"),
        pytest.param("def make():\n    def inner(): return container\n    return {}\nmake().get(int)", id="inner"),
        pytest.param("def make(): return make()\nmake().get(int)", id="function that calls itself"),
        pytest.param("def make() -> dict: return container\nmake().get(int)", id="annotation counts"),
    ],
)  # fmt: skip
def test_what_is_not_known_to_be_a_container_is_no_finding(tmp_path: Path, code: str) -> None:
    assert uses(tmp_path, code) == []


@pytest.mark.parametrize(
    "annotation",
    ["Lazy[Scope]", "k.Lazy[C]", "'Lazy[Scope]'", "Lazy[Scope] | None", "Injected[Lazy[Scope]]"],
)
def test_container_inside_a_lazy_is_a_receiver(tmp_path: Path, annotation: str) -> None:
    code = f"from kimera_di import Injected, Lazy\ndef f(later: {annotation}):\n    later.value.get(int)"

    assert uses(tmp_path, code) == ["later.value.get(int)"]


@pytest.mark.parametrize("annotation", ["Provider[Scope]", "AsyncProvider[C]", "Factory[[int], Scope]"])
def test_container_that_a_provider_gives_is_a_receiver(tmp_path: Path, annotation: str) -> None:
    code = "from kimera_di import AsyncProvider, Factory, Provider\n"
    code += f"async def f(give: {annotation}):\n    asked = await give()\n    asked.get(int)"

    assert uses(tmp_path, code) == ["asked.get(int)"]


FACTORY = "from kimera_di import Lazy, Provider, ScopeFactory\n"


def test_scope_factory_is_a_receiver_and_so_is_its_scope(tmp_path: Path) -> None:
    code = FACTORY + "def f(scopes: ScopeFactory):\n    with scopes() as scope:\n        scope[int]"

    assert uses(tmp_path, code) == ["with scopes() as scope:", "scope[int]"]


def test_scope_factory_that_a_class_keeps_is_a_receiver(tmp_path: Path) -> None:
    code = FACTORY + "class W:\n    def __init__(self, scopes: ScopeFactory):\n        self.scopes = scopes\n"

    found = uses(tmp_path, code + "    def go(self):\n        with self.scopes({}) as s: s.resolve(int)")

    assert found == ["with self.scopes({}) as s: s.resolve(int)"] * 2


def test_scope_factory_that_is_passed_on_is_no_finding(tmp_path: Path) -> None:
    assert uses(tmp_path, FACTORY + "def f(scopes: ScopeFactory): return g(scopes)") == []


def test_call_of_a_scope_factory_is_told_as_opening_a_scope(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.web": FACTORY + "def f(scopes: ScopeFactory): scopes()"})

    (finding,) = locator_findings(read_tree(tmp_path).graph, [], "roots")

    assert finding.imported == "kimera_di.ScopeFactory"
    assert finding.message == "shop.web opens a scope, and is no composition root"


@pytest.mark.parametrize(
    "method",
    ["alias(int, str)", "decorate(int, str)", "include(unknown())", "intercept(int, str)", "instance(int, 1)",
     "remove(int)", "replace(int, str)", "scan('shop')", "scope_value(int)", "settings(int)", "validate_call(int)"],
)  # fmt: skip
def test_chain_of_registrations_ends_in_a_container(tmp_path: Path, method: str) -> None:
    code = f"asked = ServiceCollection().{method}.build()\nasked.get(int)"

    assert uses(tmp_path, code) == ["asked.get(int)"]


def test_forked_scope_is_a_receiver(tmp_path: Path) -> None:
    code = "def f(scope: Scope):\n    with scope.fork() as other:\n        other.get(int)"

    assert uses(tmp_path, code) == ["other.get(int)"]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f(container: dict[str, int]): container.get('a')", id="dictionary called container"),
        pytest.param("from typing import Mapping\ndef f(scope: Mapping[str, int]): scope['a']", id="mapping"),
        pytest.param("container = {}\ndef f(): container.get('a')", id="dictionary hides the import"),
        pytest.param("class ServiceContainer(dict): ...\ndef f(c: ServiceContainer): c.get('a')", id="own class"),
        pytest.param("from kimera_di import Lazy\ndef f(x: Lazy[dict]): x.value.get('a')", id="lazy of others"),
        pytest.param("from kimera_di import Provider\ndef f(x: Provider[dict]): x().get('a')", id="provider of others"),
        pytest.param("from kimera_di import Provider\ndef f(x: Provider[C]): x.get('a')", id="provider itself"),
        pytest.param(
            "from kimera_di import Injected, inject\n@inject\ndef f(x: Injected[dict]): x.get('a')", id="inject"
        ),
        pytest.param("def f(s: ServiceCollection): s.singleton(int)", id="registering"),
    ],
)
def test_receiver_is_known_by_its_type_not_by_its_name(tmp_path: Path, code: str) -> None:
    assert uses(tmp_path, code) == []


def test_uses_are_edges_to_draw(tmp_path: Path) -> None:
    web = "from shop.main import container\ncontainer.resolve(int)\ncontainer[int]"
    write_package(tmp_path, {"shop.main": MAIN, "shop.web": web})

    edges = resolves_edges(read_tree(tmp_path).graph, ["shop.main"])

    assert [(each.importer, each.imported, each.line, each.call) for each in edges] == [
        ("shop.web", "kimera_di.ServiceContainer", 2, ".resolve"),
        ("shop.web", "kimera_di.ServiceContainer", 3, "[...]"),
    ]


def test_modules_that_are_allowed_have_no_edges(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.main": MAIN + "    container.resolve(int)"})

    assert resolves_edges(read_tree(tmp_path).graph, ["shop.main"]) == ()


def test_modules_that_may_call_the_container_are_left_out(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.main": MAIN, "shop.web.views": HEAD + "container.get(int)"})

    assert locator_findings(read_tree(tmp_path).graph, ["shop.main", "shop.web"], "roots") == ()


def test_finding_names_module_class_and_line(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.main": MAIN, "shop.web": "from shop.main import container\ncontainer.scope()"})

    (finding,) = locator_findings(read_tree(tmp_path).graph, ["shop.main"], "roots")

    assert (finding.kind, finding.importer, finding.imported) == ("resolves", "shop.web", "kimera_di.ServiceContainer")
    assert finding.line == 2
    assert finding.fingerprint == "roots|resolves|shop.web|kimera_di.ServiceContainer"


def test_modules_that_import_each_other_are_followed_once(tmp_path: Path) -> None:
    a, b = "import kimera_di\nfrom shop.b import x as y\nx = y", "from shop.a import x as y\nx = y\nx.get(int)"
    write_package(tmp_path, {"shop.a": a, "shop.b": b})

    assert locator_findings(read_tree(tmp_path).graph, [], "roots") == ()


def test_file_that_does_not_parse_is_left_to_the_import_graph(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.main": MAIN, "shop.web": "import kimera_di\ndef (:"})

    assert locator_findings(read_tree(tmp_path).graph, ["shop.main"], "roots") == ()


def test_very_deep_expression_is_walked(tmp_path: Path) -> None:
    assert uses(tmp_path, "text = " + " + ".join(["'x'"] * 900) + "\ncontainer.get(int)") == ["container.get(int)"]


def test_module_whose_syntax_is_newer_than_the_interpreter_is_reported_as_not_searched(tmp_path: Path) -> None:
    """PEP 810 is newer than every interpreter we run on, but grimp reads it."""
    write_package(tmp_path, {"shop.main": MAIN, "shop.web": "lazy import os\nfrom shop.main import container\n"})

    (finding,) = locator_findings(read_tree(tmp_path).graph, ["shop.main"], "roots")

    assert (finding.code, finding.kind, finding.importer, finding.imported) == ("KD424", "unseen", "shop.web", None)


def test_file_that_nobody_can_parse_is_left_to_the_import_graph(tmp_path: Path) -> None:
    write_package(tmp_path, {"shop.main": MAIN, "shop.web": "from shop.main import container\nimport ("})

    assert locator_findings(read_tree(tmp_path).graph, ["shop.main"], "roots") == ()
