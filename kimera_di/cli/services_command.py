"""The commands ``services`` and ``explain`` with their options; ``commands`` knows them by name.

In: parsed options. Out: an exit code. What a command needs is loaded when it is called.
"""

from pathlib import Path

import click

from kimera_di.cli.options import finish, format_option, root_option


@click.command()
@click.argument("target", metavar="MODULE:SERVICES")
@format_option
@root_option
@click.pass_context
def services(context: click.Context, *, target: str, output: str, roots: tuple[Path, ...]) -> None:
    """List what a collection provides: what was chosen, what was not, and why.

    MODULE:SERVICES names a ServiceCollection, or a function that returns one. Exits with 0, with 1 when the
    collection has problems, with 2 when there is no such thing.
    """
    from kimera_di.architecture.reading.packages import search_folders
    from kimera_di.cli.outputs import write
    from kimera_di.cli.services import services_text

    def run() -> int:
        text, code = services_text(target, output, [str(folder) for folder in search_folders(roots)])
        write(text, None)
        return code

    finish(context, run)


@click.command()
@click.argument("target", metavar="MODULE:SERVICES")
@click.argument("service", metavar="SERVICE")
@root_option
@click.pass_context
def explain(context: click.Context, *, target: str, service: str, roots: tuple[Path, ...]) -> None:
    """Draw how SERVICE is built: from what, with lifetimes and lines, and what was not chosen.

    SERVICE is written with or without its module, with its key in brackets: Vault, shop.vault.Vault, Vault['eu'],
    and with type arguments where something needs it so: Repository[Order]. Exits with 0, with 1 when it has problems,
    with 2 when there is no such service.
    """
    from kimera_di.architecture.reading.packages import search_folders
    from kimera_di.cli.outputs import write
    from kimera_di.cli.services import explain_text

    def run() -> int:
        text, code = explain_text(target, service, [str(folder) for folder in search_folders(roots)])
        write(text, None)
        return code

    finish(context, run)
