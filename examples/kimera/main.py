"""The command line: ``python -m kimera``.

The edge of the application: it opens one scope per command and asks the container for a handler, nothing else.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from kimera.api.handlers import ReportContradictions, Stored, StoreTexts
from kimera.api.reports import render_contradictions
from kimera.composition import make_services
from kimera.infrastructure.settings import KimeraSettings, LoggingSettings
from kimera_di import BuildErrors, KimeraError, ServiceContainer

SENTENCES = Path(__file__).parent / "texts" / "sentences.txt"
"""The texts that ``demo`` reads: true sentences, and some that contradict them."""
CONTRACT = Path(__file__).parents[2] / "contracts" / "kimera_example.toml"
"""Where the contract lies in the repository; an installed application may not have it."""

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
    except SQLAlchemyError as error:
        # The first line: the rest repeats the statement with its parameters.
        print(f"kimera: the database cannot be used: {str(error).splitlines()[0]}", file=sys.stderr)
        return USAGE
    except ValidationError as error:
        problems = (f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        print("kimera: these settings cannot be used:", *problems, sep="\n", file=sys.stderr)
        return USAGE
    except (KimeraError, UnknownServiceError, OSError, UnicodeError, ModuleNotFoundError) as error:
        print(f"kimera: {error}", file=sys.stderr)
        return USAGE


async def store(container: ServiceContainer, files: Sequence[Path]) -> Stored:
    """Store the lines of files, or of standard input, in one transaction."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    async with container.scope() as scope:
        handler = await scope.aresolve(StoreTexts)
        return handler.handle(lines if files else sys.stdin)


async def report(container: ServiceContainer) -> str:
    """Give the contradictions between all stored texts as text."""
    async with container.scope() as scope:
        handler = await scope.aresolve(ReportContradictions)
        return render_contradictions(handler.handle())


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
    registered = (each.service for each in make_services().descriptors())
    services = {service.interface.__name__: service for service in registered if service.key is None}
    if name not in services:
        raise UnknownServiceError(f"there is no service {name!r}, only {', '.join(sorted(services))}")
    return container.explain(services[name].interface)


async def demo(container: ServiceContainer) -> None:
    """Store the sentences that come with the application, and report."""
    print(_told(await store(container, [SENTENCES])))
    print(await report(container))
    print()
    print(explain(container, "ReportContradictions"))


def _run(options: argparse.Namespace) -> int:
    if options.command != "demo":
        asyncio.run(_command(options, _settings(options)))
        return 0
    with tempfile.TemporaryDirectory(prefix="kimera-") as folder:
        options.folder = Path(folder)
        asyncio.run(_command(options, _settings(options)))
    return 0


async def _command(options: argparse.Namespace, settings: KimeraSettings | None) -> None:
    contract = options.architecture or (CONTRACT if CONTRACT.exists() else None)
    container = make_services(settings).build(architecture=contract)
    if options.command == "serve":
        from kimera.server import configure_logging, serve  # the other commands need no web framework

        configure_logging(container.resolve(LoggingSettings))
        await serve(container, lambda line: print(line, flush=True))
        return
    async with container:
        if options.command == "store":
            print(_told(await store(container, options.files)))
        elif options.command == "contradictions":
            print(await report(container))
        elif options.command == "explain":
            print(explain(container, options.service))
        else:
            await demo(container)


def _told(stored: Stored) -> str:
    return f"texts stored: {stored.new}, known before: {stored.known}"


def _settings(options: argparse.Namespace) -> KimeraSettings | None:
    """Take the environment, and over it what the command line says; nothing when it says nothing."""
    said = {
        "database": {"folder": options.folder},
        "engine": {"threshold": options.threshold},
        "api": {"host": getattr(options, "host", None), "port": getattr(options, "port", None)},
    }
    groups: dict[str, Any] = {
        group: {name: value for name, value in values.items() if value is not None} for group, values in said.items()
    }
    given = {group: values for group, values in groups.items() if values}
    return KimeraSettings(**given) if given else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kimera",
        description="Stores texts and reports contradictions. Every setting is a variable, KIMERA_API__PORT for one.",
    )
    parser.add_argument("--folder", type=Path, help="where the SQLite database is; default: kimera-data")
    parser.add_argument("--threshold", type=float, help="least score that is reported; default: 0.7")
    parser.add_argument("--architecture", type=Path, help="a contract file that must hold, or nothing is started")
    commands = parser.add_subparsers(dest="command", required=True)
    storing = commands.add_parser("store", help="store the lines of files, or of standard input")
    storing.add_argument("files", nargs="*", type=Path, metavar="FILE")
    commands.add_parser("contradictions", help="report contradictions between stored texts")
    explaining = commands.add_parser("explain", help="print how a service is wired")
    explaining.add_argument("service", metavar="SERVICE", help="for example IVaultService")
    commands.add_parser("demo", help="store the sentences that come with it, report, throw the database away")
    serving = commands.add_parser("serve", help="serve the web application until a signal comes")
    serving.add_argument("--host", help="default: 127.0.0.1")
    serving.add_argument("--port", type=int, help="default: 8000; 0 takes a free one and prints it")
    return parser
