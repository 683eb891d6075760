"""Run chosen tests on a copy of the checkout, and know which tests run which line.

In: a tree (a copy of the checkout that may be written to), the names of tests. Out: how they ended. The part of
``scripts/mutation_testing.py`` that starts pytest; it draws and counts nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

NEEDED = (
    "kimera_di",
    "tests",
    "contracts",
    "docs",
    "examples",
    "scripts",
    "benchmarks",
    "changelog.d",
    "pyproject.toml",
    "README.md",
)
STAGES = ("planning", "resolution", "compilation", "registration", "integrations", "settings", "composition", "cli")
SUITES = (
    "tests/spec",
    *(f"tests/unit/{stage}" for stage in STAGES),
    "tests/property",
    "--ignore=tests/property/test_scale.py",  # it measures growth, and would take half of the time
)
LAST = ("tests/property", "tests/spec/test_process_forks")  # slow ones
# Coverage does not see into forked children.
IN_CHILDREN = {"kimera_di/resolution/forked.py": "tests/spec/test_process_forks.py"}
LEAST_LIMIT_S = 60.0
ALLOWED_SLOWNESS = 5.0
FIRST_BATCH = 25
WRONG_TREE, NO_TESTS = 90, 5

# Loaded by pytest in the copy: runs the wanted tests in the wanted order, notes how each one ended, and refuses to
# judge anything but the copy.
PLUGIN = f"""\
import json, os, pathlib, sys

ends = {{}}

def pytest_collection_modifyitems(config, items):
    wanted = os.environ.get("KIMERA_MUTATION_TESTS")
    if wanted:
        order = {{name: place for place, name in enumerate(json.loads(pathlib.Path(wanted).read_text("utf-8")))}}
        items[:] = sorted((each for each in items if each.nodeid in order), key=lambda each: order[each.nodeid])

def pytest_runtest_logreport(report):
    before, seconds, hung = ends.get(report.nodeid, ("passed", 0.0, False))
    outcome = report.outcome if report.outcome != "passed" else before
    hangs = hung or (report.failed and "Timeout (>" in str(report.longrepr))
    ends[report.nodeid] = outcome, seconds + report.duration, hangs

def pytest_sessionfinish(session):
    package = sys.modules.get("kimera_di")  # absent after a failed import, which has an exit code of its own
    tree = os.environ["KIMERA_MUTANT_TREE"]
    if package is not None and not pathlib.Path(package.__file__).resolve().is_relative_to(tree):
        session.exitstatus = {WRONG_TREE}
    if not hasattr(session.config, "workerinput"):
        pathlib.Path(os.environ["KIMERA_MUTATION_ENDS"]).write_text(json.dumps(ends), "utf-8")
"""


@dataclass(frozen=True, slots=True)
class Run:
    """How one pytest process ended; ``code`` is ``None`` when the process itself had to be ended."""

    code: int | None
    failed: tuple[str, ...]
    hung: tuple[str, ...]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Map:
    """Which tests run which line, the most special test first, and how long each took."""

    by_line: Mapping[str, Mapping[int, frozenset[str]]]
    breadth: Mapping[str, int]
    seconds: Mapping[str, float]

    def tests(self, path: str, lines: Sequence[int]) -> list[str]:
        """Return the tests that run one of the lines; all of the module's when the lines run at import only."""
        known = self.by_line.get(path, {})
        found = {test for line in lines for test in known.get(line, ())}
        if not found and any(line in known for line in lines):
            found = {test for tests in known.values() for test in tests}
        found |= {test for test in self.seconds if test.startswith(IN_CHILDREN.get(path, "nothing"))}
        return sorted(found, key=lambda test: (test.startswith(LAST), self.breadth[test], test))

    def limit_s(self, tests: Sequence[str]) -> float:
        """Return how long the slowest of the tests may take."""
        return max([LEAST_LIMIT_S, *(ALLOWED_SLOWNESS * self.seconds[test] for test in tests)])


