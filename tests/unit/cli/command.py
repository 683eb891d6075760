"""Start ``kimera`` and ``lint-imports`` as a user does.

In: a folder and the words after the program. Out: the finished process.
"""

import os
import subprocess
import sys
from pathlib import Path


def kimera(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``kimera`` in a folder."""
    return _run(folder, [sys.executable, "-m", "kimera_di.cli", *words], environment)


def lint_imports(folder: Path, config: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``lint-imports`` in a folder."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--config", config, "--no-cache", "--no-logo"]
    return _run(folder, command, environment)


def _run(folder: Path, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "PYTHONUTF8": "1", **environment}
    return subprocess.run(
        command, cwd=folder, capture_output=True, check=False, env=settings, text=True, encoding="utf-8"
    )
