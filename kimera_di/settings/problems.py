"""Name the variables behind what pydantic found wrong.

In: errors of pydantic, with places such as ``("database", "pool", 0)``, and the fields of the model. Out: one
``SettingProblem`` per variable, in the order of the class, and the error that shows them. Repeats no value: the
errors are asked without their input, and reasons that could hold a secret are withheld.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_settings import BaseSettings

from kimera_di.errors import Facts, InvalidSettingsError
from kimera_di.registration.descriptors import Unset
from kimera_di.rendering import did_you_mean, short_name, show_place
from kimera_di.settings.fields import Setting, reads_itself, settings_of
from kimera_di.settings.makers import SettingsOptions, as_list
from kimera_di.settings.names import Naming
from kimera_di.settings.secrecy import safe_reason
from kimera_di.settings.sources import BadVariable, Heard, origin_of
from kimera_di.vocabulary import Place, SettingProblem

Loc = tuple[str | int, ...]
UNKNOWN = "is not known"


class Namer:
    """Turns what is wrong with one model into problems that name variables.

    Args:
        model: The settings class.
        options: Of its registration.
        heard: What its sources said.
        texts: The values of its secrets, which no reason may repeat.
    """

    def __init__(
        self, model: type[BaseSettings], options: SettingsOptions, heard: Sequence[Heard], texts: Iterable[str]
    ) -> None:
        self._naming = Naming.of(model.model_config, options)
        self._settings = settings_of(model, options)
        self._by_path = {setting.path: setting for setting in self._settings}
        self._heard = heard
        self._texts = tuple(texts)

    def unreadable(self, bad: BadVariable) -> SettingProblem:
        """Name a variable or source that cannot be read."""
        setting = self._owner(bad.variable)
        is_field = setting is not None and bad.variable == setting.path[-1]  # sources of files name the field
        shown = setting.variable if setting is not None and is_field else self._naming.shown(bad.variable)
        return SettingProblem(shown, setting.dotted if setting else "", bad.reason, bad.origin)

    def wrong(self, error: Mapping[str, Any]) -> Iterator[SettingProblem]:
        """Name the variables of one of pydantic's errors; a missing model is its missing fields."""
        loc: Loc = error["loc"]
        setting, rest = self._find(loc)
        if error["type"] == "extra_forbidden":
            yield self._unknown(loc, setting)
        elif setting is None:
            reason = safe_reason(error["type"], error["msg"], secret=False, texts=self._texts)
            yield SettingProblem("", ".".join(map(str, loc)), reason)
        elif error["type"] == "missing" and setting.part is not None and not rest:
            yield from (self._missing(each) for each in self._needed(setting))
        elif error["type"] == "missing" and not rest:
            yield self._missing(setting)
        else:
            reason = safe_reason(error["type"], error["msg"], secret=setting.secret, texts=self._texts)
            inner = "" if setting.secret else "".join(f"[{e}]" if isinstance(e, int) else f".{e}" for e in rest)
            variable, origin = self._origin(setting)
            yield SettingProblem(variable, setting.dotted + inner, reason, origin)

    def position(self, problem: SettingProblem) -> int:
        """Give the place of a problem in the order of the class; what belongs to no field comes last."""
        own = [
            s
            for s in self._settings
            if problem.field == s.dotted or problem.field.startswith((f"{s.dotted}.", f"{s.dotted}["))
        ]
        return self._settings.index(own[-1]) if own else len(self._settings)

    def _missing(self, setting: Setting) -> SettingProblem:
        reason = "is missing"
        if setting.inside:
            reason = f"is missing: {'.'.join(map(str, setting.inside))} in the JSON of {setting.variable}"
        elif setting.part is not None:
            below = [each.variable for each in self._settings if each.path[:-1] == setting.path and not each.inside]
            reason = f"is missing: give JSON{', or one of ' if below else ''}{', '.join(below[:3])}"
        typo = self._misspelt(setting)
        if typo:
            reason = f"is missing, but {typo} is set, which is not known"
        return SettingProblem(setting.variable, setting.dotted, reason, "", setting.names[1:])

    def _misspelt(self, setting: Setting) -> str:
        """A variable with the prefix of the settings that nobody reads, and that looks like the one missing."""
        if not self._naming.prefix:
            return ""
        prefix, known = self._naming.shown(self._naming.prefix), {n for each in self._settings for n in each.names}
        given = {self._naming.shown(key) for each in self._heard for key in getattr(each.source, "env_vars", ())}
        unread = sorted(name for name in given - known if name.startswith(prefix) and self._owner(name) is None)
        return next((name for name in unread if did_you_mean(name, known)[:1] == (setting.variable,)), "")

    def _needed(self, part: Setting) -> list[Setting]:
        """The fields without a default below a model, or the model itself when it has none."""
        found: list[Setting] = []
        for child in self._settings:
            if child.path[:-1] == part.path and child.field.is_required():
                found.extend(self._needed(child) if child.part is not None else [child])
        return found or [part]

    def _find(self, loc: Loc) -> tuple[Setting | None, Loc]:
        setting: Setting | None = None
        rest = loc
        while rest:
            path = setting.path if setting else ()
            level = [each for each in self._settings if each.path[:-1] == path]
            hits = [(len(key), each) for each in level for key in each.keys if rest[: len(key)] == key]
            if not hits:
                break
            length, setting = max(hits, key=lambda hit: hit[0])
            rest = rest[length:]
        return setting, rest

    def _owner(self, variable: str) -> Setting | None:
        """The field a variable belongs to, the deepest one."""
        name = self._naming.shown(variable)
        delimiter = self._naming.shown(self._naming.delimiter)
        owners = [
            each
            for each in self._settings
            if name in each.names
            or (delimiter and any(name.startswith(own + delimiter) for own in each.names))
            or each.path == (variable,)
        ]
        return max(owners, key=lambda each: len(each.path)) if owners else None

    def _unknown(self, loc: Loc, above: Setting | None) -> SettingProblem:
        name = str(loc[-1])
        known = [name for setting in self._settings for name in setting.names]
        if above is not None and self._naming.delimiter and not above.inside:
            name = above.variable + self._naming.delimiter + name
        shown = self._naming.shown(name)
        guess = did_you_mean(shown, known)
        reason = UNKNOWN + (f": did you mean {guess[0]}?" if guess else "")
        return SettingProblem(shown, above.dotted if above else "", reason, origin_of((shown,), self._heard)[1])

    def _origin(self, setting: Setting) -> tuple[str, str]:
        """The variable that holds the value, and where it was found."""
        for length in range(len(setting.path), 0, -1):
            found, origin = origin_of(self._by_path[setting.path[:length]].names, self._heard)
            if origin:
                return found, origin
        for each in self._heard:
            if any(key[0] in each.values for key in self._by_path[setting.path[:1]].keys):
                return setting.variable, type(each.source).__name__
        return setting.variable, "default"


