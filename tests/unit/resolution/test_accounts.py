"""What an override notes of the resources that its builders open in scopes."""

from types import SimpleNamespace
from typing import Any

from kimera_di.resolution.accounts import Account
from kimera_di.resolution.claims import CLOSERS


class Watched(list[Any]):
    """The closers of a scope; something happens before the next entry is in."""

    def __init__(self) -> None:
        super().__init__()
        self.first: Any = lambda: None

    def append(self, entry: Any) -> None:
        self.first()
        super().append(entry)


def noted(account: Account, scope: object, closers: Watched, number: int) -> list[object]:
    """Open things in a scope and give them in order."""
    entries = [object() for _ in range(number)]
    for entry in entries:
        account.closers_for(scope, {CLOSERS: closers}).append(entry)
    return entries


def test_resource_on_its_way_into_its_scope_is_not_taken_for_closed() -> None:
    """Another builder looks through the notes while the newest one is noted but not in its scope yet."""
    account, scope, closers = Account(object()), SimpleNamespace(), Watched()
    entries = noted(account, scope, closers, 255)
    closers.first = lambda: account.closers_for(scope, {CLOSERS: closers})

    newest = object()
    account.closers_for(scope, {CLOSERS: closers}).append(newest)

    assert account.collect({}) == [*entries, newest]


def test_notes_of_what_scopes_have_closed_do_not_pile_up() -> None:
    account, scope = Account(object()), SimpleNamespace()

    for _ in range(100):
        closers = Watched()
        noted(account, scope, closers, 100)
        closers.clear()

    assert len(account.forget_opened()) < 600
