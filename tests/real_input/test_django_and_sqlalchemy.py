"""Our checks and import-linter's on code nobody wrote for them; read as files, never imported."""

import ast
import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.check, pytest.mark.real_input]

HERE = Path(__file__).parent
HOME = HERE.parents[1]
INPUT = HOME / ".real_input"
PACKAGES = ["django", "sqlalchemy"]
CONTRACTS = ["broken", "broken-twin", "kept", "kept-twin"]


def run(*command: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(INPUT), str(HOME)])}
    return subprocess.run([sys.executable, *command], cwd=HOME, capture_output=True, check=False, env=environment)


@lru_cache
def report(package: str) -> dict[str, Any]:
    assert (INPUT / package).is_dir(), "run `make real-input` first: it puts the packages into .real_input/"
    ran = run(
        "-m",
        "kimera_di.cli",
        "check",
        "--config",
        str(HERE / f"{package}.toml"),
        "--root",
        str(INPUT),
        "--no-cache",
        "--format",
        "json",
    )
    assert ran.returncode == 1, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@lru_cache
def parsed(file: str) -> dict[int, list[ast.stmt]]:
    """Every import statement of a file by its first line."""
    statements: dict[int, list[ast.stmt]] = {}
    for node in ast.walk(ast.parse((HOME / file).read_bytes())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            statements.setdefault(node.lineno, []).append(node)
    return statements


def named_by(statement: ast.stmt, importer: str, *, is_package: bool) -> set[str]:
    """Every module that an import statement may mean."""
    if isinstance(statement, ast.Import):
        return {alias.name for alias in statement.names}
    assert isinstance(statement, ast.ImportFrom)
    parts = importer.split(".")
    kept = len(parts) - statement.level + (1 if is_package else 0)
    base = ".".join([*(parts[:kept] if statement.level else []), *([statement.module] if statement.module else [])])
    return {base, *(f"{base}.{alias.name}" for alias in statement.names)}


@pytest.mark.parametrize("package", PACKAGES)
def test_verdicts_of_our_contracts_equal_those_of_their_twins(package: str) -> None:
    verdicts = {contract["id"]: contract["kept"] for contract in report(package)["contracts"]}

    assert verdicts == {"broken": False, "broken-twin": False, "kept": True, "kept-twin": True}


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("package", PACKAGES)
def test_lint_imports_agrees(package: str, contract: str) -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"

    ran = run("-c", program, "--config", str(HERE / f"{package}.toml"), "--contract", contract, "--no-cache")

    verdicts = {found["id"]: found["kept"] for found in report(package)["contracts"]}
    assert (ran.returncode == 0) is verdicts[contract]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_finding_stands_on_the_line_of_its_import(package: str) -> None:
    found = report(package)["findings"]

    assert len(found) > 100
    for link in [link for finding in found for link in finding["chain"]]:
        statements = parsed(link["file"])[link["line"]]
        is_package = link["file"].endswith("/__init__.py")
        named = {name for one in statements for name in named_by(one, link["importer"], is_package=is_package)}
        assert link["imported"] in named, link


@pytest.mark.parametrize("package", PACKAGES)
def test_every_finding_begins_with_its_own_import(package: str) -> None:
    for finding in report(package)["findings"]:
        first = finding["chain"][0]

        assert all(first[key] == finding[key] for key in ("importer", "imported", "file", "line"))


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_and_imports_are_counted_as_grimp_counts_them(package: str) -> None:
    program = (
        f"import grimp; g = grimp.build_graph({package!r}, cache_dir=None);"
        "print(len(g.modules), sum(len(g.find_modules_directly_imported_by(m)) for m in g.modules))"
    )
    modules, imports = map(int, run("-c", program).stdout.split())

    summary = report(package)["summary"]

    assert (summary["modules"], summary["imports"]) == (modules, imports)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_of_the_package_is_seen(package: str) -> None:
    assert report(package)["unseen"] == []
