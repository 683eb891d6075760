"""Require that every public name of ``kimera_di`` has a complete type (``pyright --verifytypes``).

Out: pyright's list of what is missing, and exit 1, when the score is below 100 %.

Two traps are avoided here. Pyright looks for an *installed* package with a ``py.typed``: an editable install is found
through its ``.pth`` line only when pyright runs with the environment's interpreter, so the environment is made active
(``VIRTUAL_ENV`` and ``PATH``) whether or not the caller did. And the PyPI wrapper of pyright would ask the network for
a newer version; the wheel carries its own copy and the extra ``[nodejs]`` brings node, so nothing needs fetching.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGE = "kimera_di"
ROOT = Path(__file__).resolve().parent.parent
COMPLETE = 1.0


def environment() -> dict[str, str]:
    """The caller's environment, with this interpreter's virtual environment active and pyright kept off the network."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYRIGHT_PYTHON_", "PYTHON"))}
    return {
        **kept,
        "VIRTUAL_ENV": sys.prefix,
        "PATH": os.pathsep.join([str(Path(sys.prefix, "bin")), os.environ.get("PATH", os.defpath)]),
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",  # otherwise it asks the package index for a newer version
    }


def report() -> dict[str, Any]:
    """Pyright's report as data."""
    command = [sys.executable, "-m", "pyright", "--verifytypes", PACKAGE, "--ignoreexternal", "--outputjson"]
    # Pyright exits 1 for an incomplete package, which the report says better. The working folder is a neutral one:
    # in the repository pyright would take the project's configuration, and the sources for the installed package.
    done = subprocess.run(command, cwd=sys.prefix, env=environment(), capture_output=True, text=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"pyright gave no report (exit {done.returncode}):\n{done.stdout}{done.stderr}") from None
    return found


def place(diagnostic: dict[str, Any]) -> str:
    """``file:line: `` of a diagnostic, or nothing when it names no file."""
    file = Path(diagnostic.get("file") or ROOT)
    if not file.is_file():
        return ""
    line = diagnostic.get("range", {}).get("start", {}).get("line", 0) + 1
    return f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}:{line}: "


def main() -> int:
    """Print what is incomplete; return the exit code."""
    found = report()
    completeness = found.get("typeCompleteness")
    problems = [d for d in found.get("generalDiagnostics", []) if d.get("severity") == "error"]
    if completeness is None or completeness.get("pyTypedPath") is None:
        print(f"pyright found no typed package {PACKAGE}:", *(d["message"] for d in problems), sep="\n  ")
        return 1
    incomplete = [s for s in completeness["symbols"] if s["isExported"] and not s["isTypeKnown"]]
    for symbol in incomplete:
        print(f"{symbol['name']} ({symbol['category']})")
        for diagnostic in symbol["diagnostics"]:
            print(f"  {place(diagnostic)}{diagnostic['message']}")
    counts = completeness["exportedSymbolCounts"]
    known, total = counts["withKnownType"], sum(counts.values())
    print(f"{known} of {total} exported symbols have a complete type ({completeness['completenessScore']:.1%})")
    return 0 if completeness["completenessScore"] >= COMPLETE and not problems else 1


if __name__ == "__main__":
    raise SystemExit(main())
