"""The command ``python -m kimera_di.testing.conformance [ADAPTER...] [--format text|json|markdown]``.

In: the command line. Out: a report on stdout; the exit code is 1 when a behaviour failed, 2 when an adapter cannot
be used.
"""

import argparse
import sys
from collections.abc import Sequence

from kimera_di.testing.conformance.behaviours import BEHAVIOURS
from kimera_di.testing.conformance.reports import json_report, markdown_report, text_report
from kimera_di.testing.conformance.running import DEADLINE_S, run

_FORMATS = {"text": text_report, "json": json_report, "markdown": markdown_report}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the suite and print what came of it.

    Args:
        arguments: Those of the command line, without the name of the program.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m kimera_di.testing.conformance",
        description="Run the conformance suite against containers.",
    )
    parser.add_argument("adapters", nargs="*", default=["kimera"], metavar="ADAPTER", help="kimera, or MODULE:CLASS")
    parser.add_argument("--format", choices=_FORMATS, default="text")
    parser.add_argument("--only", action="append", metavar="ID", help="one behaviour, or all whose ids begin so")
    parser.add_argument("--deadline", type=float, default=DEADLINE_S, metavar="SECONDS", help="of one behaviour")
    given = parser.parse_args(arguments)
    begins = tuple(given.only or ("",))
    wanted = [behaviour for behaviour in BEHAVIOURS if behaviour.id.startswith(begins)]
    if not wanted:
        parser.error(f"no behaviour's id begins with {' or '.join(begins)}")
    try:
        every = [run(target, wanted, deadline_s=given.deadline) for target in given.adapters]
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(_FORMATS[given.format](every) + "\n")
    return int(any(results.failures for results in every))


if __name__ == "__main__":
    sys.exit(main())
