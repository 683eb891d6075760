"""How a behaviour says what it expects: plain functions that raise ``AssertionError`` with a sentence.

In: what a container did. Out: nothing, or the error. Independent of any test framework, so that the suite runs
from a command as well.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

WAIT_S = 2.0
"""What nothing holds up takes milliseconds; longer than this is a wait without end."""


def expect(condition: object, otherwise: str) -> None:
    """Raise ``AssertionError`` with the sentence ``otherwise`` unless the condition holds."""
    if not condition:
        raise AssertionError(otherwise)


def expect_error(action: Callable[[], object], otherwise: str) -> Exception:
    """Give the error that ``action`` raises; ``AssertionError`` with ``otherwise`` when it raises none."""
    try:
        action()
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - any error of any container
        return error
    raise AssertionError(otherwise)


def text_of(error: BaseException) -> str:
    """Give everything an error says: its text, its notes, the errors in its group, its causes."""
    inner: Sequence[Any] = getattr(error, "exceptions", ())
    parts = [str(error), *getattr(error, "__notes__", ()), *map(text_of, inner)]
    if error.__cause__ is not None:
        parts.append(text_of(error.__cause__))
    return "\n".join(parts)


def together(*actions: Callable[[], Any], otherwise: str = "a thread never came back") -> list[Any]:
    """Run functions in threads that start at the same moment.

    Args:
        *actions: What each thread does.
        otherwise: The sentence when one is not done in time.

    Returns:
        What they gave, or the errors they raised, in the order of the actions.

    Raises:
        AssertionError: One of them is still waiting after ``WAIT_S`` seconds.
    """
    answers: list[Any] = [None] * len(actions)
    barrier = threading.Barrier(len(actions))

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = actions[number]()
        except BaseException as error:  # noqa: BLE001 - handed to the behaviour, which judges it
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
        expect(not thread.is_alive(), otherwise)
    return answers
