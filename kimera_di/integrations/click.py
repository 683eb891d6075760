"""Services in the commands of a click program.

In: a command or group, and a container or what makes one. Out: one scope per run of the program, opened when the first
command needs a service, so that ``--help`` builds nothing. Knows no other integration. See docs/decisions/0011.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kimera_di.errors import RegistrationError, ScopeRequiredError
from kimera_di.registration import defined_at
from kimera_di.rendering import safe_repr, short_name, show_place
from kimera_di.resolution import Scope, ServiceContainer
from kimera_di.resolution import inject as fill_when_called
from kimera_di.vocabulary import ServiceId

__all__ = ["inject", "setup"]

R = TypeVar("R")

Source = ServiceContainer | Callable[[], ServiceContainer]
"""A container, which stays open, or a function that builds one for each run, such as ``services.build``."""

INVOCATION = "kimera_di.integrations.click"
"""Where the run stands in ``Context.meta``, which all contexts of a run share."""


class Invocation:
    """One run of a program: its scope, once somebody needs it.

    Args:
        source: Where the container comes from.
        context: The context of the command that ``setup`` was called for.
    """

    __slots__ = ("_built", "_context", "_scope", "source")

    def __init__(self, source: Source, context: click.Context) -> None:
        self.source: Source = source
        self._context = context
        self._scope: Scope | None = None
        self._built: ServiceContainer | None = None

    def open(self) -> None:
        """Open the scope and make it the current one, unless that was done."""
        if self._scope is not None:
            return
        container = self.source
        if not isinstance(container, ServiceContainer):
            container = self._built = container()
        takes_context = container.takes_value(click.Context)
        self._scope = container.scope({click.Context: self._context} if takes_context else None, ambient=True)

    def end(self, error: BaseException | None) -> None:
        """Close the scope, then the container if it was built for this run; generators are told ``error``.

        Raises:
            CloseErrors: Closers failed, and ``error`` is ``None``.
            AsyncRequiredError: Something must be awaited to be closed, and ``error`` is ``None``.
        """
        kind, traceback = (None, None) if error is None else (type(error), error.__traceback__)
        try:
            if self._scope is not None:
                self._scope.__exit__(kind, error, traceback)
        finally:
            if self._built is not None:
                _close(self._built, error)


def setup(command: click.Command, source: Source) -> None:
    """Give every run of a command, with its sub-commands, one scope.

    It is opened when the first command decorated with ``inject`` is called and closed when ``command`` ends, also by
    an exception, ``ctx.abort()``, Ctrl-C or ``ctx.exit()``. Generators are told the exception; ending with exit
    code 0 is none. ``click.Context`` is a value of the scope when it is registered with ``services.scope_value``.

    Args:
        command: The command or group that the program starts with.
        source: A container, which is not closed; or a function that builds one, called when a command needs it;
            what it built is closed at the end of the run.

    Raises:
        RegistrationError: ``source`` is neither, or ``command`` is no command.
    """
    if not isinstance(command, click.Command):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RegistrationError(
            f"{safe_repr(command)} is no click command",
            facts=(("do this", "decorate the function with @click.command() or @click.group() first"),),
        )
    if not (isinstance(source, ServiceContainer) or callable(source)):
        raise RegistrationError(
            f"{safe_repr(source)} is neither a container nor a function that builds one",
            facts=(("do this", "setup(command, services.build)"),),
        )
    invoke = command.invoke

    def invoke_in_scope(context: click.Context) -> Any:
        outer: Invocation | None = context.meta.get(INVOCATION)
        if outer is not None and outer.source is source:
            return invoke(context)
        invocation = context.meta[INVOCATION] = Invocation(source, context)
        try:
            result = invoke(context)
        except BaseException as error:
            invocation.end(None if _is_success(error) else error)
            raise
        else:
            invocation.end(None)
        finally:
            context.meta[INVOCATION] = outer
        return result

    vars(command)["invoke"] = invoke_in_scope


def inject(function: Callable[..., R]) -> Callable[..., R]:
    """Fill the ``Injected[T]`` parameters of a command; write it below ``@click.command()`` and its options.

    Args:
        function: The function of the command.

    Returns:
        A function for click to call. It raises ``ScopeRequiredError`` when ``setup`` was not called for the
        command, or for the group it belongs to, and what resolving raises.

    Raises:
        RegistrationError: ``function`` is async: click calls commands and awaits nothing.
    """
    if inspect.iscoroutinefunction(function):
        place = defined_at(function)
        raise RegistrationError(
            f"the command {short_name(function)} is async, and click does not await commands",
            facts=(
                *((("defined", show_place(*place)),) if place else ()),
                ("do this", "write def, and asyncio.run(...) what must be awaited"),
            ),
        )
    filled = fill_when_called(function)

    @functools.wraps(function)
    def command(*args: Any, **given: Any) -> R:
        context = click.get_current_context(silent=True)
        invocation: Invocation | None = None if context is None else context.meta.get(INVOCATION)
        if context is not None and invocation is None:
            raise _not_set_up(context)
        if invocation is not None:
            invocation.open()
        return filled(*args, **given)

    return command


def _not_set_up(context: click.Context) -> ScopeRequiredError:
    name = context.find_root().info_name or "the command"
    return ScopeRequiredError(
        f"{context.command_path} asks for services, but {name} has no container",
        service=ServiceId(Scope),
        facts=(("do this", "kimera_di.integrations.click.setup(command, services.build), where the group is made"),),
    )


def _is_success(error: BaseException) -> bool:
    """Tell whether leaving by an exception is an ordinary end: ``ctx.exit()``, ``sys.exit()``."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code == 0
    return isinstance(error, SystemExit) and error.code in {None, 0}


def _close(container: ServiceContainer, error: BaseException | None) -> None:
    if error is None:
        container.close()
    else:
        container.__exit__(type(error), error, error.__traceback__)
