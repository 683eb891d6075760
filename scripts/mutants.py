"""Prove that the tests protect what they claim to: break one protection, and a named test must turn red.

In: ``tests/mutants/*.patch``. Out: a table, and exit 1 when a mutant survives. Works on copies in a temporary folder;
the repository is only read. Standard library only, except that the tests need pytest.

Every patch is a unified diff against the repository, below a header:

    # protects: one singleton is built once although two threads ask first at the same time
    # test: tests/spec/test_threads.py::test_two_threads_asking_first_get_one_object
    # test: ...                  more tests may be named; each one has to turn red
    # timeout-is-red             optional: a test that hangs counts as red (a removed wake-up, for example)
    --- a/kimera_di/resolution/claims.py
    +++ b/kimera_di/resolution/claims.py
    @@ ...

Red means that pytest exits with 1: a test failed. A collection error (2), a test that does not exist (4, 5) or a
time-out without ``# timeout-is-red`` is a broken mutant and fails the run, as does a patch that no longer applies. The
named tests must be green on the code as it is.

How to add one: break the protection in the code by hand, check that the test you mean turns red *for that reason*, then

    git diff kimera_di > tests/mutants/NAME.patch && git checkout kimera_di

put the header on top, and run ``.venv/bin/python scripts/mutants.py --only NAME``. Break one thing, as an honest
mistake would: delete the second check, skip the wake-up, swap two lines. When the code moves on and the patch stops
applying, make the same mistake again in the new code; a mutant is deleted only together with its protection.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("kimera_di", "tests", "contracts", "examples", "pyproject.toml", "README.md")
PARALLEL = 2
TIMEOUT_S = 60.0
BASELINE_TIMEOUT_S = 600.0
RED = 1  # pytest: tests were run and some failed
WRONG_TREE = 90  # ours, see GUARD

# Loaded by pytest in the copy. Without it a mistake in the search path would test the repository instead of the copy,
# and every mutant would seem to survive, or worse, to be caught.
GUARD = """\
import os, pathlib, sys

def pytest_sessionfinish(session):
    package = sys.modules.get("kimera_di")  # absent after a failed import, which has an exit code of its own
    tree = os.environ["KIMERA_MUTANT_TREE"]
    if package is not None and not pathlib.Path(package.__file__).resolve().is_relative_to(tree):
        session.exitstatus = {wrong_tree}
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One patch: what it breaks and who must notice."""

    patch: Path
    protects: str
    tests: tuple[str, ...]
    timeout_is_red: bool

    @property
    def name(self) -> str:
        """The file name without ``.patch``."""
        return self.patch.stem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant."""

    mutant: Mutant
    caught: bool
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """How one pytest process ended; ``code`` is ``None`` when it ran into its time limit."""

    code: int | None
    output: str


def read_mutant(patch: Path) -> Mutant:
    """Read a patch's header.

    Raises:
        SystemExit: The header names no test or no protection.
    """
    header = patch.read_text(encoding="utf-8").partition("\n--- ")[0]
    protects = re.findall(r"^# protects:\s*(.+?)\s*$", header, re.MULTILINE)
    tests = re.findall(r"^# test:\s*(\S+)\s*$", header, re.MULTILINE)
    if len(protects) != 1 or not tests:
        raise SystemExit(f"error: {patch.name} needs one '# protects:' line and at least one '# test:' line")
    return Mutant(patch, protects[0], tuple(tests), bool(re.search(r"^# timeout-is-red\s*$", header, re.MULTILINE)))


def copy_tree(target: Path) -> None:
    """Copy what the tests need, without caches: a stale ``.pyc`` would hide a mutation."""
    unwanted = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=unwanted)
        elif source.exists():
            target.mkdir(exist_ok=True)
            shutil.copy2(source, target / name)


def run_tests(tree: Path, tests: tuple[str, ...], *, timeout_s: float) -> Run:
    """Run tests of a copied tree against the package of that copy.

    The process gets a group of its own, and all of the group is killed in the end: a mutant may hang in threads or
    child processes.
    """
    guard = tree.parent / f"{tree.name}-guard"
    guard.mkdir(exist_ok=True)
    (guard / "mutant_guard.py").write_text(GUARD.format(wrong_tree=WRONG_TREE), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tree), str(guard)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "KIMERA_MUTANT_TREE": str(tree),
        "KIMERA_HYPOTHESIS": "kimera-ci",  # the same examples every time: a verdict must not depend on luck
    }
    environment.pop("PYTEST_ADDOPTS", None)
    # -m "": a named test runs whatever its markers are, the stress tests too. The time limit is ours: a general one of
    # pytest's would turn every hang into an ordinary failure.
    options = ["-q", "--no-header", "--tb=short", "-p", "mutant_guard", "-p", "no:cacheprovider", "-m", ""]
    options += ["-o", "timeout=0", "-o", "faulthandler_timeout=0"]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        code: int | None
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.seek(0)
        return Run(code, log.read().decode(errors="replace"))


