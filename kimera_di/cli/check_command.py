"""The command ``check`` with its options; ``commands`` knows it by name.

In: parsed options. Out: reports, an exit code. Decides nothing about contracts.
"""

from pathlib import Path

import click

from kimera_di.cli.check import CheckRequest, run_check
from kimera_di.cli.options import (
    cache_dir_option,
    cache_folder,
    configs_option,
    finish,
    no_cache_option,
    root_option,
)
from kimera_di.cli.outputs import FORMATS, Output, read_formats, refuse_mixtures


@click.command()
@configs_option
@click.option("--contract", "contracts", multiple=True, metavar="ID", help="Check only this contract (repeatable).")
@click.option(
    "--format",
    "outputs",
    multiple=True,
    callback=read_formats,
    metavar=f"{'|'.join(FORMATS)}[:PATH]",
    help="What to write, to stdout or into a file (repeatable).",
)
@click.option("--baseline", "known", type=click.Path(path_type=Path), help="Known violations, from `kimera baseline`.")
@cache_dir_option
@no_cache_option
@root_option
@click.pass_context
def check(
    context: click.Context,
    *,
    configs: tuple[Path, ...],
    contracts: tuple[str, ...],
    outputs: tuple[Output, ...],
    known: Path | None,
    cache_dir: Path | None,
    no_cache: bool,
    roots: tuple[Path, ...],
) -> None:
    """Check contract files: contracts/*.toml, else pyproject.toml, setup.cfg or .importlinter.

    Exits with 0 when all contracts are kept, 1 when something was found, 2 when a contract or an option is
    wrong, 3 when not all code could be read.
    """
    cache = cache_folder(cache_dir, no_cache=no_cache)
    refuse_mixtures(outputs)
    request = CheckRequest(configs, contracts, outputs or (Output("text", None),), cache, roots, known)
    finish(context, lambda: run_check(request))
