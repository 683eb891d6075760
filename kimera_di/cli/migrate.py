"""``kimera migrate``: the registrations that do what a container of dependency-injector does.

In: ``MODULE:CONTAINER``. Out: a Python program. The module is imported; no provider is called, nothing is built.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from kimera_di.architecture.reading.packages import search_folders
from kimera_di.cli.options import finish, root_option
from kimera_di.cli.outputs import write, write_new
from kimera_di.composition.importing import imports_from
from kimera_di.composition.loading import load_named
from kimera_di.errors import MissingExtraError, ServicesNotFoundError
from kimera_di.rendering import short_name

FORM = "write MODULE:CONTAINER, for example shop.containers:Container"


@click.command()
@click.argument("target", metavar="MODULE:CONTAINER")
@click.option("--output", type=click.Path(path_type=Path), help="A new file to write to; stdout without it.")
@root_option
@click.pass_context
def migrate(context: click.Context, *, target: str, output: Path | None, roots: tuple[Path, ...]) -> None:
    """Write the registrations of a dependency-injector container as a Python program.

    MODULE:CONTAINER names a DeclarativeContainer, its class, or a DynamicContainer. What cannot be translated is a
    comment that says why, and what to do. Exits with 0, or with 2 when there is no such container or
    the file exists already.
    """

    def run() -> int:
        text = migrate_text(target, [str(folder) for folder in search_folders(roots)])
        if output is None:
            write(text, None)
        else:
            write_new(text, output)
        return 0

    finish(context, run)


def migrate_text(target: str, folders: Sequence[str]) -> str:
    """Write the program for the container that ``MODULE:CONTAINER`` names.

    Args:
        target: ``package.module:name``.
        folders: Where packages are looked for, before ``sys.path``.

    Returns:
        The program; equal containers give equal bytes.

    Raises:
        MissingExtraError: dependency-injector is not installed.
        ServicesNotFoundError: There is no such module or name, or something else stands there.
        CompositionRootError: The user's code raised while it was imported.
    """
    if find_spec("dependency_injector") is None:
        todo = 'install the extra: pip install "kimera-di[dependency-injector]"'
        raise MissingExtraError("kimera migrate needs dependency-injector", facts=(("do this", todo),))
    from kimera_di.integrations.dependency_injector_migration import migration

    with imports_from(folders, {target.partition(":")[0].partition(".")[0]}):
        container = load_named(target, folders, form=FORM, wanted=_is_container)
        if not _is_container(container):
            is_class = isinstance(container, type)
            shown = f"the class {short_name(container)}" if is_class else f"of type {short_name(type(container))}"
            raise ServicesNotFoundError(
                f"{target} is {shown}, not a container of dependency-injector", facts=(("do this", FORM),)
            )
        return migration(container, target)


def _is_container(found: Any) -> bool:
    from dependency_injector import containers

    if isinstance(found, type):
        return issubclass(found, containers.DeclarativeContainer) and found is not containers.DeclarativeContainer
    return bool(containers.is_container(found))
