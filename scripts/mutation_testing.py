"""Make random small mistakes in planning and resolution, and count how many of them the tests notice.

In: a checkout. Out: one line for each mistake that no test noticed, the score, and ``results.jsonl`` in the folder
``--data`` with a line for every mutant. Works on copies in a temporary folder; the checkout is only read.
``scripts/mutants.py`` is the other half: its patches are chosen by hand, and every one of them must be noticed.

    .venv/bin/python scripts/mutation_testing.py --data build/mutation --sample 300 --seed 1

1. The container's tests run once with coverage (``--cov-context=test``): which test runs which line, and which tests
   fail already (those judge nothing). This is kept in ``--data``; a second run with the same folder goes on from there.
2. A sample is drawn from all mutants (``mutation_operators.py``). The seed decides; a larger sample contains a smaller.
3. Each mutant is judged by the tests that run its lines, the most special first; the first failure ends it. Lines
   outside of functions run at import, so all tests of the module judge them.
4. A test that hangs is a failure only if it hangs or fails again, alone. Its limit is 60 s, or five times what it took
   on the code as it is when that is longer.
5. Every test that noticed something runs on the code as it is once more; one that fails there is not believed.

``--again results.jsonl`` judges only what survived in that earlier run, with the tests of now (take a new ``--data``).
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mutation_judge import ALLOWED_SLOWNESS, FIRST_BATCH, LEAST_LIMIT_S, Map, Run, copy_tree, observe, pytest, read_map
from mutation_operators import Mutant, mutants_of

ROOT = Path(__file__).resolve().parent.parent
NO_PROGRAM = "refused by Python"
MUTATED = ("kimera_di/planning", "kimera_di/resolution")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant: killed (by a test, at import, by hanging), survived, or run by no test."""

    mutant: str
    outcome: str
    by: str
    tests: int
    seconds: float


def all_mutants(checkout: Path, only: str) -> list[Mutant]:
    """Return every mutant of the mutated packages whose name contains ``only``."""
    files = sorted(file for folder in MUTATED for file in (checkout / folder).glob("*.py"))
    named = ((file.relative_to(checkout).as_posix(), file.read_text(encoding="utf-8")) for file in files)
    return [mutant for path, text in named for mutant in mutants_of(path, text) if only in mutant.name]


@contextmanager
def applied(mutant: Mutant, tree: Path) -> Iterator[None]:
    """Have the mistake in the tree for the duration of the block.

    Python takes a ``.pyc`` for current when size and second of the source are those it was made from, so each text gets
    a second of its own.
    """
    file = tree / mutant.path
    sound = file.read_text(encoding="utf-8")
    second = file.stat().st_mtime + 2
    file.write_text(mutant.text, encoding="utf-8")
    os.utime(file, (second, second))
    try:
        yield
    finally:
        file.write_text(sound, encoding="utf-8")
        os.utime(file, (second + 2, second + 2))


def run_batch(tests: Sequence[str], tree: Path, known: Map) -> Run:
    """Run tests until one fails."""
    each = known.limit_s(tests)
    whole = each + LEAST_LIMIT_S + ALLOWED_SLOWNESS * sum(known.seconds[test] for test in tests)
    return pytest(tree, ["-x"], tests=tests, test_limit_s=each, limit_s=whole)


def killer(tests: Sequence[str], tree: Path, known: Map) -> tuple[str, str]:
    """Return how the mutant that is in the tree dies and by what; the first text is empty when it does not."""
    for batch in (tests[:FIRST_BATCH], tests[FIRST_BATCH:]):
        run = run_batch(batch, tree, known) if batch else None
        if run is None or run.code == 0:
            continue
        hung = run.hung[:1] if run.hung else (tuple(batch) if run.code is None else ())
        if not hung:
            return "killed", run.failed[0] if run.failed else f"import (pytest ended with {run.code})"
        second = run_batch(hung, tree, known)
        if second.code != 0:
            return "killed by hanging", hung[0] if len(hung) == 1 else "(the process)"
    return "", ""


def judge(mutant: Mutant, tree: Path, known: Map) -> Verdict:
    """Judge one mutant by the tests that run its lines."""
    started = time.monotonic()
    tests = known.tests(mutant.path, mutant.lines)
    outcome, by = "not run by any test", ""
    if not mutant.is_program:
        outcome = NO_PROGRAM
    elif tests:
        with applied(mutant, tree):
            outcome, by = killer(tests, tree, known)
    return Verdict(mutant.name, outcome or "survived", by, len(tests), round(time.monotonic() - started, 1))


