"""The command group ``kimera``.

In: command line arguments. Out: an exit code. Holds names only: the module of a command is loaded when that command is
called, so that none pays for what another one needs.
"""

from collections.abc import Mapping
from importlib import import_module

import click

HOMES: Mapping[str, str] = {
    "advise": "kimera_di.cli.advise_command:advise",
    "baseline": "kimera_di.cli.baseline:baseline",
    "check": "kimera_di.cli.check_command:check",
    "cut": "kimera_di.cli.import_commands:cut",
    "cycles": "kimera_di.cli.cycles_command:cycles",
    "env": "kimera_di.cli.env:env",
    "explain": "kimera_di.cli.services_command:explain",
    "graph": "kimera_di.cli.graph_command:graph",
    "help": "kimera_di.cli.help_command:explain_codes",
    "init": "kimera_di.cli.import_commands:init",
    "metrics": "kimera_di.cli.metrics_command:metrics",
    "migrate": "kimera_di.cli.migrate:migrate",
    "services": "kimera_di.cli.services_command:services",
    "why": "kimera_di.cli.import_commands:why",
}
"""Name -> module and name of the `click.Command`."""


class LazyGroup(click.Group):
    """A group whose commands are loaded when they are called, or when all of them are listed.

    Source:
        "Lazily Loading Subcommands" in click's documentation.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *HOMES})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; ``None`` when there is none of this name."""
        if cmd_name in HOMES:
            module, _, name = HOMES[cmd_name].partition(":")
            found: click.Command = getattr(import_module(module), name)
            return found
        return super().get_command(ctx, cmd_name)


def _show_version(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        from kimera_di.architecture.reports.report import tool_version  # loads importlib.metadata

        click.echo(f"kimera, version {tool_version()}")
        context.exit()


@click.group(cls=LazyGroup)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
)
def kimera() -> None:
    """Check that imports and wiring obey the layers of a project."""
