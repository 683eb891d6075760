"""Scopes that live through an override: forks, builders in flight, hundreds of resources."""

import contextvars
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kimera_di import KimeraError, Provider, ServiceCollection
from tests.spec.concurrency import Background, reached


class Vault:
    name = "real"


class Fake(Vault):
    name = "fake"


class Session:
    def __init__(self, vault: Vault) -> None:
        self.vault = vault


def test_fork_of_a_scope_that_an_override_has_not_touched_is_an_ordinary_one() -> None:
    with ServiceCollection().singleton(Vault).scoped(Session).build() as container, container.scope() as scope:
        session = scope[Session]
        with container.override(Vault, Fake()), scope.fork() as fork:
            assert fork[Session] is session

        assert scope[Session] is session


def test_scope_is_given_nothing_that_was_still_being_built_when_the_override_ended() -> None:
    """Who began inside gets what it began; the scope itself builds the real one."""
    begun, go_on = threading.Event(), threading.Event()

    def make(vault: Vault) -> Session:
        if vault.name == "fake":
            begun.set()
            reached(go_on)
        return Session(vault)

    with ServiceCollection().singleton(Vault).scoped(Session, make).build() as container:
        scope = container.scope()
        with container.override(Vault, Fake()):
            context = contextvars.copy_context()
            call = Background(lambda: context.run(scope.resolve, Session))
            call.__enter__()
            reached(begun)
        go_on.set()

        assert call.result().vault.name == "fake"
        assert scope[Session].vault.name == "real"
        scope.close()


def test_resources_of_scopes_that_ended_long_ago_are_closed_once_and_those_of_open_ones_too() -> None:
    closed: list[int] = []
    number = iter(range(1000))

    def open_session(vault: Vault) -> Iterator[Session]:
        here = next(number)
        yield Session(vault)
        closed.append(here)

    with ServiceCollection().singleton(Vault).scoped(Session, open_session).build() as container:
        with container.override(Vault, Fake()):
            opened = [container.scope(), container.scope()]
            for scope in opened:
                scope.resolve(Session)
            for _ in range(600):
                with container.scope() as scope:
                    scope.resolve(Session)
            assert closed == list(range(2, 602))
        assert sorted(closed[600:]) == [0, 1]
        for scope in opened:
            scope.close()

    assert len(closed) == 602


@pytest.mark.parametrize("what", [list[Vault], Provider[Vault]], ids=["collection", "relation"])
def test_override_of_what_the_container_puts_together_is_refused(what: Any) -> None:
    with ServiceCollection().singleton(Vault).build() as container, pytest.raises(KimeraError) as caught:
        container.override(what, factory=Fake)

    assert "Vault" in caught.value.summary
