"""Run architecture checkers on the same tiny projects, and write what each of them found into the documentation.

In: ``benchmarks/checkers/*.toml`` (projects with one violation each, and how every tool is asked), Django in
``.real_input``. Out: the generated part of docs/explanation/comparison-of-checkers.md. Makes ``.venv-compare`` from
``requirements/compare.txt`` when it is missing. Decides by what a tool did: a violation is caught when the exit code is
not 0 and the output names it.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "checkers"
PAGE = ROOT / "docs" / "explanation" / "comparison-of-checkers.md"
VENV = ROOT / ".venv-compare"
PINS = ROOT / "requirements" / "compare.txt"
DJANGO = ROOT / ".real_input" / "django"
GENERATED = re.compile(r"(<!-- generated -->\n).*?(<!-- end of generated -->)", re.DOTALL)
TOOLS = ("kimera", "import-linter", "tach", "pytest-archon", "pytestarch")
RUNS = 5
CAUGHT, MISSED, STOPPED, NO_RULE = "caught", "not caught", "stopped", "no rule"
ROWS = (
    "test", "contrib", "shortcuts", "views", "forms", "templatetags", "template", "middleware", "urls", "http", "core",
    "db", "utils", "dispatch", "apps", "conf",
)  # fmt: skip
"""Django's layers, high to low, as ``kimera init`` proposes them."""


@dataclass(frozen=True, slots=True)
class Case:
    """A project with one violation."""

    id: str
    title: str
    files: Mapping[str, str]
    importer: str
    """The module that the output has to name; empty when ``caught`` says what to look for."""
    caught: str
    """What the output has to match."""
    hidden: str
    """A module that it must not name; empty for none."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A checker, and how it is asked."""

    name: str
    distribution: str
    names: str
    """How it names the importer of a violation: a pattern with ``{module}`` or ``{path}``."""
    command: tuple[str, ...]
    commands: Mapping[str, Sequence[str]]
    """Of single cases."""
    cannot: Mapping[str, str]
    """Cases it has no rule for, and why."""
    files: Mapping[str, str]
    case_files: Mapping[str, Mapping[str, str]]

    def complains_about(self, module: str, printed: str) -> bool:
        """Tell whether the output names a module as the importer of a violation."""
        path = re.escape(f"{module.replace('.', '/')}.py")
        return re.search(self.names.format(module=re.escape(module), path=path), printed) is not None

    def files_for(self, case: Case) -> dict[str, str]:
        """Give all files of a project: its own, and this tool's configuration."""
        return {**case.files, **self.files, **self.case_files.get(case.id, {})}


def main() -> int:
    """Run everything and write the page.

    Returns:
        The exit code: 1 when a tool complains about the control, so that its column would say nothing.
    """
    prepare()
    cases, tools = read_cases(), [read_tool(name) for name in TOOLS]
    outcomes = {(case.id, tool.name): outcome(tool, case) for case in cases for tool in tools}
    for tool in tools:
        if outcomes["clean", tool.name] != MISSED:
            print(f"{tool.name} complains about the project without a violation: its configuration is wrong")
            return 1
    text = "\n".join([*header(tools), "", *table(cases, tools, outcomes), "", *reasons(tools), "", *times(), ""])
    PAGE.write_text(GENERATED.sub(lambda part: f"{part[1]}{text}{part[2]}", PAGE.read_text("utf-8")), "utf-8")
    return 0


def prepare() -> None:
    """Make the environment of the other tools, unless it has the pinned versions."""
    wanted = [line for line in PINS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    if VENV.is_dir() and all(installed(name) == number for name, number in (pin.split("==") for pin in wanted)):
        return
    venv.create(VENV, clear=True, with_pip=True)
    subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", "-qq", "-r", PINS], check=True)


def installed(name: str) -> str | None:
    """Give the version of a distribution in the environment of the other tools."""
    folders = [str(folder) for folder in VENV.glob("lib/python*/site-packages")]
    found = (item for item in distributions(path=folders) if item.name.lower() == name.lower())
    return next((item.version for item in found), None)


def read_cases() -> list[Case]:
    """Read the projects."""
    data = tomllib.loads((DATA / "cases.toml").read_text("utf-8"))
    return [
        Case(
            id=item["id"],
            title=item["title"],
            files={
                k: v for k, v in {**data["base"], **item.get("files", {})}.items() if k not in item.get("remove", ())
            },
            importer=item.get("importer", ""),
            caught=item.get("caught", ""),
            hidden=item.get("hidden", ""),
        )
        for item in cast("list[dict[str, Any]]", data["case"])
    ]


def read_tool(name: str) -> Tool:
    """Read how a tool is asked."""
    data = tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))
    return Tool(
        name=name,
        distribution=data["distribution"],
        names=data["names"],
        command=tuple(data["command"]),
        commands=data.get("commands", {}),
        cannot=data.get("cannot", {}),
        files=data["files"],
        case_files=data.get("case", {}),
    )


