"""Colour the text report on a terminal.

In: the report as plain text. Out: the same text with ANSI styles around the words that begin a block, so that
brackets and long lines stay as they are. Files, pipes and machine formats stay plain.
"""

import os
import sys
from collections.abc import Mapping

import click

_STATES = {"KEPT": "green", "BROKEN": "red", "ERROR": "red", "SYNTAX": "red", "STALE": "yellow", "UNSEEN": "yellow"}
_LABELS = ("  why ", "  do this ", "  or ", "  known ", "  ignored ")


def wants_colour(environment: Mapping[str, str] | None = None, *, terminal: bool | None = None) -> bool:
    """Say whether stdout should be coloured.

    Args:
        environment: The environment variables; those of the process when left out.
        terminal: Whether stdout is a terminal; asked when left out.

    Returns:
        False when ``NO_COLOR`` is set and not empty, else True when ``FORCE_COLOR`` is, else whether stdout is a
        terminal that understands styles. The order is that of Python's own tracebacks.
    """
    variables = os.environ if environment is None else environment
    if variables.get("NO_COLOR"):
        return False
    if variables.get("FORCE_COLOR"):
        return True
    # Python has no stdout at all when it is closed from the start.
    shown = (sys.stdout is not None and sys.stdout.isatty()) if terminal is None else terminal
    return shown and variables.get("TERM") != "dumb"


def colour(text: str) -> str:
    """Colour a text report.

    Args:
        text: From `render_text`.

    Returns:
        The same lines; without the styles they are the same bytes.
    """
    return "".join(_line(line) for line in text.splitlines(keepends=True))


def _line(line: str) -> str:
    word = line.partition(" ")[0]
    if word in _STATES:
        return click.style(word, fg=_STATES[word], bold=True) + line[len(word) :]
    for label in _LABELS:
        if line.startswith(label):
            return click.style(label, bold=True) + line[len(label) :]
    return line
