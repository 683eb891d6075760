"""Show the reference application: its contract kept, two violations caught three ways, then the web service at work.

In: ``examples/kimera``, ``contracts/kimera_example.toml``. Out: what happens, in short, and exit code 0; 1 as soon as
something is not as expected, with what was expected. Changes are made in a temporary copy; the service runs on loopback
in a temporary folder; nothing is left behind, and the last step proves it.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from demo_output import Unexpected, expect, heading, show

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "contracts/kimera_example.toml"
BIN = Path(sys.executable).parent
LAYERS, WIRING = "Layers of the reference application", "Wiring of the reference application"
BROKEN = 1

LOG = '''"""What the api tells its users."""


class RequestLog:
    def write(self, text: str) -> None:
        print(text)
'''
OPEN_VAULT = """

def open_vault(
    session: Session, system: IKimeraSystem, clock: Clock, tables: VaultTables, log: RequestLog
) -> SqlVault:
    return SqlVault(session, system, clock, tables, on_store=log.write)
"""


class Edit(NamedTuple):
    """A change to one file of the copy."""

    file: str
    old: str
    """A line that is there; empty for a new file."""
    new: str


class Violation(NamedTuple):
    """Something a colleague might do, and who must object."""

    title: str
    edits: Sequence[Edit]
    broken: str
    """The contract that breaks."""
    kept: str
    """The contract that does not notice."""
    finding: str
    """Importer and imported, as reports write them."""


UPWARD_IMPORT = Violation(
    "An upward import: core uses a module of the api",
    [Edit("core/words.py", "import re\n", "import re\n\nfrom kimera.api.threads import in_thread\n")],
    broken=LAYERS,
    kept=WIRING,
    finding="kimera.core.words -> kimera.api.threads",
)
UPWARD_BINDING = Violation(
    "An upward binding: every import is legal, but core is given an object of the api",
    [
        Edit("api/log.py", "", LOG),
        Edit(
            "core/vault.py",
            "clock: Clock, tables: VaultTables) -> None:",
            "clock: Clock, tables: VaultTables, on_store: object = None) -> None:",
        ),
        Edit(
            "composition.py",
            "from kimera.api.health import HealthService\n",
            "from kimera.api.health import HealthService\nfrom kimera.api.log import RequestLog\n",
        ),
        Edit(
            "composition.py",
            "    return services\n",
            f"    services.singleton(RequestLog)\n    return services\n{OPEN_VAULT}",
        ),
        Edit("composition.py", "scoped(IVaultService, SqlVault)", "scoped(IVaultService, open_vault)"),
    ],
    broken=WIRING,
    kept=LAYERS,
    finding="kimera.core.vault.SqlVault -> kimera.api.log.RequestLog",
)


def main() -> int:
    """Run every step.

    Returns:
        The exit code.
    """
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    sys.dont_write_bytecode = True
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # trees are drawn, in every locale
    try:
        with nothing_left_behind() as folder:
            show_kept()
            for number, violation in enumerate((UPWARD_IMPORT, UPWARD_BINDING), start=2):
                show_caught(number, violation, folder / f"copy{number}")
            show_application(folder)
    except Unexpected as error:
        print(f"\nDEMO FAILED: expected {error}")
        return BROKEN
    print("\nDemo finished: every step was as expected.")
    return 0


def run(command: Sequence[str], folder: Path, code: int) -> str:
    """Run a command of the environment and show it.

    Args:
        command: Name of a script beside the interpreter, and arguments.
        folder: Where ``examples`` and ``contracts`` are.
        code: The exit code that is expected.

    Returns:
        What it printed to both streams.
    """
    print(f"$ {' '.join(command)}", flush=True)
    expect((BIN / command[0]).exists(), f"{command[0]} beside {sys.executable}: run `make demo`")
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": "examples"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    expect(done.returncode == code, f"exit code {code} from {command[0]}, not {done.returncode}", done.stdout)
    return done.stdout


def lint_imports(folder: Path, code: int) -> str:
    """Check with import-linter, and show its verdicts."""
    text = run(["lint-imports", "--config", CONTRACT, "--no-cache", "--no-logo"], folder, code)
    show(line for line in text.splitlines() if line.endswith((" KEPT", " BROKEN")))
    return text


def kimera_check(folder: Path, code: int) -> str:
    """Check with ``kimera``, and show its report."""
    text = run(["kimera", "check", "--config", CONTRACT, "--root", "examples", "--no-cache"], folder, code)
    show(text.splitlines())
    return text


def start(folder: Path, code: int) -> str:
    """Start the application with its contract, and show what it says."""
    text = run(["python", "-m", "kimera", "--architecture", CONTRACT, "explain", "IVaultService"], folder, code)
    show(text.rstrip().splitlines() if code else ["started"])
    return text


def verdicts(report: str) -> dict[str, str]:
    """Read the state of every contract off the report of ``kimera check``."""
    lines = (re.match(r"(KEPT|BROKEN|ERROR) +(.+?)  +\S+:\d+$", line) for line in report.splitlines())
    return {line[2]: line[1] for line in lines if line}


def show_kept() -> None:
    """Step 1: the application as it is."""
    heading("1. The contract of examples/kimera is kept")
    text = lint_imports(ROOT, 0)
    expect("4 kept, 0 broken" in text, "four kept contracts from lint-imports", text)
    text = kimera_check(ROOT, 0)
    expect(list(verdicts(text).values()) == ["KEPT"] * 4, "four kept contracts from kimera check", text)
    start(ROOT, 0)


def show_caught(number: int, violation: Violation, folder: Path) -> None:
    """Steps 2 and 3: a violation in a copy, caught by both tools and at start-up."""
    heading(f"{number}. {violation.title}")
    copy(folder)
    for edit in violation.edits:
        apply(edit, folder / "examples" / "kimera")
    print()
    text = lint_imports(folder, 1)
    expect(
        f"{violation.broken} BROKEN" in text and f"{violation.kept} KEPT" in text,
        f"only {violation.broken!r} broken",
        text,
    )
    expect(violation.finding in text, f"{violation.finding} from lint-imports", text)
    text = kimera_check(folder, 1)
    states = verdicts(text)
    expect(states.get(violation.broken) == "BROKEN", f"{violation.broken!r} broken", text)
    expect(states.get(violation.kept) == "KEPT", f"{violation.kept!r} kept", text)
    expect(violation.finding in text, f"{violation.finding} from kimera check", text)
    text = start(folder, 1)
    expect(
        "KD200" in text and "LayerViolationError" in text, "BuildErrors with a LayerViolationError at start-up", text
    )
    expect(violation.finding in text, f"{violation.finding} at start-up", text)


def copy(folder: Path) -> None:
    """Copy the application and its contract."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "examples" / "kimera", folder / "examples" / "kimera", ignore=ignore)
    (folder / CONTRACT).parent.mkdir()
    shutil.copy(ROOT / CONTRACT, folder / CONTRACT)


