"""The command ``graph`` with its options; ``commands`` knows it by name.

In: parsed options. Out: a picture, an exit code. What the command needs is loaded when it is called.
"""

from pathlib import Path

import click

from kimera_di.cli.options import configs_option, finish, root_option

FORMATS = ("mermaid", "dot", "json", "html")


def read_picture_format(context: click.Context, option: click.Parameter, value: str) -> str:
    """Take the name of a format.

    Args:
        context: Of the command.
        option: ``--format``.
        value: As the user wrote it.

    Returns:
        One of `FORMATS`.

    Raises:
        BadParameter: It is none; for ``svg`` the message says how to get one.
    """
    if value in FORMATS:
        return value
    if value == "svg":
        advice = "svg is Graphviz's work: kimera graph ... --format dot | dot -Tsvg -o graph.svg"
        raise click.BadParameter(advice, context, option)
    raise click.BadParameter(f"{value!r} is no format; use {', '.join(FORMATS)}", context, option)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="PACKAGE... | MODULE:SERVICES")
@configs_option
@click.option(
    "--format",
    "output",
    default="mermaid",
    callback=read_picture_format,
    metavar="|".join(FORMATS),
    help="What to write; mermaid unless said.",
)
@click.option("--output", "path", type=click.Path(path_type=Path, dir_okay=False), help="A file; stdout unless said.")
@click.option("--depth", type=click.IntRange(min=1), help="Draw packages below this depth as one box.")
@root_option
@click.pass_context
def graph(
    context: click.Context,
    *,
    names: tuple[str, ...],
    configs: tuple[Path, ...],
    output: str,
    path: Path | None,
    depth: int | None,
    roots: tuple[Path, ...],
) -> None:
    """Draw the imports of each PACKAGE, and the wiring of MODULE:SERVICES beside those of its package.

    With --config the layers of the contracts become lanes, and violations are red. Exits with 0 when all is drawn, also
    when there are violations; 1 when the collection has problems, 2 when something does not exist or a contract is
    wrong, 3 when not all code could be read.
    """
    from kimera_di.cli.graph import GraphRequest, run_graph

    request = GraphRequest(names, configs, output, path, depth, roots)
    finish(context, lambda: run_graph(request))
