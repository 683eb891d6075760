"""The command ``advise`` with its options; ``commands`` knows it by name.

In: parsed options. Out: an exit code. What the command needs is loaded when it is called.
"""

from pathlib import Path

import click

from kimera_di.cli.options import configs_option, finish, format_option, root_option


@click.command()
@click.argument("importer")
@click.argument("imported")
@configs_option
@click.option(
    "--kind",
    type=click.Choice(["loading", "runtime", "all"]),
    help="Which imports must not be: those while modules load, also those in functions, or all. Without it what the"
    " layers that are against the import count, else runtime.",
)
@format_option
@root_option
@click.pass_context
def advise(
    context: click.Context,
    *,
    importer: str,
    imported: str,
    configs: tuple[Path, ...],
    kind: str | None,
    output: str,
    roots: tuple[Path, ...],
) -> None:
    """Say what to do about the import of IMPORTED in IMPORTER, with the code to write.

    Both are modules. Layers and the composition root are taken from contract files; files as for check, none is needed.
    Exits with 0, or with 2 when there is no such import.
    """
    from kimera_di.cli.advise import run_advise

    finish(
        context,
        lambda: run_advise(importer, imported, configs=configs, kind=kind, output=output, roots=roots),
    )
