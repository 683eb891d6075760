"""Every error users see: a class, a stable code and the data behind the text.

In: data from any stage. Out: exceptions whose ``str`` is drawn only when it is asked for. One class and
one code per cause: KD1xx registration, KD2xx planning, KD3xx resolution, KD4xx contracts, KD9xx our bugs.
All survive pickling; a service that cannot be pickled arrives as its dotted name.
"""

import pickle
from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Self

from kimera_di.rendering import Row, dotted_name, render_facts, render_rows, short_name, show_place
from kimera_di.vocabulary import Place, ServiceId, SettingProblem, Step

Facts = tuple[tuple[str, str], ...]

_FIRST_STEPS, _LAST_STEPS = 15, 8


class KimeraError(Exception):
    """Base of every error kimera_di raises.

    Args:
        summary: What happened, in one sentence.
        path: From the service that was asked for to the one the problem is about.
        end: What stands in the last row of the path instead of a place ("not registered").
        facts: Labelled lines below the path: who else is hit, a guess, what to do.
    """

    code: ClassVar[str] = "KD000"

    def __init__(self, summary: str, *, path: Sequence[Step] = (), end: str = "", facts: Facts = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.path: tuple[Step, ...] = tuple(path)
        self.end = end
        self.facts = facts

    def __str__(self) -> str:
        """Draw the whole message: what happened, the path as a tree, hints, what to do."""
        parts = [f"{self.code} {self.summary}"]
        body = [render_path(self.path, self.end), render_facts((*self.facts, ("more", error_page(self.code))))]
        text = "\n".join(part for part in body if part)
        return "\n\n".join([*parts, text]) if text else parts[0]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle the data, with names in the place of what cannot be pickled."""
        return _rebuild, (type(self), self.args, {name: _portable(value) for name, value in self.__dict__.items()})


def error_page(code: str) -> str:
    """Name the page of the documentation that explains ``code``."""
    return f"docs/reference/errors.md#{code.lower()}"


def render_path(path: Sequence[Step], end: str = "") -> str:
    """Draw a path as a tree, one step deeper per row; a step names the parameter that leads on.

    Args:
        path: Steps, root first.
        end: Shown in the last row instead of its place.

    Returns:
        One row per step; the middle of a long path is counted, not drawn.
    """
    rows: list[Row] = []
    cut = (len(path) - _LAST_STEPS) if len(path) > _FIRST_STEPS + _LAST_STEPS + 1 else 0
    for depth, step in enumerate(path):
        if cut and _FIRST_STEPS <= depth < cut:
            if depth == _FIRST_STEPS:
                rows.append(Row(_FIRST_STEPS, f"... {cut - _FIRST_STEPS} more steps"))
            continue
        shown_depth = depth if not cut or depth < _FIRST_STEPS else depth - cut + _FIRST_STEPS + 1
        label = short_name(step.service) + (f"({step.parameter})" if step.parameter else "")
        if end and depth == len(path) - 1:
            rows.append(Row(shown_depth, label, (end,)))
            continue
        lifetime = step.lifetime.value if step.lifetime else ""
        rows.append(Row(shown_depth, label, (show_place(step.file, step.line), lifetime)))
    return render_rows(rows)


class InternalError(KimeraError):
    """A branch that cannot happen did happen: a bug in kimera_di, with the state that shows it."""

    code = "KD901"


class RegistrationError(KimeraError):
    """A registration, or another call of the public API, makes no sense as it is written."""

    code = "KD101"


class FrozenCollectionError(RegistrationError):
    """A collection was changed after ``build()``."""

    code = "KD102"


class AnnotationError(RegistrationError):
    """A parameter of a class or factory has no annotation, or one that names nothing known."""

    code = "KD103"


class ServiceError(KimeraError):
    """Base of the errors about one service: ``service`` is its interface, ``key`` its key."""

    def __init__(
        self, summary: str, *, service: ServiceId, path: Sequence[Step] = (), end: str = "", facts: Facts = ()
    ) -> None:
        super().__init__(summary, path=path, end=end, facts=facts)
        self.service: Any = service.interface
        self.key: Hashable = service.key


class MissingServiceError(ServiceError):
    """A service is needed or asked for, but nothing provides it."""

    code = "KD201"


class CircularDependencyError(ServiceError):
    """A service needs itself; the path starts and ends with it."""

    code = "KD202"


class CaptiveDependencyError(ServiceError):
    """A longer-lived service would keep a shorter-lived one alive."""

    code = "KD203"


class InterfaceMismatchError(ServiceError):
    """An implementation, instance or override does not fit the interface it stands for."""

    code = "KD204"


class AmbiguousServiceError(ServiceError):
    """Several registered services answer one request, and none is the obvious one."""

    code = "KD205"


class LayerViolationError(KimeraError):
    """An import or a wiring edge breaks the contract given to ``build(architecture=...)``.

    Carries the finding of the report as data: ``fingerprint``, ``finding_code``, ``contract``, ``kind``,
    ``importer``, ``imported``, ``file``, ``line``.
    """

    code = "KD207"

    def __init__(
        self,
        summary: str,
        *,
        fingerprint: str,
        finding_code: str,
        contract: str | None,
        kind: str,
        importer: str | None,
        imported: str | None,
        place: Place | None,
        facts: Facts = (),
    ) -> None:
        super().__init__(summary, facts=facts)
        self.fingerprint: str = fingerprint
        self.finding_code: str = finding_code
        self.contract: str | None = contract
        self.kind: str = kind
        self.importer: str | None = importer
        self.imported: str | None = imported
        self.file: str | None = place.file if place else None
        self.line: int | None = place.line if place else None


class InvalidSettingsError(KimeraError):
    """Variables of one settings model are missing or wrong; ``problems`` names all of them, no value of any."""

    code = "KD208"

    def __init__(self, summary: str, *, model: Any, problems: Sequence[SettingProblem] = (), facts: Facts = ()) -> None:
        super().__init__(summary, facts=facts)
        self.model: Any = model
        self.problems: tuple[SettingProblem, ...] = tuple(problems)


class ScopeRequiredError(ServiceError):
    """A scoped service, or a transient with cleanup, was asked for at the root container."""

    code = "KD301"


class AsyncRequiredError(KimeraError):
    """Something that awaits was asked for, or had to be closed, from synchronous code."""

    code = "KD302"


class ContainerClosedError(KimeraError):
    """A container or scope was used after it was closed, or while it closes."""

    code = "KD303"


class ArgumentsError(KimeraError, TypeError):
    """``call``, ``create`` or an injected function was given arguments that do not fit; also a ``TypeError``."""

    code = "KD305"


class ResponseIncompleteError(KimeraError):
    """Told to the resources of a web scope whose application returned before its response was complete.

    Most often the client went away in the middle of a stream and the framework stopped the generator that wrote
    it: work that stopped half-way must not be committed. Only the generators of the scope see it.
    """

    code = "KD306"


class _ErrorGroup(ExceptionGroup[Exception], KimeraError):
    """Several errors at once; the whole of each is in ``exceptions``."""

    def __new__(cls, message: str, errors: Sequence[Exception]) -> Self:
        return super().__new__(cls, message, errors)

    def __init__(self, message: str, errors: Sequence[Exception]) -> None:
        KimeraError.__init__(self, message)
        self.args: tuple[Any, ...] = (message, tuple(errors))

    def __str__(self) -> str:
        """Say how many there are; a traceback shows each below."""
        return f"{self.code} {self.message}"

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Pickle message and errors."""
        return type(self), (self.message, tuple(_portable_error(error) for error in self.exceptions))

    def derive(self, errors: Sequence[Exception], /) -> Self:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Make a group of the same class for ``split`` and ``except*``."""
        return type(self)(self.message, errors)


class BuildErrors(_ErrorGroup):
    """Every problem of a collection at once; nothing was built."""

    code = "KD200"


class CloseErrors(_ErrorGroup):
    """Closers that failed; every other closer ran to its end."""

    code = "KD304"


class ContractError(KimeraError):
    """A contract file cannot be used as it is; names file, key and line.

    Args:
        summary: What is wrong.
        file: The contract file.
        key: The option, or ``None`` when the file as a whole is meant.
        line: Line of the key; 0 when it is not known.
        facts: Hints and what to do.
    """

    code = "KD401"

    def __init__(self, summary: str, *, file: str, key: str | None = None, line: int = 0, facts: Facts = ()) -> None:
        where = show_place(file, line) + (f", {key}" if key else "")
        super().__init__(summary, facts=(("at", where), *facts))
        self.file: str = file
        self.key: str | None = key
        self.line: int = line


class ServicesNotFoundError(KimeraError):
    """``MODULE:SERVICES`` does not name a collection: no such module or name, or something else stands there."""

    code = "KD404"


class CompositionRootError(KimeraError):
    """The composition root raised while it was loaded; the user's own exception is ``__cause__``."""

    code = "KD405"


class RootPackageError(KimeraError):
    """A root package of a contract file is in none of the folders that were searched."""

    code = "KD402"


class MissingExtraError(KimeraError):
    """Something needs packages of an extra that is not installed."""

    code = "KD403"


class UnwritableReportError(KimeraError):
    """A report cannot be written where the user wants it."""

    code = "KD406"


class BaselineError(KimeraError):
    """A baseline file is missing or damaged, or may not be written here.

    Args:
        summary: What is wrong.
        file: The baseline file.
        line: Where in it; 0 when the file as a whole is meant.
        todo: What to do.
    """

    code = "KD407"

    def __init__(self, summary: str, file: str, line: int = 0, todo: str = "") -> None:
        super().__init__(summary, facts=(("at", show_place(file, line)), ("do this", todo)))
        self.file: str = file
        self.line: int = line


def _portable(value: Any) -> Any:
    if isinstance(value, Step):
        return value._replace(service=_portable(value.service))
    if isinstance(value, ServiceId):
        return ServiceId(_portable(value.interface), _portable(value.key))
    if isinstance(value, tuple):
        return tuple(_portable(item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 - any failure to pickle means: send the name instead
        return dotted_name(value)
    return value


def _portable_error(error: Exception) -> Exception:
    """A closer may raise what cannot be pickled: its type's name and its text arrive instead."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - any failure to pickle means: send the text instead
        return RuntimeError(f"{dotted_name(type(error))}: {error}")
    return error


def _rebuild(kind: type[KimeraError], args: tuple[Any, ...], data: dict[str, Any]) -> KimeraError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(data)
    return error