def apply(edit: Edit, package: Path) -> None:
    """Change one file of the copy, and show the lines that are new."""
    file = package / edit.file
    text = file.read_text(encoding="utf-8") if edit.old else ""
    expect(edit.old in text, f"{edit.old!r} in examples/kimera/{edit.file}")
    file.write_text(text.replace(edit.old, edit.new, 1) if edit.old else edit.new, encoding="utf-8")
    before = set(text.splitlines())
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and line not in before:
            print(f"  kimera/{edit.file:<15} + {line}")


def show_application(folder: Path) -> None:
    """Step 4: the application as a web service."""
    heading("4. The application at work: a web service on loopback, stopped while it is healthy")
    from demo_web import show_web_application  # late: the steps before need no web client

    show_web_application(ROOT, folder)


@contextmanager
def nothing_left_behind() -> Iterator[Path]:
    """Give a temporary folder, and prove at the end that nothing else remains of what was done meanwhile."""
    files, threads = files_here(), set(threading.enumerate())
    with tempfile.TemporaryDirectory(prefix="kimera-demo-") as name:
        yield Path(name)
    heading("5. Nothing is left behind")
    expect(not Path(name).exists(), "the temporary folder removed", name)
    new = files_here() - files
    expect(not new, "no new file in the repository", ", ".join(sorted(new)))
    more = set(threading.enumerate()) - threads
    expect(not more, "no thread left", repr(more))
    expect(not has_children(), "no child process left")
    show(["no files, no threads, no child processes"])


def files_here() -> frozenset[str]:
    """List the files of the example, the contracts, and the top folder."""
    below = [path for name in ("examples", "contracts") for path in (ROOT / name).rglob("*")]
    return frozenset(str(path.relative_to(ROOT)) for path in [*ROOT.iterdir(), *below])


def has_children() -> bool:
    """Tell whether a child process of this one is running or was not waited for."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
