"""Where a report goes: the ``--format`` option, and writing to stdout or to a file.

In: ``json``, ``text:PATH`` and the like. Out: UTF-8 bytes in every locale.
"""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from kimera_di.errors import KimeraError, UnwritableReportError

FORMATS = ("text", "json", "sarif", "junit", "github", "markdown")


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
            known = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
            raise click.BadParameter(f"{name!r} is no format; use {known}", context, option)
        if colon and not path:
            raise click.BadParameter(f"{value!r} has a colon but no path", context, option)
        outputs.append(Output(name, Path(path) if path else None))
    return tuple(outputs)


def refuse_mixtures(outputs: Sequence[Output]) -> None:
    """See to it that every output has a place of its own.

    Args:
        outputs: All that were asked for.

    Raises:
        UsageError: Two of them go to stdout, or into the same file.
    """
    if sum(output.path is None for output in outputs) > 1:
        raise click.UsageError("two formats without a path would be mixed on stdout; write --format json:PATH")
    taken: dict[str, Output] = {}
    for output in outputs:
        if output.path is not None:
            first = taken.setdefault(os.path.realpath(output.path), output)
            if first is not output:
                raise click.UsageError(f"{first.format} and {output.format} would both be written to {output.path}")


def write(text: str, path: Path | None, *, option: str = "--format json:PATH") -> None:
    """Write a report.

    Args:
        text: The report.
        path: A file, whose folders are made; ``None`` for stdout. A reader of stdout may go away, as ``head`` does: the
            rest is then not written.
        option: What to correct when the file cannot be written.

    Raises:
        UnwritableReportError: The file, or stdout, cannot be written.
    """
    if path is None:
        _write_stdout(_encoded(text))
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_encoded(text))
    except OSError as error:
        facts = (("do this", f"give a path that can be written: {option}"),)
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


def _write_stdout(content: bytes) -> None:
    todo = (("do this", "write into a file: --format json:PATH"),)
    if sys.stdout is None:  # what Python makes of a stdout that is closed when it starts
        raise UnwritableReportError("cannot write the report: stdout is closed", facts=todo)
    try:
        remaining = memoryview(content)
        while remaining:  # with PYTHONUNBUFFERED it may take a part, and say nothing of what stopped it
            remaining = remaining[sys.stdout.buffer.write(remaining) :]
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail again when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if error.errno not in {errno.EPIPE, errno.EINVAL}:  # the second is how Windows says the first
            raise UnwritableReportError(f"cannot write the report to stdout: {error.strerror}", facts=todo) from error


def write_trouble(text: str) -> None:
    """Write what went wrong to stderr."""
    if text and sys.stderr is not None:  # a closed one leaves the exit code to say it
        sys.stderr.buffer.write(_encoded(text))
        sys.stderr.flush()


def _encoded(text: str) -> bytes:
    # A file name may hold bytes that are no UTF-8; escaped like this they are valid in JSON as well.
    return text.encode("utf-8", "backslashreplace")