def settings_error(
    model: type[BaseSettings], options: SettingsOptions, problems: Sequence[SettingProblem], place: Place | None
) -> InvalidSettingsError:
    """Make the error for everything that is wrong with the variables of one model.

    Args:
        model: The settings class.
        options: Of its registration.
        problems: All of them.
        place: Line of the registration.

    Returns:
        The error; its text has one line per variable.
    """
    count = len(problems)
    name = short_name(model)
    summary = f"{name} cannot be read: {count} {'variables are' if count > 1 else 'variable is'} missing or wrong"
    lines = tuple((each.variable or name, _line(each)) for each in problems)
    registered = show_place(*place) if place else ""
    unknown = any(each.reason.startswith(UNKNOWN) for each in problems)
    note = f'extra="ignore" in the model_config of {name} lets a file hold variables of others' if unknown else ""
    facts: Facts = (
        *lines,
        ("registered", registered),
        *_notes(model, options),
        ("note", note),
        ("do this", _advice(model, options)),
    )
    return InvalidSettingsError(summary, model=model, problems=problems, facts=tuple(fact for fact in facts if fact[1]))


def _line(problem: SettingProblem) -> str:
    read_too = f"{', '.join(problem.others)} would do too" if problem.others else ""
    beside = "; ".join(each for each in (problem.origin, read_too) if each)
    is_sentence = problem.reason.startswith(("is ", "should ", "cannot "))
    field = f"{problem.field}{'' if is_sentence else ':'} " if problem.field else ""
    return f"{field}{problem.reason}{f' ({beside})' if beside else ''}"


def _notes(model: type[BaseSettings], options: SettingsOptions) -> Iterator[tuple[str, str]]:
    for setting in settings_of(model, options):
        part = setting.part
        if part is None or not issubclass(part, BaseSettings) or reads_itself(setting.field):
            continue
        prefix = part.model_config.get("env_prefix") or ""
        where = f"{short_name(model)}.{setting.dotted}"
        yield (
            "note",
            f"{where} is a BaseSettings, whose own prefix {prefix!r} does not make it given here: "
            f"derive {short_name(part)} from BaseModel",
        )


def _advice(model: type[BaseSettings], options: SettingsOptions) -> str:
    files = model.model_config.get("env_file") if isinstance(options.env_file, Unset) else options.env_file
    where = " or ".join(["the environment", *(show_place(str(file), None) for file in as_list(files))])
    is_importable = "<" not in model.__qualname__ and model.__module__ != "__main__"
    template = f"; kimera env {model.__module__}:{model.__qualname__} writes a template" if is_importable else ""
    return f"set them in {where}{template}"
