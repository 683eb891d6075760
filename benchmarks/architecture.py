"""Time ``kimera check`` against ``lint-imports``: same contract, same code, runs taken in turn.

    python benchmarks/architecture.py [--rounds N] [--package django|sqlalchemy]

Needs `make real-input`. "cold" starts with empty cache folders, "warm" with those of the run before, "no cache"
has none. Prints medians in seconds and their ratios; a ratio below 1 means that ``kimera check`` is faster.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).parents[1]
INPUT = HOME / ".real_input"
MODES = ("no cache", "cold", "warm")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--package", default="django", choices=["django", "sqlalchemy"])
    options = arguments.parse_args()
    contracts = HOME / "tests" / "real_input" / f"{options.package}.toml"
    print(f"{options.package}, median of {options.rounds} rounds; lint-imports runs the built-in twin of our contract")
    with tempfile.TemporaryDirectory() as folder:
        for mode in MODES:
            ours, theirs, twin = measure(contracts, Path(folder), mode, options.rounds)
            print(
                f"{mode:<9} lint-imports {theirs:.3f} s   kimera_layers {ours:.3f} s ({ours / theirs:.2f}x)   "
                f"built-in layers under kimera {twin:.3f} s ({twin / theirs:.2f}x)"
            )


def measure(contracts: Path, folder: Path, mode: str, rounds: int) -> tuple[float, float, float]:
    """Time both tools in turn.

    Args:
        contracts: The contract file.
        folder: Where caches are kept.
        mode: One of `MODES`.
        rounds: Runs of each.

    Returns:
        Medians in seconds: our contract, import-linter's, import-linter's type under our command.
    """
    check = ["-m", "kimera_di.cli", "check", "--config", str(contracts), "--root", str(INPUT)]
    cache = ["--no-cache"] if mode == "no cache" else ["--cache-dir", str(folder / "ours")]
    lint = ["-c", LINT, "--config", str(contracts), "--contract", "broken-twin"]
    lint_cache = ["--no-cache"] if mode == "no cache" else ["--cache-dir", str(folder / "theirs")]
    commands = {
        "ours": [*check, *cache, "--contract", "broken"],
        "theirs": [*lint, *lint_cache],
        "twin": [*check, *cache, "--contract", "broken-twin"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            if mode == "cold":
                shutil.rmtree(folder, ignore_errors=True)
            seconds[name].append(timed(command))
    ours, theirs, twin = (statistics.median(seconds[name]) for name in ("ours", "theirs", "twin"))
    return ours, theirs, twin


def timed(command: Sequence[str]) -> float:
    """Run one command and give its time; every contract measured here is broken, so it exits with 1."""
    environment = {**os.environ, "PYTHONPATH": str(INPUT)}
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, *command], cwd=HOME, capture_output=True, check=False, env=environment)
    elapsed = time.perf_counter() - start
    if ran.returncode != 1:
        raise SystemExit(f"{' '.join(command)} exited with {ran.returncode}:\n{ran.stderr.decode()}")
    return elapsed


if __name__ == "__main__":
    main()
