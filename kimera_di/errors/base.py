"""What every error has: a code, the path as data, labelled facts, the text, and pickling.

In: data from any stage. Out: exceptions whose ``str`` is drawn only when it is asked for. No error of one stage
belongs here.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from kimera_di.rendering import Row, dotted_name, render_facts, render_rows, short_name, show_place
from kimera_di.vocabulary import ServiceId, Step

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
        return _rebuild, (type(self), self.args, {name: portable(value) for name, value in self.__dict__.items()})


def error_page(code: str) -> str:
    """Name the command that shows the page about ``code``; it works wherever the package is installed."""
    return f"kimera help {code}"


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
        place = show_place(step.file, step.line) if step.file else ""
        rows.append(Row(shown_depth, label, (place, lifetime)))
    return render_rows(rows)


class InternalError(KimeraError):
    """A branch that cannot happen did happen: a bug in kimera_di, with the state that shows it."""

    code = "KD901"


def portable(value: Any) -> Any:
    """Give ``value``, or its dotted name where it cannot be pickled; looks into tuples and service ids."""
    if isinstance(value, Step):
        return value._replace(service=portable(value.service))
    if isinstance(value, ServiceId):
        return ServiceId(portable(value.interface), portable(value.key))
    if isinstance(value, tuple):
        return tuple(portable(item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    import pickle  # only who sends errors to other processes loads it

    try:
        pickle.dumps(value)
    except Exception:  # noqa: BLE001 - any failure to pickle means: send the name instead
        return dotted_name(value)
    return value


def _rebuild(kind: type[KimeraError], args: tuple[Any, ...], data: dict[str, Any]) -> KimeraError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(data)
    return error
