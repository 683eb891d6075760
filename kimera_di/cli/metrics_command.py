"""The command ``metrics`` with its options; ``commands`` knows it by name.

In: parsed options. Out: an exit code. What the command needs is loaded when it is called.
"""

from pathlib import Path

import click

from kimera_di.cli.options import finish, format_option, root_option


@click.command()
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...")
@format_option
@root_option
@click.pass_context
def metrics(context: click.Context, *, packages: tuple[str, ...], output: str, roots: tuple[Path, ...]) -> None:
    """Measure each PACKAGE and its modules: coupling, instability, distance, propagation cost, cycles.

    Exits with 0, with 2 when a package does not exist, and with 3 when not all code could be read.
    """
    from kimera_di.cli.metrics import run_metrics

    finish(context, lambda: run_metrics(packages, output=output, roots=roots))