def copy_tree(source: Path, target: Path) -> None:
    """Copy what the tests need, without caches."""
    unwanted = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "results")
    for name in NEEDED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=unwanted)
        elif (source / name).exists():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


def pytest(
    tree: Path, arguments: Sequence[str], *, tests: Sequence[str] = (), test_limit_s: float, limit_s: float
) -> Run:
    """Run pytest in a tree.

    Args:
        tree: A copy of the checkout; files beside it, with its name in front, are used for messages.
        arguments: Options of pytest, and the suites if ``tests`` is empty.
        tests: The tests to run, in this order.
        test_limit_s: After how long a test counts as hanging.
        limit_s: After how long the process is ended, with all that it started.

    Returns:
        How it ended.

    Raises:
        RuntimeError: The tests ran against another package than the tree's, or did not exist.
    """
    folder, wanted, ends = tree.parent, tree.parent / f"{tree.name}.tests", tree.parent / f"{tree.name}.ends"
    (folder / "mutation_plugin.py").write_text(PLUGIN, encoding="utf-8")
    wanted.write_text(json.dumps(list(tests)), encoding="utf-8")
    ends.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tree), str(folder)]),
        "KIMERA_MUTANT_TREE": str(tree.resolve()),
        "KIMERA_MUTATION_TESTS": str(wanted) if tests else "",
        "KIMERA_MUTATION_ENDS": str(ends),
    }
    for unwanted in ("PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE"):  # half of the time would go into compiling tests
        environment.pop(unwanted, None)
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    options = ["-q", "--tb=line", "-p", "mutation_plugin", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    options += ["-o", f"timeout={test_limit_s:.0f}", "-o", "faulthandler_timeout=0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *arguments, *files],
        cwd=tree, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    code: int | None
    try:
        code = process.wait(limit_s)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if code in {WRONG_TREE, NO_TESTS}:
        raise RuntimeError(f"pytest ended with {code} for {list(tests)[:3]} in {tree}")
    return _read(code, ends)


def _read(code: int | None, ends: Path) -> Run:
    """Read what the plugin wrote; nothing is there when the process was ended or could not begin."""
    noted: dict[str, tuple[str, float, bool]] = json.loads(ends.read_text("utf-8")) if ends.exists() else {}
    return Run(
        code,
        tuple(test for test, (outcome, _, _) in noted.items() if outcome == "failed"),
        tuple(test for test, (_, _, hung) in noted.items() if hung),
        {test: seconds for test, (outcome, seconds, _) in noted.items() if outcome == "passed"},
    )


def observe(tree: Path, data: Path, *, workers: int) -> None:
    """Run all tests with coverage and keep what they say in ``data``."""
    contexts = ["--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0", "-n", str(workers)]
    run = pytest(tree, [*contexts, *SUITES], test_limit_s=10 * LEAST_LIMIT_S, limit_s=60 * LEAST_LIMIT_S)
    shutil.copy2(tree / ".coverage", data / "coverage")
    (data / "seconds.json").write_text(json.dumps(dict(run.seconds)), encoding="utf-8")
    print(f"{len(run.seconds)} tests pass on the code as it is, {len(run.failed)} fail and judge nothing", flush=True)


def read_map(data: Path) -> Map:
    """Read what ``observe`` kept; a test that did not pass is left out."""
    seconds: dict[str, float] = json.loads((data / "seconds.json").read_text("utf-8"))
    measured = CoverageData(str(data / "coverage"))
    measured.read()
    by_line: dict[str, dict[int, frozenset[str]]] = defaultdict(dict)
    breadth: Counter[str] = Counter()
    for file in measured.measured_files():
        for line, contexts in measured.contexts_by_lineno(file).items():
            tests = frozenset(context.rpartition("|")[0] for context in contexts) & seconds.keys()
            by_line[file.replace("\\", "/")][line] = tests
            breadth.update(tests)
    return Map(by_line, breadth, seconds)
