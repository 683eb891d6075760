"""Turn ``services.settings(Model, ...)`` into a descriptor.

In: a class and options. Out: the descriptor of a singleton, or an error that says what the class is instead.
Reads no variable.
"""

import os
from collections.abc import Hashable
from typing import Any

from kimera_di.errors import MissingExtraError
from kimera_di.registration.descriptors import UNSET, Construction, ServiceDescriptor, Unset, misuse
from kimera_di.rendering import safe_repr, short_name
from kimera_di.settings.makers import Files, SettingsMaker, SettingsOptions, as_list
from kimera_di.vocabulary import Lifetime, Place, ServiceId


def settings_descriptor(
    model: Any,
    key: Hashable,
    place: Place,
    *,
    env_prefix: str | None = None,
    env_file: Files | Unset | None = UNSET,
    secrets_dir: Files | None = None,
) -> ServiceDescriptor:
    """Check a settings model and describe it.

    Args:
        model: A subclass of pydantic-settings' ``BaseSettings``.
        key: Tells several readings of one model apart.
        place: Line of the registration.
        env_prefix: Instead of the prefix of the model.
        env_file: Instead of the files of the model; ``None`` for none.
        secrets_dir: Instead of the folders of the model.

    Returns:
        The descriptor of a singleton without parameters.

    Raises:
        MissingExtraError: pydantic-settings is not installed.
        RegistrationError: ``model`` is no settings model, or an option is of the wrong type.
    """
    from importlib.util import find_spec

    if find_spec("pydantic_settings") is None:
        raise MissingExtraError(
            "services.settings needs pydantic-settings",
            facts=(("do this", 'install the extra: pip install "kimera-di[settings]"'),),
        )
    _refuse_model(model, place)
    if not isinstance(env_prefix, str | None):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise misuse("env_prefix is no text", place, 'write env_prefix="APP_", say')
    options = SettingsOptions(
        env_prefix,
        env_file if isinstance(env_file, Unset) else _paths("env_file", env_file, place),
        _paths("secrets_dir", secrets_dir, place),
    )
    try:
        hash(key)
    except TypeError as error:
        raise misuse(f"the key must be hashable: {error}", place, "use a string, say") from None
    maker = SettingsMaker(model, options)
    return ServiceDescriptor(ServiceId(model, key), Lifetime.SINGLETON, Construction.CALL, maker, place, on_close=None)


def _refuse_model(model: Any, place: Place) -> None:
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings

    if isinstance(model, type) and issubclass(model, BaseSettings) and model is not BaseSettings:
        return
    if isinstance(model, BaseSettings):  # its repr would show what it holds
        name = short_name(type(model))
        raise misuse(
            f"an object of {name} is given, not the class {name}", place,
            f"services.settings({name}) reads it when the container is built; a finished one is registered with "
            f"services.instance({name}, ...)",
        )  # fmt: skip
    if isinstance(model, type) and issubclass(model, BaseModel) and model is not BaseSettings:
        name = short_name(model)
        raise misuse(
            f"{name} is a BaseModel, which reads no variables", place,
            f"derive {name} from pydantic_settings.BaseSettings, or register the settings it is nested in",
        )  # fmt: skip
    named = short_name(model) if isinstance(model, type) else safe_repr(type(model))
    raise misuse(f"{named} is no settings model", place, "pass a subclass of pydantic_settings.BaseSettings")


def _paths(option: str, given: Any, place: Place) -> tuple[str, ...] | None:
    if given is None:
        return None
    every: list[Any] = as_list(given)
    if not all(isinstance(each, str | os.PathLike) for each in every):
        raise misuse(f"{option} is neither a path nor a list of paths", place, f'write {option}="NAME", say')
    return tuple(os.fsdecode(each) for each in every)
