"""Guesses and short lists: at most three of a kind, sorted, so that the same input gives the same text."""

from collections.abc import Iterable

SHOWN = 3
"""Hints of one kind that a message shows."""


def did_you_mean(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    """Give the known names nearest to ``wanted``, best first, at most three.

    Args:
        wanted: The name that was not found.
        known: Every name that would have been right.

    Returns:
        Names with a similarity of at least 0.6 (Ratcliff and Obershelp 1988, as in ``difflib``).
    """
    import difflib  # only a wrong name needs it

    by_lower = {name.lower(): name for name in sorted(set(known), reverse=True)}
    near = difflib.get_close_matches(wanted.lower(), sorted(by_lower), n=SHOWN, cutoff=0.6)
    return tuple(by_lower[name] for name in near)


def listed(names: Iterable[str], *, shown: int = SHOWN) -> str:
    """Join names in sorted order: ``AuditLog, Scheduler, Worker (and 2 more)``."""
    ordered = sorted(set(names))
    text = ", ".join(ordered[:shown])
    return text if len(ordered) <= shown else f"{text} (and {len(ordered) - shown} more)"
