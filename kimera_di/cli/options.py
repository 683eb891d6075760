"""What the commands have in common: their options, and how they end.

In: parsed options. Out: click decorators and an exit code. What a command does is its own business.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from kimera_di.architecture.reading.cache_files import CACHE_FOLDER
from kimera_di.errors import KimeraError

C = TypeVar("C", bound=Callable[..., Any])


class Option(Protocol):
    """What puts an option on a command."""

    def __call__(self, function: C, /) -> C:
        """Give the function with the option."""
        ...


class _NamedPath(click.Path):
    """A path that is not empty: ``--cache-dir "$UNSET"`` would fill the current folder."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Refuse the empty text, and give what `click.Path` makes of every other."""
        return super().convert(value, param, ctx) if os.fspath(value) else self.fail("the path is empty", param, ctx)


def _each_once(_context: click.Context, _option: click.Parameter, files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Keep a file that is named twice, as by a glob and by its name, only where it is named first."""
    first: dict[str, Path] = {}
    for file in files:
        first.setdefault(os.path.realpath(file), file)
    return tuple(first.values())


root_option: Option = click.option(
    "--root", "roots", multiple=True, type=_NamedPath(path_type=Path), help="A folder that holds packages (repeatable)."
)
format_option: Option = click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", help="What to write to stdout."
)
configs_option: Option = click.option(
    "--config",
    "configs",
    multiple=True,
    type=_NamedPath(path_type=Path),
    callback=_each_once,
    help="A contract file (repeatable).",
)
cache_dir_option: Option = click.option(
    "--cache-dir", type=_NamedPath(path_type=Path, file_okay=False), help="Default: .kimera_cache."
)
no_cache_option: Option = click.option("--no-cache", is_flag=True, help="Read every file again and keep nothing.")


def cache_folder(cache_dir: Path | None, *, no_cache: bool) -> Path | None:
    """Give the folder that ``--cache-dir`` and ``--no-cache`` ask for; ``None`` for no cache.

    Raises:
        UsageError: Both are given.
    """
    if no_cache and cache_dir is not None:
        raise click.UsageError("--no-cache and --cache-dir exclude each other")
    return None if no_cache else (cache_dir or Path(CACHE_FOLDER))


def finish(context: click.Context, run: Callable[[], int]) -> None:
    """Run a command and exit with its code; an error of ours is written to stderr and is exit code 2."""
    try:
        context.exit(run())
    except KimeraError as error:
        click.echo(str(error), err=True)
        context.exit(2)