def judge_all(mutants: Sequence[Mutant], folder: Path, checkout: Path, data: Path, workers: int) -> list[Verdict]:
    """Judge the mutants that ``results.jsonl`` does not hold yet, and return the verdicts of all."""
    known = read_map(data)
    results = data / "results.jsonl"
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    done = {verdict.mutant: verdict for verdict in (Verdict(**json.loads(line)) for line in lines)}
    trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for number in range(workers):
        copy_tree(checkout, folder / f"tree{number}")
        trees.put(folder / f"tree{number}")

    def one(mutant: Mutant) -> Verdict:
        tree = trees.get()
        try:
            verdict = judge(mutant, tree, known)
        finally:
            trees.put(tree)
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")
        print(
            f"{verdict.outcome:<10} {verdict.seconds:6.1f} s of {verdict.tests:4} tests  {verdict.mutant}", flush=True
        )
        return verdict

    with ThreadPoolExecutor(workers) as pool:
        done |= {
            verdict.mutant: verdict for verdict in pool.map(one, [each for each in mutants if each.name not in done])
        }
    return doubted([done[mutant.name] for mutant in mutants], folder / "tree0", known)


def doubted(verdicts: list[Verdict], tree: Path, known: Map) -> list[Verdict]:
    """Take back the kills of tests that fail on the code as it is."""
    killers = sorted({verdict.by for verdict in verdicts if verdict.by in known.seconds})
    if not killers:
        return verdicts
    whole = LEAST_LIMIT_S + ALLOWED_SLOWNESS * sum(known.seconds[test] for test in killers)
    wrong = pytest(tree, [], tests=killers, test_limit_s=known.limit_s(killers), limit_s=whole).failed
    print(f"of {len(killers)} tests that noticed something {len(wrong)} fail on the code as it is: {', '.join(wrong)}")
    return [
        Verdict(each.mutant, "doubtful", each.by, each.tests, each.seconds) if each.by in wrong else each
        for each in verdicts
    ]


def report(verdicts: Sequence[Verdict], population: int) -> int:
    """Print the survivors and the score; return the exit code."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    killed = sum(count for outcome, count in counts.items() if outcome.startswith("killed"))
    counted = [each for each in verdicts if each.outcome != NO_PROGRAM]
    alive = [each for each in counted if not each.outcome.startswith("killed")]
    print("\n" + "\n".join(f"{each.outcome}: {each.mutant}" for each in alive))
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    print(f"{len(verdicts)} of {population} mutants: {outcomes}")
    print(f"score {100 * killed / max(1, len(counted)):.1f} % of {len(counted)}")
    return 1 if alive else 0


def main() -> int:
    """Draw, judge, report; return 0 when every mutant was noticed and 1 when not."""
    parser = argparse.ArgumentParser(description="Make random small mistakes and count how many the tests notice.")
    parser.add_argument("--data", type=Path, required=True, help="folder for what the runs find out")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the checkout (default: this one)")
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", metavar="TEXT", help="mutants with this in their name")
    parser.add_argument("--again", type=Path, metavar="FILE", help="judge only what survived in this results.jsonl")
    options = parser.parse_args()
    data: Path = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    population = all_mutants(options.tree, options.only)
    sample = random.Random(options.seed).sample(population, len(population))[: options.sample]  # noqa: S311  # no secret
    if options.again:
        earlier = (Verdict(**json.loads(line)) for line in options.again.read_text(encoding="utf-8").splitlines())
        survivors = {verdict.mutant for verdict in earlier if not verdict.outcome.startswith("killed")}
        sample = [mutant for mutant in population if mutant.name in survivors]
    with tempfile.TemporaryDirectory(prefix="kimera-mutation-") as name:
        folder = Path(name).resolve()
        if not (data / "seconds.json").exists():
            copy_tree(options.tree, folder / "observed")
            observe(folder / "observed", data, workers=options.workers)
        return report(judge_all(sample, folder, options.tree, data, options.workers), len(population))


if __name__ == "__main__":
    sys.exit(main())
