"""Markdown tables, and numbers with as many digits as are worth reading."""

from typing import Final

WHOLE: Final = 100
ONE_DIGIT: Final = 10


def head(*titles: str) -> tuple[str, str]:
    """Give the two lines above the rows of a table."""
    return cells(*titles), f"|---|{'---:|' * (len(titles) - 1)}"


def cells(*texts: str) -> str:
    """Give one line of a table."""
    return f"| {' | '.join(texts)} |"


def number(value: float | None) -> str:
    """Show a number; nothing for None."""
    if value is None:
        return ""
    if abs(value) >= WHOLE or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= ONE_DIGIT else f"{value:.2f}"
