"""Read one settings model: a validated object, or everything that is wrong with it.

In: a model and its options. Out: the object, or problems. The model reads itself first; only when that fails are its
sources asked one by one. No exception of pydantic leaves this module, as its text shows values.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from traceback import walk_tb
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError
from pydantic_settings import BaseSettings
from pydantic_settings import SettingsError as SourceError

from kimera_di.registration.descriptors import UNSET, Unset
from kimera_di.rendering import show_place
from kimera_di.settings.fields import Setting, reads_itself, settings_of
from kimera_di.settings.makers import SettingsOptions
from kimera_di.settings.problems import Namer
from kimera_di.settings.secrecy import holds_any
from kimera_di.settings.sources import Heard, hear, merged
from kimera_di.vocabulary import SettingProblem


def read_model(model: type[BaseSettings], options: SettingsOptions) -> tuple[Any, tuple[SettingProblem, ...]]:
    """Read and validate one model.

    Args:
        model: The settings class; its validators run.
        options: Of its registration.

    Returns:
        The object and ``()``, or ``UNSET`` and every problem, in the order of the class.
    """
    said = {"_env_prefix": options.env_prefix, "_secrets_dir": options.secrets_dir}
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if not isinstance(options.env_file, Unset):
        given["_env_file"] = options.env_file
    failure: SettingProblem | None = None
    try:
        return model(**given), ()
    except (ValidationError, SourceError):
        pass  # read again below, source by source: one variable that cannot be parsed hides the others here
    except Exception as error:  # noqa: BLE001 - the user's own validator; reported with its line
        failure = _raised(error, None)
    problems = _diagnose(model, options)
    return UNSET, problems or (failure or SettingProblem("", "", "the variables changed while they were read"),)


def _diagnose(model: type[BaseSettings], options: SettingsOptions) -> tuple[SettingProblem, ...]:
    heard, bad = hear(model, options)
    state = merged(heard)
    texts = tuple(_secret_texts(settings_of(model, options), state, heard))
    namer = Namer(model, options, heard, texts)
    problems = [namer.unreadable(each) for each in bad]
    unread = tuple(problem.field for problem in problems)
    refused = _fill_nested(model, state, problems)
    for error in _errors(model, state, texts):
        if isinstance(error, SettingProblem):
            problems.append(error)
        elif next(iter(error["loc"]), "") not in refused:
            problems.extend(each for each in namer.wrong(error) if not _is_explained(each, unread))
    return tuple(sorted(dict.fromkeys(problems), key=namer.position))


def _is_explained(problem: SettingProblem, unread: Iterable[str]) -> bool:
    """What is missing because its variable, or that of a model around it, cannot be parsed is no second problem."""
    if not problem.reason.startswith("is missing"):
        return False
    return any(
        field and (f"{problem.field}.".startswith(f"{field}.") or f"{field}.".startswith(f"{problem.field}."))
        for field in unread
    )


def _errors(
    model: type[BaseSettings], state: Mapping[str, Any], texts: Sequence[str]
) -> "list[Mapping[str, Any] | SettingProblem]":
    """Validate what was read, without reading again: ``BaseSettings.__init__`` would."""
    try:
        BaseModel.__init__(model.__new__(model), **state)
    except ValidationError as error:
        return [dict(each) for each in error.errors(include_url=False, include_input=False, include_context=False)]
    except Exception as error:  # noqa: BLE001 - the user's own validator; reported with its line
        return [_raised(error, texts)]
    return []


def _fill_nested(model: type[BaseSettings], state: dict[str, Any], problems: list[SettingProblem]) -> set[Any]:
    """Read nested settings that read themselves; gives where pydantic's errors are to be left out.

    Their own ``ValidationError`` would leave pydantic as it is and hide everything else.
    """
    refused: set[Any] = set()
    for setting in settings_of(model, SettingsOptions()):
        if len(setting.path) > 1 or not reads_itself(setting.field):
            continue
        heads = [str(head) for head, *_ in setting.keys]
        if any(head in state for head in heads):
            continue
        nested: Any = setting.field.default_factory
        value, wrong = read_model(nested, SettingsOptions())
        state[heads[0]] = None if value is UNSET else value
        if value is UNSET:
            refused.add(heads[0])
            problems.extend(_below(setting.dotted, each) for each in wrong)
    return refused


def _below(field: str, problem: SettingProblem) -> SettingProblem:
    path = f"{field}.{problem.field}" if problem.field else field
    return SettingProblem(problem.variable, path, problem.reason, problem.origin, problem.others)


def _raised(error: BaseException, texts: Sequence[str] | None) -> SettingProblem:
    """Say that the user's code raised, where, and what if no secret of ``texts`` is in it; the error is not kept."""
    files = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    frames = [(file, line) for file, line in files if "pydantic" not in file]
    where = show_place(*frames[-1]) if len(frames) > 1 else ""
    text = "" if texts is None or holds_any(str(error), texts) else str(error)
    reason = f"reading it raised {type(error).__name__}" + (f": {text}" if text else "")
    return SettingProblem("", "", reason, where)


def _secret_texts(settings: Sequence[Setting], state: Mapping[str, Any], heard: Sequence[Heard]) -> Iterator[str]:
    """Every secret value as text, wherever it came from."""
    names = {name.lower() for setting in settings if setting.secret for name in setting.names}
    for each in heard:
        for name, value in getattr(each.source, "env_vars", {}).items():
            if name.lower() in names and isinstance(value, str):
                yield value
    for setting in settings:
        if setting.secret:
            yield from _texts(_at(state, settings, setting))


def _at(state: object, settings: Sequence[Setting], setting: Setting) -> object:
    found = state
    for length in range(1, len(setting.path) + 1):
        (step,) = [each for each in settings if each.path == setting.path[:length]]
        if not isinstance(found, Mapping):
            return None
        values: Mapping[Any, Any] = found  # pyright: ignore[reportUnknownVariableType]
        found = next((values[key[0]] for key in step.keys if key[0] in values), None)
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, SecretStr | SecretBytes):
        value = value.get_secret_value()
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, Mapping):
        inner: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        yield from (text for each in (*inner.keys(), *inner.values()) for text in _texts(each))
    elif type(value) in {list, tuple, set, frozenset}:
        many: Any = value
        yield from (text for each in many for text in _texts(each))
