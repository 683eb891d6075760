"""The command ``cycles`` with its options; ``commands`` knows it by name.

In: parsed options. Out: an exit code. What the command needs is loaded when it is called.
"""

from pathlib import Path

import click

from kimera_di.cli.options import finish, format_option, root_option


@click.command()
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...")
@format_option
@click.option(
    "--kind",
    type=click.Choice(["runtime", "all"]),
    default="runtime",
    help="Which imports count: all but those for type checkers, or all.",
)
@root_option
@click.pass_context
def cycles(
    context: click.Context, *, packages: tuple[str, ...], output: str, kind: str, roots: tuple[Path, ...]
) -> None:
    """Show the import cycles inside of each PACKAGE and between them, and what to cut.

    Exits with 0 when there is none, 1 when there are some, 2 when a package does not exist, 3 when not all
    code could be read.
    """
    from kimera_di.cli.cycles import run_cycles

    finish(context, lambda: run_cycles(packages, output=output, typing=kind == "all", roots=roots))
