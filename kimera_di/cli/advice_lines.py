"""Write advice about imports as lines of text: the same form in `advise`, `cut` and `cycles`.

In: `Advice`. Out: lines. Decides nothing and prints nothing.
"""

from collections.abc import Iterator

from kimera_di.architecture.advising.advice import Advice

MOST_ADVISED = 20
"""Imports of a cut up to which the text says what to do about each one."""
POINTER = "kimera advise IMPORTER IMPORTED says what to do about one of them; --format json says it about all"


def advice_line(advice: Advice) -> str:
    """Give the advice about the import on the line above."""
    return f"      {advice.text}"


def whole_advice(advice: Advice) -> Iterator[str]:
    """Give everything that is known about one import: what to write where, what to change, what to watch."""
    yield f"  do this  {advice.text}"
    for number, change in enumerate(advice.changes):
        yield f"  {'' if number else 'change':<7}  {change}"
    for number, note in enumerate(advice.notes):
        yield f"  {'' if number else 'note':<7}  {note}"
    if advice.code:
        yield f"\n# {advice.place}\n{advice.code.rstrip()}"
    if advice.registration:
        yield f"\n{advice.registration.rstrip()}"
