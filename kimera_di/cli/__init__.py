"""The command ``kimera``.

In: command line arguments. Out: an exit code. This module loads the standard library only, so that it can say
what to install when the ``[check]`` extra is missing.
"""

import gc
import importlib.util
import os
import sys

_NEEDED = ("click", "grimp", "importlinter", "networkx")


def main() -> None:
    """Run ``kimera``; without the packages of ``kimera-di[check]`` only ``help`` works, and all else exits with 2."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing and sys.argv[1:2] == ["help"]:
        raise SystemExit(_help(sys.argv[2:]))
    if missing:
        names = ", ".join(missing)
        sys.stderr.write(
            f'kimera needs packages that are not installed: {names}\n  do this  pip install "kimera-di[check]"\n'
        )
        raise SystemExit(2)
    gone = _why_gone()
    if gone:
        sys.stderr.write(f"kimera cannot tell where it is: {gone}\n  do this  change to a folder that exists\n")
        raise SystemExit(2)
    # A command lives for a second and keeps what it reads: looking for garbage took a twentieth of a cold check, and
    # as much with a limit of 100,000.
    gc.set_threshold(1_000_000)
    from kimera_di.cli.commands import kimera

    kimera()


def _why_gone() -> str | None:
    """Say why there is no current folder, which every path that is shown is relative to; ``None`` when there is one."""
    try:
        os.getcwd()
    except OSError as error:
        return f"the current folder: {error.strerror}"
    return None


def _help(codes: list[str]) -> int:
    from kimera_di.cli.help import help_text
    from kimera_di.errors import KimeraError

    try:
        sys.stdout.buffer.write(help_text(codes).encode())
    except KimeraError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0
