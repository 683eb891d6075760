"""The kind of every import is the one that reading the whole file with `ast` gives.

The check does not parse whole files, for speed: what it cuts out of them must not mislead, whatever strings, brackets,
line ends, nesting and ways to write a guard are around. The reading here is as slow and as plain as can be.
"""

import ast
import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from kimera_di.architecture.model.module_graph import Lines
from kimera_di.architecture.model.specs import ImportKind
from kimera_di.architecture.reading.packages import find_packages
from kimera_di.architecture.reading.source_tree import TreeReader
from tests.unit.architecture.trees import write_package

pytestmark = pytest.mark.check

MODULES = ("shop", "shop.a", "shop.b", "shop.core", "shop.core.x", "shop.core.here")
HERE = "shop.core.here"
SOURCES = 80
STATEMENTS = (
    "import shop.a", "import shop.a as q, shop.b", "from shop import a", "from . import x", "from .. import b",
    "from .x import y, z", "from shop.core import *", "from shop import (\n{}  a,\nb)", "from shop import a, \\\n  b",
    "import json; import shop.b", "x = 1 \\\n; import shop.a", "\\\n{}import shop.b", "pass", "'''import shop.a'''",
    "x = '''\ndef g():\n    import shop.b\n'''", 'x = """\nclass Z:\n{}"""; import shop.a', "s = 'a\\\nimport shop.b'",
    "s = '''\nfrom'''; import shop.a", "s = '''\n# '''; import shop.b", "# '''", "# import shop.a", "y = (1,\n2)", "",
    "y = [\n]; import shop.b", "f'{{x}} import shop.a'", "x = 'if not TYPE_CHECKING'", "z = 1 # \\", "\f",
)  # fmt: skip
HEADS = (
    "def f():", "async def f():", "class C:", "with x:", "while x:", "for i in x:", "if 0:", "def f(\n{}a,\n):",
    "def f(a=(\n1)) -> None:", "@dec\n{}def f():", "class C(\nB):", "def \\\n f():", "try:", "match x:",
)  # fmt: skip
GUARDS = (
    "if TYPE_CHECKING:", "if typing.TYPE_CHECKING:", "if not TYPE_CHECKING:", "if TYPE_CHECKING and x:",
    "if x or TYPE_CHECKING:", "if (TYPE_CHECKING):", "if not (TYPE_CHECKING or x):", "if TC:", "if not TC: # (",
    "if (not\nTYPE_CHECKING):", "if (x and\n{}  TYPE_CHECKING):", "if TYPE_CHECKING \\\nand x:",
    "if not  TYPE_CHECKING:",
)  # fmt: skip


def block(rng: random.Random, indent: str = "", depth: int = 0) -> list[str]:
    lines: list[str] = []
    for _ in range(rng.randint(1, 4)):
        if depth > 3 or rng.random() < 0.55:
            lines.append(indent + rng.choice(STATEMENTS).format(indent))
            continue
        guard = rng.random() < 0.4
        head, deeper = rng.choice(GUARDS if guard else HEADS), indent + rng.choice([" ", "    ", "\t"])
        if not guard and rng.random() < 0.1 and head.endswith("f():"):
            lines.append(indent + head.format(indent) + " pass; import shop.a")
            continue
        lines.append(indent + head.format(indent))
        if head == "match x:":
            lines += [f"{deeper}case _:", *block(rng, f"{deeper} ", depth + 1)]
            continue
        lines += block(rng, deeper, depth + 1)
        if guard and rng.random() < 0.3:
            lines += [f"{indent}el{rng.choice(GUARDS).format(indent)}", *block(rng, deeper, depth + 1)]
        if guard and rng.random() < 0.4:
            lines += [f"{indent}else:", *block(rng, deeper, depth + 1)]
        if head == "try:":
            lines += [indent + rng.choice(["except E:", "except* E:", "finally:"]), *block(rng, deeper, depth + 1)]
    return lines


def random_source(rng: random.Random) -> bytes:
    head = ["from typing import TYPE_CHECKING, TYPE_CHECKING as TC"] if rng.random() < 0.5 else []
    text = "\n".join([*head, *block(rng), ""]).replace("\n", rng.choice(["\n", "\r\n", "\r"]))
    return rng.choice([b"", b"\xef\xbb\xbf"]) + text.encode()


def parsed(source: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError:
        return None


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in MODULES)
        return
    around = HERE.rsplit(".", node.level)[0] if node.level else ""
    base = ".".join(part for part in (around, node.module) if part)
    for alias in node.names:
        name = f"{base}.{alias.name}"
        yield name if name in MODULES else base


def at_run_time(test: ast.expr, names: set[str]) -> bool | None:
    if isinstance(test, ast.UnaryOp):
        inner = at_run_time(test.operand, names)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [at_run_time(part, names) for part in test.values]
        decisive = isinstance(test.op, ast.Or)
        return decisive if decisive in parts else None
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return False if name in names else None


def expected(tree: ast.Module) -> dict[str, Lines]:
    named = {alias.asname for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    names = {"TYPE_CHECKING"} | ({"TC"} & named)
    found: dict[str, set[tuple[int, ImportKind]]] = {}

    def visit(node: ast.AST, late: bool, hidden: bool) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in imported(node):
                kind: ImportKind = "typing" if hidden else "deferred" if late else "runtime"
                found.setdefault(name, set()).add((node.lineno, kind))
        verdict = at_run_time(node.test, names) if isinstance(node, ast.If) else None
        skipped: list[ast.stmt] = []
        if isinstance(node, ast.If) and verdict is not None:
            skipped = node.orelse if verdict else node.body
        inside = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            visit(child, inside, hidden or child in skipped)

    visit(tree, late=False, hidden=False)
    return {name: tuple(sorted(lines)) for name, lines in found.items() if name in MODULES}


@pytest.mark.parametrize("seed", range(6), ids=lambda seed: f"seed{seed}")
def test_kind_of_every_import_is_the_one_that_the_whole_file_gives(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose
    root = write_package(tmp_path / "src", dict.fromkeys(MODULES, ""))
    packages, file = find_packages(["shop"], [root]), root / "shop" / "core" / "here.py"
    for number in range(SOURCES):
        source = random_source(rng)
        tree = parsed(source)
        if tree is None:
            continue
        file.write_bytes(source)

        graph = TreeReader().read(packages).graph

        assert dict(graph.imports.get(HERE, {})) == expected(tree), f"source {number}: {source!r}"
