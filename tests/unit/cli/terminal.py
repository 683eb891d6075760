"""A terminal for tests.

In: nothing. Out: a stream to write to, and what was written to it.
"""

import os
import pty
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TextIO

ERASE_LINE = b"\x1b[2K"
HIDE_CURSOR = b"\x1b[?25l"


@dataclass
class Terminal:
    """A terminal of 80 columns and what was written to it."""

    stream: TextIO
    reading: int

    def read_until(self, word: bytes) -> bytes:
        written = b""
        while word not in written:
            written += os.read(self.reading, 4096)
        return written

    def read_rest(self) -> bytes:
        """Give what is left; a mark tells the end, because a terminal has none."""
        self.stream.write("END")
        self.stream.flush()
        return self.read_until(b"END")


@contextmanager
def open_terminal() -> Iterator[Terminal]:
    """Open a terminal of its own for a test."""
    reading, writing = pty.openpty()
    with closing(os.fdopen(writing, "w", encoding="utf-8")) as stream:
        yield Terminal(stream, reading)
    os.close(reading)
