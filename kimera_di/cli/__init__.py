"""The command ``kimera``.

In: command line arguments. Out: an exit code. This module loads the standard library only, so that it can say
what to install when the ``[check]`` extra is missing.
"""

import importlib.util
import sys

_NEEDED = ("click", "grimp", "importlinter", "networkx")


def main() -> None:
    """Run ``kimera``; exits with 2 when the packages of ``kimera-di[check]`` are missing."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        sys.stderr.write(
            f'kimera needs packages that are not installed: {names}\n  do this  pip install "kimera-di[check]"\n'
        )
        raise SystemExit(2)
    from kimera_di.cli.commands import kimera

    kimera()
