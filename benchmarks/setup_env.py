"""Make ``.venv-bench``: the pinned containers and this checkout, apart from every other environment.

Standard library only, because it runs before anything is installed. Does nothing when the environment is there and
what it was made from has not changed: a stamp file holds the hash of the pins, of ``pyproject.toml`` (dependencies of
the checkout) and of the interpreter's version. Removing the folder forces a new one.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ENVIRONMENT: Final = ROOT / ".venv-bench"
PINS: Final = ROOT / "requirements" / "bench.txt"
PROJECT: Final = ROOT / "pyproject.toml"
STAMP: Final = ENVIRONMENT / "bench.stamp"


def fingerprint() -> str:
    """Return the hash of everything the environment is made from."""
    digest = hashlib.sha256(repr(tuple(sys.version_info)).encode())
    for path in (PINS, PROJECT):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def interpreter() -> Path:
    """Return the path of the environment's Python."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_current(wanted: str) -> bool:
    """Say whether the environment exists, runs and was made from ``wanted``."""
    if not STAMP.is_file() or STAMP.read_text(encoding="utf-8") != wanted or not interpreter().is_file():
        return False
    return subprocess.run([interpreter(), "-c", "import sys"], check=False).returncode == 0


def create(wanted: str) -> None:
    """Make the environment anew and write the stamp last, so that an interrupted run is not taken for a good one.

    Raises:
        subprocess.CalledProcessError: The installer failed; its own message is on standard error.
    """
    venv.EnvBuilder(clear=True, with_pip=True).create(ENVIRONMENT)
    (ENVIRONMENT / ".gitignore").write_text("*\n", encoding="utf-8")
    pip = [str(interpreter()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(PINS)], check=True)
    subprocess.run([*pip, "--editable", str(ROOT)], check=True)
    STAMP.write_text(wanted, encoding="utf-8")


def main() -> int:
    """Make the environment when it is missing or out of date, and return the exit code."""
    wanted = fingerprint()
    if is_current(wanted):
        return 0
    print(f"making {ENVIRONMENT.name} from {PINS.relative_to(ROOT)} ...", file=sys.stderr)
    try:
        create(wanted)
    except subprocess.CalledProcessError as error:
        print(f"{ENVIRONMENT.name} could not be made: the installer ended with {error.returncode}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
