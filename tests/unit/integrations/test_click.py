"""What only click has: help, groups, ways to end."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import click
import pytest
from click.testing import CliRunner

from kimera_di import AsyncRequiredError, Injected, RegistrationError, ScopeRequiredError, ServiceCollection
from kimera_di import inject as core_inject
from kimera_di.integrations.click import inject, setup

pytestmark = pytest.mark.check


class Session: ...


class Greeter:
    def greet(self) -> str:
        return "hello"


class FakeGreeter(Greeter):
    def greet(self) -> str:
        return "fake"


def services(events: list[str]) -> ServiceCollection:
    def open_session() -> Iterator[Session]:
        try:
            yield Session()
        except BaseException as error:
            events.append(type(error).__name__)
            raise
        events.append("commit")

    def open_greeter() -> Iterator[Greeter]:
        try:
            yield Greeter()
        finally:
            events.append("greeter closed")

    return ServiceCollection().scoped(Session, open_session).singleton(Greeter, open_greeter)


def program(end: Callable[[click.Context], Any], built: Any) -> click.Group:
    """Make a group of commands that ``end`` in some way."""

    @click.group()
    def group() -> None: ...

    @group.command()
    @click.pass_context
    @inject
    def command(context: click.Context, session: Injected[Session], greeter: Injected[Greeter]) -> None:
        click.echo(greeter.greet())
        end(context)

    setup(group, built)
    return group


def nothing(context: click.Context) -> None: ...


def raise_usage_error(context: click.Context) -> None:
    raise click.UsageError("wrong")


def press_control_c(context: click.Context) -> None:
    raise KeyboardInterrupt


def leave_the_interpreter(context: click.Context) -> None:
    raise SystemExit(0)


@pytest.mark.parametrize("arguments", [["--help"], ["command", "--help"], ["nosuch"], []], ids=" ".join)
def test_container_is_not_built_when_no_command_needs_it(arguments: list[str]) -> None:
    built: list[str] = []

    def build() -> Any:
        built.append("container")
        return services([]).build()

    CliRunner().invoke(program(nothing, build), arguments)

    assert built == []


def test_container_that_was_built_for_the_run_is_closed_after_its_scope() -> None:
    events: list[str] = []

    result = CliRunner().invoke(program(nothing, services(events).build), ["command"])

    assert result.output == "hello\n"
    assert events == ["commit", "greeter closed"]


def test_container_that_was_given_stays_open() -> None:
    events: list[str] = []

    with services(events).build() as container:
        for _ in range(2):
            CliRunner().invoke(program(nothing, container), ["command"])

        assert events == ["commit", "commit"]
        assert container.resolve(Greeter).greet() == "hello"


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (lambda context: context.exit(), "commit"),
        (lambda context: context.exit(3), "Exit"),
        (lambda context: context.abort(), "Abort"),
        (raise_usage_error, "UsageError"),
        (press_control_c, "KeyboardInterrupt"),
        (leave_the_interpreter, "commit"),
    ],
    ids=["exit 0", "exit 3", "abort", "usage", "control-c", "sys.exit"],
)
def test_scope_learns_how_the_command_ended(end: Callable[[click.Context], Any], ended: str) -> None:
    events: list[str] = []

    CliRunner().invoke(program(end, services(events).build), ["command"])

    assert events == [ended, "greeter closed"]


def test_group_and_chained_commands_of_one_run_share_its_scope() -> None:
    seen: list[Session] = []

    @click.group(chain=True)
    @inject
    def group(session: Injected[Session]) -> None:
        seen.append(session)

    @group.command()
    @inject
    def one(session: Injected[Session]) -> None:
        seen.append(session)

    @group.command()
    @inject
    def two(session: Injected[Session]) -> None:
        seen.append(session)

    setup(group, services([]).build)

    CliRunner().invoke(group, ["one", "two"])

    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_command_with_the_same_container_inside_of_a_group_shares_the_scope() -> None:
    events: list[str] = []
    container = services(events).build()
    group = program(nothing, container)
    setup(group.commands["command"], container)

    CliRunner().invoke(group, ["command"])
    committed = list(events)
    container.close()

    assert committed == ["commit"]


def test_functions_that_a_command_calls_find_its_scope() -> None:
    seen: list[Session] = []

    @core_inject
    def helper(session: Injected[Session]) -> None:
        seen.append(session)

    @click.command()
    @inject
    def command(session: Injected[Session]) -> None:
        seen.append(session)
        helper()

    setup(command, services([]).build)

    CliRunner().invoke(command, [])

    assert len(set(seen)) == 1


def test_options_and_arguments_are_passed_as_ever() -> None:
    @click.command()
    @click.argument("count", type=int)
    @click.option("--name", default="you")
    @inject
    def command(count: int, name: str, greeter: Injected[Greeter]) -> None:
        click.echo(f"{greeter.greet()} {name} {count}")

    setup(command, services([]).build)

    assert CliRunner().invoke(command, ["3", "--name", "me"]).output == "hello me 3\n"


def test_override_around_the_runner_is_seen() -> None:
    container = services([]).build()

    with container.override(Greeter, FakeGreeter()):
        result = CliRunner().invoke(program(nothing, container), ["command"])

    assert result.output == "fake\n"


def test_command_can_be_called_with_everything_given() -> None:
    @inject
    def command(greeter: Injected[Greeter]) -> str:
        return greeter.greet()

    assert command(greeter=FakeGreeter()) == "fake"


def test_forgotten_setup_says_what_to_do() -> None:
    @click.command()
    @inject
    def command(greeter: Injected[Greeter]) -> None: ...

    with pytest.raises(ScopeRequiredError, match=r"setup\(command, services.build\)"):
        command.main([], prog_name="shop", standalone_mode=False)


def test_async_command_is_refused_where_it_is_written() -> None:
    with pytest.raises(RegistrationError, match="click does not await commands") as caught:

        @inject
        async def command(greeter: Injected[Greeter]) -> None: ...

    assert "test_click.py:" in str(caught.value)


def test_scope_that_must_be_closed_with_await_is_told() -> None:
    async def open_session() -> Any:
        yield Session()

    @click.command()
    @inject
    def command(session: Injected[Session]) -> None: ...

    setup(command, ServiceCollection().scoped(Session, open_session).build())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the scope stays open: that is what the error says
        with pytest.raises(AsyncRequiredError, match="Session"):
            command.main([], prog_name="shop", standalone_mode=False)


def test_function_that_is_no_command_is_refused() -> None:
    with pytest.raises(RegistrationError, match="is no click command"):
        setup(print, services([]).build)  # type: ignore[arg-type]


def test_collection_that_was_not_built_is_refused() -> None:
    with pytest.raises(RegistrationError, match=r"setup\(command, services.build\)"):
        setup(click.Command("shop"), services([]))  # type: ignore[arg-type]
