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
from kimera_di.resolution.closers import close_second_yield, close_sync, keep_what_is_left, noted
from kimera_di.resolution.closing import (
    SHUT,
    close_owner,
    finish,
    refuse_close,
    run_closers,
    settle_shut,
)
from kimera_di.resolution.second_closers import CLOSING, closes, wake_closers


@closes
def end_block(scope: Any, error: BaseException | None, values: Values) -> None:  # noqa: PLR0912 - written out
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
    errors: list[BaseException] = []
    is_quiet = False
    last: Any = None
    try:
        try:
            if values.setdefault(CLOSING, mine) is mine:
                scope._closing = mine
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
        if not is_claimed(scope, values, mine, errors):
            close_owner(scope, error)
            return None
        if not is_quiet and not _settle(scope, error, values, errors):
            return None
        while closers:  # `run_closers` written out
            last = closers[-1]
            last = closers.pop()
            raised = close_sync(last, error)
            if raised is not None:
                errors.append(raised)
    except BaseException as interrupted:
        if values.get(CLOSING) is not mine:  # no interrupt: it was refused, and is open again; or somebody else closes
            raise
        scope.shut()
        if not isinstance(interrupted, IndexError):
            errors.append(interrupted)
            keep_what_is_left(closers, last, None)
        run_closers(closers, error, errors)
    finally:
        mine[0] = None
        if len(mine) > FIRST_WAITER:
            wake_closers(mine)
    return finish(scope, errors, error) if errors else None


def is_claimed(scope: Any, values: Values, mine: Claim, errors: list[BaseException]) -> bool:
    """Tell whether it is we who close; raises what interrupted us before that was settled."""
    if values.get(CLOSING) is not mine:
        if errors:
            raise errors[0]
        return False
    if errors:
        scope._closing = mine  # the interrupt may have come before
        scope.shut()
    return True


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


def end_unusual(scope: Any, values: Values, mine: Claim, made: Any, raised: BaseException | None) -> None:
    """Go on where the end of a block with one generator found that it is not plain, or that it went wrong.

    Args:
        scope: Its scope.
        values: Its dictionary.
        mine: Our claim of the close, which somebody else may have been faster with.
        made: The generator, when it was taken to be run.
        raised: What it raised, or what interrupted us.

    Raises:
        CloseErrors: As ``close_owner``; and whatever else that raises.
    """
    errors: list[BaseException] = []
    if made is not None and raised is None:
        errors.append(close_second_yield(made))
    elif made is not None and raised is not None and not _is_from_removal(raised):
        errors.append(noted(raised, made) if made.gi_frame is None else raised)
        if made.gi_frame is not None and not any(each is made for each in values[CLOSERS]):
            values[CLOSERS].append(made)  # interrupted between taking and running it
    elif made is None and raised is not None and type(raised) is not RuntimeError:  # that: somebody is at work in it
        errors.append(raised)
    if not is_claimed(scope, values, mine, errors):
        close_owner(scope, None)
    elif _settle(scope, None, values, errors) and errors:
        finish(scope, errors, None)


def _is_from_removal(raised: BaseException) -> bool:
    """Tell "it is not in the list", because an override that ends closes it, from what the generator raised."""
    return type(raised) is ValueError and raised.__traceback__ is not None and raised.__traceback__.tb_next is None
