"""Where a report goes: the ``--format`` option, and writing to stdout or to a file.

In: ``json``, ``text:PATH`` and the like. Out: UTF-8 bytes in every locale.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import click

from kimera_di.errors import KimeraError, UnwritableReportError

FORMATS = ("text", "json")


class Output(NamedTuple):
    """One report to write."""

    format: str
    path: Path | None
    """``None`` for stdout."""


def read_formats(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[Output, ...]:
    """Split every ``FORMAT`` or ``FORMAT:PATH``.

    Args:
        context: Of the command.
        option: ``--format``.
        values: As the user wrote them.

    Returns:
        One output each.

    Raises:
        BadParameter: One of them is no format, or has a colon but no path.
    """
    outputs: list[Output] = []
    for value in values:
        name, colon, path = value.partition(":")
        if name not in FORMATS:
            raise click.BadParameter(f"{name!r} is no format; use {' or '.join(FORMATS)}", context, option)
        if colon and not path:
            raise click.BadParameter(f"{value!r} has a colon but no path", context, option)
        outputs.append(Output(name, Path(path) if path else None))
    return tuple(outputs)


def write(text: str, path: Path | None) -> None:
    """Write a report.

    Args:
        text: The report.
        path: A file, whose folders are made; ``None`` for stdout.

    Raises:
        UnwritableReportError: The file cannot be written.
    """
    if path is None:
        sys.stdout.buffer.write(_encoded(text))
        sys.stdout.flush()
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_encoded(text))
    except OSError as error:
        facts = (("do this", "give a path that can be written: --format json:PATH"),)
        raise UnwritableReportError(f"cannot write the report to {path}: {error.strerror}", facts=facts) from error


def write_new(text: str, path: Path) -> None:
    """Write a file that does not exist yet, in a folder that does.

    Args:
        text: What it is to hold.
        path: The file.

    Raises:
        KimeraError: It exists already.
        UnwritableReportError: It cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(_encoded(text))
    except FileExistsError:
        todo = "move it away first, or name another file"
        raise KimeraError(
            f"{path.as_posix()} exists already, and is left as it is", facts=(("do this", todo),)
        ) from None
    except OSError as error:
        facts = (("do this", "name a file that can be written, in a folder that exists"),)
        raise UnwritableReportError(f"cannot write {path.as_posix()}: {error.strerror}", facts=facts) from error


def write_trouble(text: str) -> None:
    """Write what went wrong to stderr."""
    if text:
        sys.stderr.buffer.write(_encoded(text))
        sys.stderr.flush()


def _encoded(text: str) -> bytes:
    # A file name may hold bytes that are no UTF-8; escaped like this they are valid in JSON as well.
    return text.encode("utf-8", "backslashreplace")