def outcome(tool: Tool, case: Case) -> str:
    """Run a tool on a project.

    Returns:
        What became of the violation. A tool that has no rule for it is run all the same: were it caught, the table
        would say so.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        write(folder, tool.files_for(case))
        done = run(tool, tool.commands.get(case.id, tool.command), folder)
    printed = done.stdout + done.stderr
    if case.importer:
        named = tool.complains_about(case.importer, printed)
    else:
        named = bool(case.caught) and re.search(case.caught, printed) is not None
    if done.returncode and named and not (case.hidden and tool.complains_about(case.hidden, printed)):
        return CAUGHT
    if case.id in tool.cannot:
        return NO_RULE
    return STOPPED if done.returncode else MISSED


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write a project."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def run(tool: Tool, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool in a project, from its own environment."""
    home = Path(sys.executable).parent if tool.name == "kimera" else VENV / "bin"
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [str(home / command[0]), *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def header(tools: Sequence[Tool]) -> Iterator[str]:
    """Say what was run, and when."""
    numbers = {
        tool.name: version(tool.distribution) if tool.name == "kimera" else installed(tool.distribution)
        for tool in tools
    }
    python = ".".join(str(part) for part in sys.version_info[:3])
    listed = ", ".join(f"{name} {number}" for name, number in numbers.items())
    yield f"Run on {datetime.datetime.now(tz=datetime.UTC).date()} with CPython {python}: {listed}."


def table(cases: Sequence[Case], tools: Sequence[Tool], outcomes: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Write the table of outcomes; the control is left out, it is `not caught` everywhere."""
    yield f"| the project | {' | '.join(tool.name for tool in tools)} |"
    yield f"|---|{'---|' * len(tools)}"
    for case in cases:
        if case.id != "clean":
            yield f"| {case.title} | {' | '.join(outcomes[case.id, tool.name] for tool in tools)} |"


def reasons(tools: Sequence[Tool]) -> Iterator[str]:
    """Say why a tool has no rule."""
    yield "Why there is no rule:"
    yield ""
    for tool in tools:
        if tool.cannot:
            why = dict.fromkeys(tool.cannot.values())
            yield f"- {tool.name}: {'; '.join(why)}"


# --- times -----------------------------------------------------------------------------------------------------------


def django_files(tool: str) -> dict[str, str]:
    """Ask every tool for the same order of Django's packages."""
    session = '[tool.importlinter]\nroot_packages = ["django"]\n\n[[tool.importlinter.contracts]]\nname = "layers"\n'
    rows = f'containers = ["django"]\nlayers = {list(ROWS)}\n'.replace("'", '"')
    modules = "".join(f'\n[[modules]]\npath = "django.{row}"\nlayer = "{row}"\n' for row in ROWS)
    archon = (
        "import pytest\nfrom pytest_archon import archrule\n\n"
        f"ROWS = {list(ROWS)}\n\n"
        '@pytest.mark.parametrize("number", range(1, len(ROWS)))\n'
        "def test_row(number):\n"
        '    high = [pattern for row in ROWS[:number] for pattern in (f"django.{row}", f"django.{row}.*")]\n'
        '    rule = archrule(ROWS[number]).match(f"django.{ROWS[number]}", f"django.{ROWS[number]}.*")\n'
        '    rule.should_not_import(*high).check("django")\n'
    )
    base = read_tool("pytestarch").files["test_architecture.py"].replace(".shop.{name}", ".django.{name}")
    arch = re.sub(r"LAYERS = .*", f"LAYERS = {list(ROWS)}", base.replace('HERE / "shop"', 'HERE / "django"'))
    pairs = "[(LAYERS[number], LAYERS[:number]) for number in range(1, len(LAYERS))]"
    arch = re.sub(r"\[\(\"core\".*\]\)\]", pairs, arch)
    return {
        "kimera": {"contracts.toml": f'{session}type = "kimera_layers"\nwhy = "a comparison"\n{rows}'},
        "import-linter": {"contracts.toml": f'{session}type = "layers"\n{rows}'},
        "tach": {"tach.toml": f'source_roots = ["."]\nlayers = {list(ROWS)}\n'.replace("'", '"') + modules},
        "pytest-archon": {"test_architecture.py": archon},
        "pytestarch": {"test_architecture.py": arch},
    }[tool]


def times() -> Iterator[str]:
    """Measure every tool on Django, interleaved, and give the medians as ratios to import-linter."""
    cached = ("kimera", "check", "--config", "contracts.toml")
    tools = {name: read_tool(name) for name in TOOLS}
    asked = [(name, name, tools[name].command) for name in TOOLS]
    asked.insert(1, ("kimera, nothing changed since the last run", "kimera", cached))
    asked.append(
        ("import-linter, with its cache", "import-linter", ("lint-imports", "--no-logo", "--config", "contracts.toml"))
    )
    taken: dict[str, list[float]] = {label: [] for label, _, _ in asked}
    with tempfile.TemporaryDirectory() as name:
        for tool in tools:
            folder = Path(name) / tool / "project"
            shutil.copytree(DJANGO, folder / "django", ignore=shutil.ignore_patterns("__pycache__"))
            write(folder, django_files(tool))
        for number in range(RUNS + 1):  # the first round fills caches and does not count
            for label, tool, command in asked:
                start = time.perf_counter()
                done = run(tools[tool], command, Path(name) / tool / "project")
                seconds = time.perf_counter() - start
                if done.returncode != 1:
                    raise SystemExit(f"{label} found nothing in Django: {done.stdout[-500:]}{done.stderr[-500:]}")
                if number:
                    taken[label].append(seconds)
    medians = {label: statistics.median(seconds) for label, seconds in taken.items()}
    yield f"Time on Django with the same 16 layers: median of {RUNS} interleaved runs, as a ratio to"
    yield "`lint-imports --no-cache`."
    yield ""
    yield "| tool | ratio |"
    yield "|---|---|"
    for label, seconds in sorted(medians.items(), key=lambda item: item[1]):
        yield f"| {label} | {seconds / medians['import-linter']:.1f} |"


if __name__ == "__main__":
    sys.exit(main())
