"""Say on a terminal what a command is busy with, when that takes longer than a second.

In: what is being done, in a few words. Out: a line on stderr that is gone when the work ends. Nothing is written when
stderr is no terminal, and never to stdout: a report may be going there. rich is loaded by the first command that
takes long, not by those that do not.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TextIO

DELAY_S = 1.0
"""Work that is over by then shows nothing."""

Advance = Callable[[str], None]
"""Takes what is done next, in a few words."""


@contextmanager
def progress(text: str, *, stream: TextIO | None = None, delay_s: float = DELAY_S) -> Generator[Advance]:
    """Show what is being done while the block runs.

    Example:
        >>> with progress("reading shop") as advance:
        ...     advance("checking shop layers")

    Args:
        text: What is done first, for instance ``reading shop``.
        stream: Where to show it; stderr when left out.
        delay_s: For how long nothing is shown.

    Yields:
        A function that takes what is done next. It may be called from any thread, and does nothing without a
        terminal. Costs one waiting thread on a terminal, nothing elsewhere.
    """
    shown_on = stream or sys.stderr
    if shown_on is None or not shown_on.isatty():  # Python makes None of a stderr that is closed when it starts
        yield _ignore
        return
    line = _Line(text, shown_on, delay_s)
    line.start()
    try:
        yield line.say
    finally:
        line.end()


def _ignore(text: str) -> None:
    """Show nothing."""


class _Line:
    """The text of one command, and the thread that shows it once the delay is over."""

    def __init__(self, text: str, stream: TextIO, delay_s: float) -> None:
        self._text, self._stream, self._delay_s = text, stream, delay_s
        self._over, self._changed = Event(), Event()
        # A daemon: whatever ends the process must not wait for a line of text.
        self._thread = Thread(target=self._show, name="kimera progress", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def say(self, text: str) -> None:
        self._text = text
        self._changed.set()

    def end(self) -> None:
        self._over.set()
        self._changed.set()
        self._thread.join()

    def _show(self) -> None:
        if self._over.wait(self._delay_s):
            return
        from rich.console import Console  # 75 ms, and only needed now
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        console = Console(file=self._stream)
        if console.is_dumb_terminal:
            return  # it could not take the line back
        # As a `Text`, brackets in names are no markup. Left alone, `Live` would also take over stdout.
        spinner = Spinner("dots", Text(self._text))
        with Live(spinner, console=console, transient=True, redirect_stdout=False, redirect_stderr=False):
            while not self._over.is_set():
                self._changed.wait()
                self._changed.clear()
                spinner.update(text=Text(self._text))