def apply_patch(mutant: Mutant, tree: Path) -> str:
    """Apply a patch to a copy; return why it could not be applied, or an empty string."""
    # `git apply` silently skips what lies outside the repository it finds itself in, so it must find none: neither
    # above the copy nor through the variables that git sets for a hook.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CEILING_DIRECTORIES"] = str(tree.parent)
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", str(mutant.patch)],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip() or f"git apply exited with {done.returncode}"


def judge(mutant: Mutant, run: Run, test: str) -> str:
    """Say why a test's run does not count as red, or return an empty string when it does."""
    if run.code == RED or (run.code is None and mutant.timeout_is_red):
        return ""
    if run.code == 0:
        return f"SURVIVED: {test} stays green"
    if run.code is None:
        return f"BROKEN: {test} took more than {TIMEOUT_S:.0f} s, and the header does not say '# timeout-is-red'"
    if run.code == WRONG_TREE:
        return f"BROKEN: {test} did not import the package of the copy"
    return f"BROKEN: {test} could not run, pytest exited with {run.code}\n{run.output.strip()}"


def try_mutant(mutant: Mutant, folder: Path) -> Verdict:
    """Apply one mutant to a fresh copy and run each of its tests there."""
    started = time.monotonic()
    tree = folder / mutant.name
    copy_tree(tree)
    refusal = apply_patch(mutant, tree)
    if refusal:
        problems = [f"BROKEN: the patch does not apply\n{refusal}"]
    else:
        verdicts = (judge(mutant, run_tests(tree, (test,), timeout_s=TIMEOUT_S), test) for test in mutant.tests)
        problems = [verdict for verdict in verdicts if verdict]
    shutil.rmtree(tree, ignore_errors=True)
    return Verdict(mutant, not problems, "\n".join(problems) or "caught", time.monotonic() - started)


def check_baseline(mutants: list[Mutant], folder: Path) -> str:
    """Run all named tests on the code as it is; return pytest's output when they are not all green."""
    tree = folder / "unpatched"
    copy_tree(tree)
    tests = tuple(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    run = run_tests(tree, tests, timeout_s=BASELINE_TIMEOUT_S)
    shutil.rmtree(tree, ignore_errors=True)
    if run.code == 0:
        return ""
    return f"pytest exited with {run.code}\n{run.output.strip()}"


def report(verdicts: list[Verdict]) -> int:
    """Print the table, those that failed last, and the closing line; return the exit code."""
    width = max(len(verdict.mutant.name) for verdict in verdicts)
    for verdict in sorted(verdicts, key=lambda verdict: not verdict.caught):  # the end of a long log is what is read
        first, _, rest = verdict.text.partition("\n")
        print(f"{verdict.mutant.name:<{width}}  {verdict.seconds:5.1f} s  {first}")
        print(f"{'':<{width}}           protects: {verdict.mutant.protects}")
        for line in rest.splitlines():
            print(f"    {line}")
    caught = sum(verdict.caught for verdict in verdicts)
    print(f"{caught} passed, {len(verdicts) - caught} failed")
    return 0 if caught == len(verdicts) else 1


def main() -> int:
    """Run every mutant, or the chosen ones; return the exit code."""
    parser = argparse.ArgumentParser(description="Break one protection at a time; a named test must turn red.")
    parser.add_argument("--only", action="append", metavar="NAME", help="this mutant only (repeatable)")
    options = parser.parse_args()
    mutants = [read_mutant(patch) for patch in sorted((ROOT / "tests" / "mutants").glob("*.patch"))]
    if options.only:
        unknown = sorted(set(options.only) - {mutant.name for mutant in mutants})
        if unknown:
            print(f"error: no such mutant: {', '.join(unknown)}", file=sys.stderr)
            return 2
        mutants = [mutant for mutant in mutants if mutant.name in options.only]
    if not mutants:
        print("error: tests/mutants/ has no *.patch", file=sys.stderr)
        return 2

    with tempfile.TemporaryDirectory(prefix="kimera-mutants-") as temporary:
        folder = Path(temporary).resolve()
        trouble = check_baseline(mutants, folder)
        if trouble:
            print(f"The named tests are not all green on the code as it is, so nothing can be said.\n{trouble}")
            print(f"0 passed, {len(mutants)} failed")
            return 1
        with ThreadPoolExecutor(PARALLEL) as pool:
            verdicts = list(pool.map(lambda mutant: try_mutant(mutant, folder), mutants))
    return report(verdicts)


if __name__ == "__main__":
    raise SystemExit(main())
