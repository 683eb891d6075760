"""What the report of a test shows that failed with an error of the container."""

from types import FunctionType

import pytest

from kimera_di import KimeraError
from kimera_di.testing.short_tracebacks import hide_own_frames
from tests.unit.testing.projects import run, write

pytest_plugins = ["pytester"]

TESTS = """
    import pytest
    from kimera_di import InternalError, Provider, ServiceCollection

    class Clock: ...
    class Vault: ...

    class Safe:
        def __init__(self, clocks: Provider[Clock]) -> None:
            container.resolve(Vault)  # asked by a constructor

    def make_clock() -> Clock:
        raise ValueError("stopped")

    container = ServiceCollection().transient(Safe).transient(Clock, make_clock).build()

    def test_look_up():
        container.resolve(Vault)  # asked by a test

    def test_constructor():
        container.resolve(Safe)  # asked by a test

    def test_factory():
        container.resolve(Clock)

    @pytest.fixture
    def opened():
        container.override(Vault, Vault())

    def test_fixture(opened): ...

    def test_internal():
        exec(compile("raise error", "<kimera bug>", "exec"), {"error": InternalError("no such state")})
"""


def report(pytester: pytest.Pytester, test: str, *options: str) -> str:
    write(pytester, "test_shop.py", TESTS)
    return "\n".join(run(pytester, "-k", test, *options).outlines)


def test_error_of_a_look_up_shows_the_line_that_asked_and_no_frame_of_ours(pytester: pytest.Pytester) -> None:
    text = report(pytester, "test_look_up")

    assert "asked by a test" in text
    assert "KD201 nothing provides Vault" in text
    assert "kimera_di/" not in text


def test_lines_of_users_between_ours_stay(pytester: pytest.Pytester) -> None:
    text = report(pytester, "test_constructor")

    assert "> " in text
    assert "asked by a test" in text
    assert "asked by a constructor" in text
    assert "<kimera " not in text
    assert "resolution/" not in text


def test_error_of_a_fixture_shows_its_line(pytester: pytest.Pytester) -> None:
    text = report(pytester, "test_fixture")

    assert "container.override(Vault, Vault())" in text
    assert "kimera_di/" not in text


@pytest.mark.parametrize(("from_a_test", "marked"), [(True, True), (False, False)], ids=["below-a-test", "alone"])
def test_our_frames_are_marked_only_where_another_one_is_left(from_a_test: bool, marked: bool) -> None:
    names: dict[str, object] = {"error": KimeraError("nothing provides Vault")}
    code = compile("raise error", "<kimera builder>", "exec")

    with pytest.raises(KimeraError, match="provides Vault") as caught:
        FunctionType(code, names)()
    skipped = caught.tb if from_a_test else caught.tb.tb_next
    hide_own_frames(pytest.ExceptionInfo.from_exception(caught.value.with_traceback(skipped)))

    assert ("__tracebackhide__" in names) is marked


@pytest.mark.parametrize("option", ["--full-trace", "--tb=native"])
def test_every_frame_is_shown_on_demand(pytester: pytest.Pytester, option: str) -> None:
    text = report(pytester, "test_look_up", option)

    assert "kimera_di/resolution/" in text


def test_error_of_the_users_own_code_keeps_every_frame(pytester: pytest.Pytester) -> None:
    text = report(pytester, "test_factory")

    assert "ValueError: stopped" in text
    assert "kimera_di/resolution/" in text


def test_bug_of_ours_keeps_every_frame(pytester: pytest.Pytester) -> None:
    text = report(pytester, "test_internal")

    assert "KD901 no such state" in text
    assert "<kimera bug>" in text
