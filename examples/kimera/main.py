"""The command line: ``python -m kimera``.

The edge of the application: it opens one scope per request and asks the container for a handler, nothing else.
"""

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kimera.api.handlers import ReportContradictions, Stored, StoreTexts
from kimera.api.reports import render_contradictions
from kimera.composition import make_services
from kimera.infrastructure.settings import Settings
from kimera_di import BuildErrors, KimeraError, ServiceContainer

SENTENCES = Path(__file__).parent / "texts" / "sentences.txt"
"""The texts that ``demo`` reads: true sentences, and some that contradict them."""

PROBLEM, USAGE = 1, 2


class UnknownServiceError(Exception):
    """A service was named that is not registered."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: As on the command line; those of the process when left out.

    Returns:
        The exit code: 0, 1 when the wiring is refused, 2 when the command cannot be done as it was given.
    """
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except BuildErrors as errors:
        print(errors, *errors.exceptions, sep="\n\n", file=sys.stderr)
        return PROBLEM
    except (KimeraError, UnknownServiceError, OSError, UnicodeError, sqlite3.Error) as error:
        print(f"kimera: {error}", file=sys.stderr)
        return USAGE


def store(container: ServiceContainer, files: Sequence[Path]) -> Stored:
    """Store the lines of files, or of standard input, in one transaction."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    with container.scope() as scope:
        return scope.resolve(StoreTexts).handle(lines if files else sys.stdin)


async def report(container: ServiceContainer) -> str:
    """Give the contradictions between all stored texts as text."""
    async with container.scope() as scope:
        return render_contradictions(await scope.resolve(ReportContradictions).handle())


def explain(container: ServiceContainer, name: str) -> str:
    """Draw the wiring tree of the service with this name.

    Args:
        container: What is explained.
        name: The last part of a service's name, such as ``IVaultService``.

    Returns:
        The tree.

    Raises:
        UnknownServiceError: There is no such service.
    """
    services = {descriptor.service.interface.__name__: descriptor for descriptor in make_services().descriptors()}
    if name not in services:
        raise UnknownServiceError(f"there is no service {name!r}, only {', '.join(sorted(services))}")
    return container.explain(services[name].service.interface)


def demo(options: argparse.Namespace) -> int:
    """Store the sentences that come with the application in a database that is thrown away, and report."""
    with tempfile.TemporaryDirectory(prefix="kimera-") as folder:
        settings = Settings(database=Path(folder) / "demo.sqlite3", threshold=options.threshold)
        with make_services(settings).build(architecture=options.architecture) as container:
            print(_told(store(container, [SENTENCES])))
            print(asyncio.run(report(container)))
            print()
            print(explain(container, "ReportContradictions"))
    return 0


def _run(options: argparse.Namespace) -> int:
    if options.command == "demo":
        return demo(options)
    settings = Settings(database=options.database, threshold=options.threshold)
    with make_services(settings).build(architecture=options.architecture) as container:
        if options.command == "store":
            print(_told(store(container, options.files)))
        elif options.command == "contradictions":
            print(asyncio.run(report(container)))
        else:
            print(explain(container, options.service))
    return 0


def _told(stored: Stored) -> str:
    return f"texts stored: {stored.new}, known before: {stored.known}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kimera", description="Stores texts and reports contradictions.")
    parser.add_argument("--database", type=Path, default=Settings().database, help="default: %(default)s")
    parser.add_argument(
        "--threshold", type=float, default=Settings().threshold, help="least score; default: %(default)s"
    )
    parser.add_argument("--architecture", type=Path, help="a contract file that must hold, or nothing is started")
    commands = parser.add_subparsers(dest="command", required=True)
    storing = commands.add_parser("store", help="store the lines of files, or of standard input")
    storing.add_argument("files", nargs="*", type=Path, metavar="FILE")
    commands.add_parser("contradictions", help="report contradictions between stored texts")
    explaining = commands.add_parser("explain", help="print how a service is wired")
    explaining.add_argument("service", metavar="SERVICE", help="for example IVaultService")
    commands.add_parser("demo", help="store the sentences that come with it, report, throw the database away")
    return parser
