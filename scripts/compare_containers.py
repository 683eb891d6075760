"""Run the conformance suite against our container and six others, and write what came of it into the documentation.

In: ``tests/conformance/adapters``, ``tests/conformance/reproducers``, the environment ``.venv-bench``. Out:
``benchmarks/conformance/record.json`` and the generated part of docs/explanation/comparison.md. A failure of another
container counts only when a standalone program of at most 15 lines shows it too. With ``--page`` nothing is run: the
page is written from the record.
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "explanation" / "comparison.md"
RECORD: Final = ROOT / "benchmarks" / "conformance" / "record.json"
REPRODUCERS: Final = ROOT / "tests" / "conformance" / "reproducers"
PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
GENERATED: Final = re.compile(r"(<!-- generated -->\n).*?(<!-- end of generated -->)", re.DOTALL)
PEERS: Final = {
    "dishka": "dishka:Dishka",
    "wireup": "wireup:Wireup",
    "dependency_injector": "dependency_injector:DependencyInjector",
    "injector": "injector:InjectorAdapter",
    "punq": "punq:Punq",
    "svcs": "svcs:Svcs",
}
"""How their reproducers begin, and their adapters."""
SIGNS: Final = {"passed": "yes", "failed": "**no**", "hangs": "**hangs**", "crashed": "**crashes**", "n/a": "n/a"}
BAD: Final = {"failed", "hangs", "crashed"}
HANG_S: Final = 8.0
CHAPTERS: Final = {
    "MEDI": "The specification of Microsoft.Extensions.DependencyInjection",
    "EXT": "Its own tests of validation, closing, scopes and decorators",
    "T": "Threads, tasks, loops, overrides, memory: what users report",
}


@dataclass(frozen=True, slots=True)
class Program:
    """A reproducer."""

    path: Path

    def shows(self) -> str:
        """Give what its error output has to contain, ``hangs`` or ``crashes``."""
        return self.path.read_text("utf-8").splitlines()[0].removeprefix("# what it shows: ")

    def complaint(self) -> str:
        """Run it, and say what is wrong with it; nothing when the container fails as it says."""
        wanted = self.shows()
        try:
            done = subprocess.run(
                [str(PYTHON), str(self.path)], capture_output=True, text=True, timeout=HANG_S, check=False, cwd=ROOT
            )
        except subprocess.TimeoutExpired:
            return "" if wanted == "hangs" else f"{self.path.name} hangs, and says that it shows {wanted}"
        if done.returncode < 0 if wanted == "crashes" else done.returncode and wanted in done.stderr:
            return ""
        return f"{self.path.name} does not show {wanted}: exit code {done.returncode}, {done.stderr[-200:]}"


def main(arguments: Sequence[str]) -> int:
    """Run everything, unless told ``--page``, and write the page.

    Returns:
        The exit code: 1 when ours fails, or when a failure has no program that shows it.
    """
    if "--page" not in arguments:
        record = made_record()
        complaints = list(complaints_of(record))
        print("\n".join(complaints))
        RECORD.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        write_page(record)
        return int(bool(complaints))
    write_page(json.loads(RECORD.read_text("utf-8")))
    return 0


def made_record() -> dict[str, Any]:
    """Run the suite in the environment of the other containers."""
    subprocess.run([sys.executable, str(ROOT / "benchmarks" / "setup_env.py")], check=True)
    adapters = ["kimera", *(f"tests.conformance.adapters.{target}" for target in PEERS.values())]
    command = [str(PYTHON), "-m", "kimera_di.testing.conformance", *adapters, "--format", "json", "--deadline", "6"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    record: dict[str, Any] = json.loads(done.stdout)
    record["date"] = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    for container in record["containers"]:
        for result in container["results"]:
            del result["seconds"]
            result["reason"] = portable(result["reason"])
    return record


def portable(reason: str) -> str:
    """Give a reason without what is true on one machine only: folders and addresses."""
    return re.sub(r" at 0x[0-9a-f]+", "", re.sub(r"(?<![\w.:/])/(?:[^\s/'\"]+/)+", "", reason))


def reproducer(container: str, identifier: str) -> Path:
    """Give the path of the program that shows a failure."""
    return REPRODUCERS / f"{container}_{identifier}.py".replace("-", "_").lower()


def complaints_of(record: dict[str, Any]) -> Iterator[str]:
    """Say what keeps the record from being published."""
    for container in record["containers"]:
        for result in container["results"]:
            if result["outcome"] not in BAD:
                continue
            if container["name"] == "kimera_di":
                yield f"ours fails {result['id']}: {result['reason']}"
                continue
            program = reproducer(container["name"], result["id"])
            if not program.is_file():
                yield f"{container['name']} fails {result['id']}, and nothing shows it: {result['reason']}"
            else:
                yield from filter(None, [Program(program).complaint()])


def write_page(record: dict[str, Any]) -> None:
    """Replace the generated part of the page."""
    text = page(record)
    PAGE.write_text(GENERATED.sub(lambda part: f"{part[1]}{text}{part[2]}", PAGE.read_text("utf-8")), "utf-8")


def page(record: dict[str, Any]) -> str:
    """Give the generated part of the page: the same text for the same record."""
    parts = [*header(record), "", *counts(record)]
    for prefix, title in CHAPTERS.items():
        parts += ["", f"### {title}", "", *table(record, prefix)]
    parts += ["", "### Waived: no reading in Python", "", *waived(record)]
    parts += ["", "### Not applicable: what a container does not have", "", *lacking(record)]
    return "\n".join(parts) + "\n"


def header(record: dict[str, Any]) -> Iterator[str]:
    """Say what was run, where and when."""
    listed = ", ".join(f"{each['name']} {each['version']}" for each in record["containers"])
    yield f"Run on {record['date']} with CPython {record['python']} on {record['system']}: {listed}."


def counts(record: dict[str, Any]) -> Iterator[str]:
    """Write how many behaviours each container has, of those that apply to it."""
    yield "| container | holds | does not | of those that apply | not applicable |"
    yield "|---|---|---|---|---|"
    for each in record["containers"]:
        outcomes = [result["outcome"] for result in each["results"]]
        good, bad = outcomes.count("passed"), sum(outcome in BAD for outcome in outcomes)
        yield f"| {each['name']} | {good} | {bad} | {good + bad} | {outcomes.count('n/a')} |"


def table(record: dict[str, Any], prefix: str) -> Iterator[str]:
    """Write a row for each behaviour of a chapter."""
    columns = [{result["id"]: result["outcome"] for result in each["results"]} for each in record["containers"]]
    yield f"| | behaviour | {' | '.join(each['name'] for each in record['containers'])} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for behaviour in record["behaviours"]:
        identifier = behaviour["id"]
        if identifier.startswith(f"{prefix}-") and columns[0][identifier] != "waived":
            signs = " | ".join(SIGNS[column[identifier]] for column in columns)
            yield f"| {identifier} | {behaviour['title']} | {signs} |"


def waived(record: dict[str, Any]) -> Iterator[str]:
    """List what is waived, and why."""
    titles = {behaviour["id"]: behaviour["title"] for behaviour in record["behaviours"]}
    for result in record["containers"][0]["results"]:
        if result["outcome"] == "waived":
            yield f"- {result['id']}, {titles[result['id']]}: {result['reason']}"


def lacking(record: dict[str, Any]) -> Iterator[str]:
    """List what each container does not have, and why."""
    for each in record["containers"]:
        reasons = dict.fromkeys(result["reason"] for result in each["results"] if result["outcome"] == "n/a")
        if reasons:
            yield f"- {each['name']}: {'; '.join(sorted(reasons))}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
