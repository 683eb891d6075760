"""End the ``with`` block of a scope that opened something: ``close_owner`` written out for speed.

In: the scope, its dictionary, the error that ended the block. Out: every closer has run. Whatever is not plain (another
closer, a builder in flight, anything but generators) is left to ``closing``, whose rules hold here too. See
docs/decisions/0028.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from types import GeneratorType
from typing import Any

from kimera_di.resolution.claims import CLOSERS, FIRST_WAITER, Claim, Values, is_claim
from kimera_di.resolution.closers import close_sync
from kimera_di.resolution.closing import SHUT, close_owner, finish, refuse_close, run_closers, settle_shut
from kimera_di.resolution.second_closers import CLOSING, closes, wake_closers


@closes
def end_block(scope: Any, error: BaseException | None, values: Values) -> None:
    """End a ``with`` block: ``close_owner`` written out for what nearly every request leaves behind.

    That is: nobody else who closes, no builder in flight, and nothing but generators to close.

    Args:
        scope: A scope that opened something.
        error: What ended its block.
        values: Its dictionary.

    Raises:
        CloseErrors: As ``close_owner``; and whatever else that raises.
    """
    closers: list[Any] = values[CLOSERS]
    for entry in closers:
        if type(entry) is not GeneratorType:
            close_owner(scope, error)
            return None
    count = len(closers)
    mine: Claim = [CLOSING, None]
    if values.setdefault(CLOSING, mine) is not mine:
        close_owner(scope, error)
        return None
    scope._closing = mine
    errors: list[BaseException] = []
    is_quiet = False
    try:
        try:
            scope._values = None  # `shut` and `has_claims` written out
            scope._table = SHUT
            for value in values.values():
                if type(value) is list and value is not closers and value is not mine and is_claim(value):
                    break
            else:
                is_quiet = len(closers) == count
        except RuntimeError:  # somebody is at work in it
            pass
        except BaseException as interrupted:  # noqa: BLE001 - Ctrl-C: what is there is closed all the same
            errors.append(interrupted)
        if not is_quiet and not _settle(scope, error, values, errors):
            return None
        while closers:  # `run_closers` written out
            raised = close_sync(closers.pop(), error)
            if raised is not None:
                errors.append(raised)
    finally:
        mine[0] = None
        if len(mine) > FIRST_WAITER:
            wake_closers(mine)
    return finish(scope, errors, error) if errors else None


def _settle(scope: Any, error: BaseException | None, values: Values, errors: list[BaseException]) -> bool:
    """Close what is not plain after all: wait for whoever builds, who may leave anything behind.

    Returns:
        ``False`` when the close is refused, and the scope is open again.
    """
    refusal = None if errors else settle_shut(scope, values, errors)
    if refusal is not None:
        refuse_close(scope, values, refusal, error)
        return False
    run_closers(values[CLOSERS], error, errors)
    return True
