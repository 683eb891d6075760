"""Where a report goes: the ``--format`` option, and writing to stdout or to a file.

In: ``json``, ``text:PATH`` and the like. Out: UTF-8 bytes in every locale.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import click

from kimera_di.errors import UnwritableReportError

FORMATS = ("text", "json")


class Output(NamedTuple):
    """One report to write."""

    format: str
    path: Path | None
    """``None`` for stdout."""


class FormatOption(click.ParamType[Output]):
    """Reads ``FORMAT`` or ``FORMAT:PATH``."""

    name = "text|json[:PATH]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """Split the value; anything but a known format is a usage error."""
        if isinstance(value, Output):
            return value
        name, colon, path = str(value).partition(":")
        if name not in FORMATS:
            self.fail(f"{name!r} is no format; use {' or '.join(FORMATS)}", param, ctx)
        if colon and not path:
            self.fail(f"{value!r} has a colon but no path", param, ctx)
        return Output(name, Path(path) if path else None)


def write(text: str, path: Path | None) -> None:
    """Write a report.

    Args:
        text: The report.
        path: A file, whose folders are made; ``None`` for stdout.

    Raises:
        UnwritableReportError: The file cannot be written.
    """
    if path is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.flush()
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    except OSError as error:
        facts = (("do this", "give a path that can be written: --format json:PATH"),)
        raise UnwritableReportError(f"cannot write the report to {path}: {error.strerror}", facts=facts) from error


def write_trouble(text: str) -> None:
    """Write what went wrong to stderr."""
    if text:
        sys.stderr.buffer.write(text.encode("utf-8"))
        sys.stderr.flush()
