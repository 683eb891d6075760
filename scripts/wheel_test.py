"""Build the distributions and use them the way a user's machine would.

The sdist is built from the repository, the wheel from the sdist (so a file missing in the sdist shows), and the wheel
is installed into an empty environment, first without extras and then with ``[all]``. Versions come from
``requirements/lock.txt``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "lock.txt"
CORE_ONLY = {"kimera-di", "typing-extensions", "pip", "setuptools", "wheel"}
USAGE_ERROR = 2

# What a plain import loads, as data.
MODULES = """
import json, sys
before = set(sys.modules)
import kimera_di
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would let the repository's own package be found."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command away from the repository and keep what it prints."""
    words = [str(part) for part in command]
    return subprocess.run(words, cwd=cwd, env=clean_environment(), capture_output=True, text=True, check=False)


def must_run(*command: str | Path, cwd: Path) -> str:
    """Run a command that has to succeed and return its standard output.

    Raises:
        SystemExit: It failed.
    """
    done = run(*command, cwd=cwd)
    if done.returncode:
        raise SystemExit(f"error: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Distribution:
    """The built files and an environment to try them in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        self.kimera = folder / "venv" / "bin" / "kimera"

    def build(self) -> None:
        """Build both files and prepare the empty environment."""
        os.environ["PIP_CONSTRAINT"] = os.environ["PIP_BUILD_CONSTRAINT"] = str(LOCK)
        must_run(sys.executable, "-m", "build", "--outdir", self.folder / "dist", ROOT, cwd=self.folder)
        venv.create(self.folder / "venv", with_pip=True)

    @property
    def sdist(self) -> Path:
        """The source distribution."""
        (path,) = (self.folder / "dist").glob("*.tar.gz")
        return path

    @property
    def wheel(self) -> Path:
        """The wheel."""
        (path,) = (self.folder / "dist").glob("*.whl")
        return path

    def install(self, extra: str = "") -> None:
        """Install the wheel into the environment, with an extra such as ``[all]``."""
        target = f"kimera-di{extra} @ {self.wheel.as_uri()}"
        must_run(self.python, "-m", "pip", "install", "-qq", "-c", LOCK, target, cwd=self.folder)


def check_sdist(built: Distribution) -> str:
    """The sdist holds what a packager needs to build and test."""
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"LICENSE", "README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "kimera_di/py.typed"}
    missing = sorted(wanted - names)
    stray = sorted(name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/")))
    return f"missing: {missing}, stray: {stray}" if missing or stray else ""


def check_wheel(built: Distribution) -> str:
    """The wheel holds the whole package, its type marker and the licence, and nothing else."""
    with zipfile.ZipFile(built.wheel) as archive:
        names = set(archive.namelist())
    sources = (path for path in (ROOT / "kimera_di").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    missing = sorted({str(path.relative_to(ROOT)) for path in sources} - names)
    stray = sorted(name for name in names if not name.startswith(("kimera_di/", "kimera_di-")))
    licence = [name for name in names if name.endswith("/LICENSE")]
    return f"missing: {missing}, stray: {stray}, licence: {licence}" if missing or stray or not licence else ""


def check_core_installs_little(built: Distribution) -> str:
    """Without extras only typing_extensions comes along."""
    installed = json.loads(must_run(built.python, "-m", "pip", "list", "--format=json", cwd=built.folder))
    more = sorted({entry["name"].lower().replace("_", "-") for entry in installed} - CORE_ONLY)
    return f"also installed: {more}" if more else ""


def check_import_is_light(built: Distribution) -> str:
    """``import kimera_di`` loads the standard library and itself only, not even typing_extensions."""
    loaded = json.loads(must_run(built.python, "-c", MODULES, cwd=built.folder))
    allowed = sys.stdlib_module_names | {"kimera_di"}
    foreign = [name for name in loaded if name.partition(".")[0] not in allowed]
    return f"also loaded: {foreign}" if foreign else ""


def check_star_import(built: Distribution) -> str:
    """Every public name is there without extras."""
    done = run(built.python, "-W", "error", "-c", "from kimera_di import *", cwd=built.folder)
    return done.stderr.strip() if done.returncode else ""


def check_command_without_extra(built: Distribution) -> str:
    """``kimera`` without ``[check]`` says what to install and exits 2."""
    done = run(built.kimera, "check", cwd=built.folder)
    if done.returncode == USAGE_ERROR and "kimera-di[check]" in done.stderr and "Traceback" not in done.stderr:
        return ""
    return f"exit {done.returncode}, stdout {done.stdout!r}, stderr {done.stderr!r}"


def check_help_without_extra(built: Distribution) -> str:
    """What every error message names works as it is installed."""
    done = run(built.kimera, "help", "KD201", cwd=built.folder)
    works = done.returncode == 0 and "MissingServiceError" in done.stdout
    return "" if works else f"exit {done.returncode}, stdout {done.stdout!r}, stderr {done.stderr!r}"


def check_command_with_extra(built: Distribution) -> str:
    """``kimera --help`` works with ``[all]``, and the installed set is consistent."""
    built.install("[all]")
    must_run(built.python, "-m", "pip", "check", cwd=built.folder)
    done = run(built.kimera, "--help", cwd=built.folder)
    works = done.returncode == 0 and "check" in done.stdout
    return "" if works else f"exit {done.returncode}, stdout {done.stdout!r}, stderr {done.stderr!r}"


def check_page_with_extra(built: Distribution) -> str:
    """``kimera graph`` finds the files of its page in what is installed."""
    done = run(built.kimera, "graph", "email", "--format", "html", cwd=built.folder)
    works = done.returncode == 0 and done.stdout.endswith("</html>\n")
    return "" if works else f"exit {done.returncode}, stdout {done.stdout[-80:]!r}, stderr {done.stderr!r}"


# In this order: from `check_command_with_extra` on, the extras are installed.
CHECKS: tuple[Callable[[Distribution], str], ...] = (
    check_sdist,
    check_wheel,
    check_core_installs_little,
    check_import_is_light,
    check_star_import,
    check_command_without_extra,
    check_help_without_extra,
    check_command_with_extra,
    check_page_with_extra,
)


def main() -> int:
    """Build, try everything, print one line a check; return the exit code."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="kimera-wheel-") as temporary:
        built = Distribution(Path(temporary).resolve())
        built.build()
        print(f"built {built.sdist.name} and {built.wheel.name}")
        built.install()
        for check in CHECKS:
            trouble = check(built)
            failed += bool(trouble)
            print(f"{'FAILED' if trouble else 'ok':<6}  {(check.__doc__ or '').strip()}")
            if trouble:
                print(f"        {trouble}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
