"""The commands ``why``, ``cut`` and ``init`` with their options; ``commands`` knows them by name.

In: parsed options. Out: an exit code. What a command needs is loaded when it is called.
"""

from pathlib import Path

import click

from kimera_di.cli.options import configs_option, finish, format_option, root_option


@click.command()
@click.argument("importer")
@click.argument("imported")
@format_option
@root_option
@click.pass_context
def why(context: click.Context, *, importer: str, imported: str, output: str, roots: tuple[Path, ...]) -> None:
    """Show the shortest chains of imports from IMPORTER to IMPORTED.

    Both are modules, or packages with everything in them, also of different root packages. Exits with 0 when
    there is a chain, 1 when there is none, 2 when a name does not exist.
    """
    from kimera_di.cli.why import run_why

    finish(context, lambda: run_why(importer, imported, output=output, roots=roots))


@click.command()
@configs_option
@format_option
@root_option
@click.pass_context
def cut(context: click.Context, *, configs: tuple[Path, ...], output: str, roots: tuple[Path, ...]) -> None:
    """Show the fewest imports to remove so that all layer contracts hold; files as for check.

    Exits with 0 when they hold, 1 when imports have to go, 2 when a file is wrong, 3 when not all code could
    be read.
    """
    from kimera_di.cli.cut import run_cut

    finish(context, lambda: run_cut(configs, output=output, roots=roots))


@click.command()
@click.argument("package")
@root_option
@click.pass_context
def init(context: click.Context, *, package: str, roots: tuple[Path, ...]) -> None:
    """Find the layers of PACKAGE in its code and write them into contracts/PACKAGE.toml.

    What is written holds now. Exits with 0, with 2 when the package is not found or the file exists, which is
    never overwritten, and with 3 when a file of the package does not parse.
    """
    from kimera_di.cli.init import run_init

    finish(context, lambda: run_init(package, roots=roots))
