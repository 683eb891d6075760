"""What the steps of the demo share: headings, indented output, and the end at the first surprise."""

from __future__ import annotations

from collections.abc import Iterable


class Unexpected(Exception):
    """The message says what was expected."""


def expect(condition: object, expected: str, seen: str = "") -> None:
    """Go on only when ``condition`` holds.

    Args:
        condition: What must be true.
        expected: The end of the sentence "expected ...".
        seen: What was there instead.

    Raises:
        Unexpected: It does not hold.
    """
    if not condition:
        raise Unexpected(f"{expected}\n{seen}".rstrip())


def heading(text: str) -> None:
    """Begin a step."""
    print(f"=== {text}\n", flush=True)


def show(lines: Iterable[str]) -> None:
    """Print output of a command, indented."""
    for line in lines:
        print(f"  {line}".rstrip())
    print(flush=True)
