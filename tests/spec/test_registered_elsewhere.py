"""Registrations that come from elsewhere: marks, scanned packages, conditions, modules and their private services."""

import sys
from pathlib import Path

import pytest

from kimera_di import (
    Conditions,
    KimeraError,
    RegistrationError,
    ServiceCollection,
    service,
)
from tests.spec.helpers import problem


class Pool: ...


class Clock: ...


def test_thing_that_keeps_no_mark_cannot_be_marked() -> None:
    with pytest.raises(RegistrationError, match="mark"):
        service()(len)


def test_package_that_fails_while_it_is_scanned_says_where(tmp_path: Path) -> None:
    package = tmp_path / "scanned_with_a_mistake"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "wrong.py").write_text("def", encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(RegistrationError, match="SyntaxError"):
            ServiceCollection().scan("scanned_with_a_mistake")
    finally:
        sys.path.remove(str(tmp_path))


def test_scanned_package_that_fails_itself_says_so(tmp_path: Path) -> None:
    package = tmp_path / "scanned_that_fails"
    package.mkdir()
    (package / "__init__.py").write_text("raise ValueError('not today')", encoding="utf-8")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(RegistrationError, match="not today"):
            ServiceCollection().scan("scanned_that_fails")
    finally:
        sys.path.remove(str(tmp_path))


def test_predicate_is_given_what_can_be_shown() -> None:
    shown: list[str] = []

    def when(conditions: Conditions) -> bool:
        shown.append(repr(conditions))
        return True

    ServiceCollection().singleton(Pool, when=when).build().close()

    assert shown[0].startswith(f"<Conditions on {sys.platform}, Python 3.")


def test_predicate_cannot_ask_an_alias_for_settings() -> None:
    class Clocks(Clock): ...

    services = ServiceCollection().singleton(Clocks).alias(Clock, Clocks)
    services.singleton(Pool, when=lambda c: c.settings(Clock))

    assert "neither registered settings nor a registered instance" in str(problem(services, RegistrationError))


def test_module_that_two_modules_include_gets_what_is_private_above() -> None:
    class Uses:
        def __init__(self, pool: Pool) -> None:
            self.pool = pool

    shared = ServiceCollection(name="shared").singleton(Uses)
    one, two = (ServiceCollection(name=name).include(shared) for name in ("one", "two"))
    top = ServiceCollection(name="top").singleton(Pool, private=True).include(one).include(two)

    with ServiceCollection().include(top).build() as container:
        assert type(container[Uses].pool) is Pool


def test_private_service_is_not_removed_by_others() -> None:
    inner = ServiceCollection(name="inner").singleton(Pool, private=True)
    services = ServiceCollection().include(inner)

    with pytest.raises(KimeraError, match="remove"):
        services.remove(Pool).build()
