"""``kimera env``: the variables of an application, from its settings models.

In: ``MODULE:SETTINGS`` and a format. Out: an env file to fill in, a reference page or a JSON Schema. The module is
imported; no variable is read and nothing is built.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kimera_di.architecture.reading.packages import search_folders
from kimera_di.cli.options import finish, root_option
from kimera_di.cli.outputs import write
from kimera_di.composition.importing import imports_from
from kimera_di.composition.loading import as_services, load_named
from kimera_di.errors import MissingExtraError, ServicesNotFoundError
from kimera_di.registration import Registry
from kimera_di.rendering import short_name
from kimera_di.settings.makers import SettingsMaker, SettingsOptions

if TYPE_CHECKING:
    from kimera_di.settings.reference import Models

FORM = "write MODULE:SETTINGS, for example shop.config:AppSettings"
FORMATS = ("dotenv", "markdown", "json-schema")


@click.command()
@click.argument("target", metavar="MODULE:SETTINGS")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="dotenv", help="What to write to stdout.")
@root_option
@click.pass_context
def env(context: click.Context, *, target: str, format_: str, roots: tuple[Path, ...]) -> None:
    """Write the variables of a settings class, or of every settings class of a collection.

    MODULE:SETTINGS names a subclass of BaseSettings, a ServiceCollection, or a function that returns one. Exits with
    0, or with 2 when there is no such thing.
    """

    def run() -> int:
        write(env_text(target, format_, [str(folder) for folder in search_folders(roots)]), None)
        return 0

    finish(context, run)


def env_text(target: str, format_: str, folders: Sequence[str]) -> str:
    """Write the settings that ``MODULE:SETTINGS`` names.

    Args:
        target: ``package.module:name``.
        format_: One of ``FORMATS``.
        folders: Where packages are looked for, before ``sys.path``.

    Returns:
        The text; equal models give equal bytes.

    Raises:
        MissingExtraError: pydantic-settings is not installed.
        ServicesNotFoundError: There is no such module or name, or something else stands there.
        CompositionRootError: The user's code raised.
        KimeraError: A model has no JSON Schema.
    """
    if find_spec("pydantic_settings") is None:
        todo = 'install the extra: pip install "kimera-di[settings]"'
        raise MissingExtraError("kimera env needs pydantic-settings", facts=(("do this", todo),))
    from kimera_di.settings.dotenv import dotenv_template
    from kimera_di.settings.reference import json_schema, markdown_page

    with imports_from(folders, {target.partition(":")[0].partition(".")[0]}):
        models = _models(load_named(target, folders, form=FORM, wanted=_is_wanted), target)
    if format_ == "json-schema":
        return json_schema(models)
    make = dotenv_template if format_ == "dotenv" else markdown_page
    return "\n".join(make(model, options) for model, options in models)


def _models(found: Any, target: str) -> "Models":
    if _is_settings(found):
        return [(found, SettingsOptions())]
    if isinstance(found, type) or not (isinstance(found, Registry) or callable(found)):
        shown = f"the class {short_name(found)}" if isinstance(found, type) else f"of type {short_name(type(found))}"
        raise ServicesNotFoundError(
            f"{target} is {shown}, not a subclass of BaseSettings",
            facts=(("do this", f"{FORM}; or name a ServiceCollection"),),
        )
    makers = [each.maker for each in as_services(found, target).descriptors()]
    models = [(maker.model, maker.options) for maker in makers if isinstance(maker, SettingsMaker)]
    if not models:
        raise ServicesNotFoundError(
            f"{target} registers no settings", facts=(("do this", "register them: services.settings(AppSettings)"),)
        )
    return models


def _is_wanted(value: object) -> bool:
    return _is_settings(value) or isinstance(value, Registry)


def _is_settings(value: object) -> bool:
    from pydantic_settings import BaseSettings

    return isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings
