"""Write ``requirements/lock.txt``: the tested version of everything that development and ``[all]`` install.

In: ``requirements/dev.in`` and the extras in ``pyproject.toml``. Out: one pinned version a line, to be used as a
constraints file (``pip install -c``). The versions are what pip chose in an empty environment, never what happens to
be installed here. Run it on the oldest supported Python: packages that only older interpreters need are then pinned.

Usage:
    .venv/bin/python scripts/lock.py               keep every pin that still fits, add and drop what changed
    .venv/bin/python scripts/lock.py --upgrade     take the newest version of everything
    .venv/bin/python scripts/lock.py --check       write nothing; exit 1 when the file would change
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "lock.txt"
OLDEST = (3, 11)
NOT_PINNED = {"kimera-di", "pip", "setuptools", "wheel"}  # ours, and what the interpreter brings itself

HEADER = """\
# Tested versions, used as constraints: pip install -c requirements/lock.txt ...
# Written by scripts/lock.py from requirements/dev.in and the extra [all] on Python {python}. Do not edit.
"""


def run(*command: str | Path) -> str:
    """Run a command and return its standard output; its error output goes to the terminal."""
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def choose_versions(constraints: Path | None) -> list[str]:
    """Let pip choose versions in an empty environment.

    Args:
        constraints: Pins to keep where they still fit, or ``None`` for the newest of everything.

    Returns:
        Sorted ``name==version`` lines.
    """
    with tempfile.TemporaryDirectory(prefix="kimera-lock-") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        keep = ["-c", str(constraints)] if constraints else []
        run(python, "-m", "pip", "install", "-qq", *keep, "-r", ROOT / "requirements" / "dev.in", f"{ROOT}[all]")
        run(python, "-m", "pip", "check")
        frozen = run(python, "-m", "pip", "freeze", "--all").splitlines()
    pins = [line for line in frozen if re.split(r"==| @ ", line)[0].lower().replace("_", "-") not in NOT_PINNED]
    unpinned = [line for line in pins if "==" not in line]
    if unpinned:
        raise SystemExit(f"not from the package index, so not reproducible: {unpinned}")
    return sorted(pins, key=str.lower)


def main() -> int:
    """Write or check the lock file; return the exit code."""
    parser = argparse.ArgumentParser(description="Pin the tested versions in requirements/lock.txt.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest version of everything")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when the file would change")
    options = parser.parse_args()
    if sys.version_info[:2] != OLDEST:
        print(f"error: run this with Python {'.'.join(map(str, OLDEST))}, the oldest supported one", file=sys.stderr)
        return 2
    # A constraints file in the caller's environment would make the result depend on this machine.
    for name in ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"):
        os.environ.pop(name, None)

    pins = choose_versions(LOCK if LOCK.exists() and not options.upgrade else None)
    text = HEADER.format(python=".".join(map(str, OLDEST))) + "".join(f"{pin}\n" for pin in pins)
    if options.check:
        same = LOCK.exists() and LOCK.read_text(encoding="utf-8") == text
        print(f"{LOCK.relative_to(ROOT)} is up to date" if same else f"{LOCK.relative_to(ROOT)} would change")
        return 0 if same else 1
    LOCK.write_text(text, encoding="utf-8")
    print(f"wrote {len(pins)} pins to {LOCK.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
