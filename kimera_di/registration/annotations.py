"""Read what a class or factory asks for: the one module that touches signatures and annotations.

In: a class or callable, and the registered types by name. Out: parameters with evaluated types. Runs no
user code but the evaluation of annotations that are written as strings (``registration.evaluation``), name by
name: a name that the module does not hold is followed through the import statements of its source
(``TYPE_CHECKING`` blocks included), which are parsed and never run. Follows guarantee 8 of the design.
"""

import functools
import types
import typing
from collections.abc import Mapping
from typing import Any

from kimera_di.records import dataclass
from kimera_di.registration.evaluation import (
    evaluate,
    holds_forward_reference,
    innermost,
    is_generated,
    resolve_references,
)
from kimera_di.registration.forms import identity_of, is_marked, key_misuse, no_type, split_annotated, union_members
from kimera_di.registration.names import KnownTypes, UnknownNameError

__all__ = [
    "EMPTY",
    "Parameter",
    "built_class",
    "identity_of",
    "is_marked",
    "own_annotations",
    "read_bound",
    "read_parameters",
    "read_return",
    "split_annotated",
    "union_members",
    "yielded",
]

_POSITIONAL_ONLY, _VAR_POSITIONAL, _KEYWORD_ONLY, _VAR_KEYWORD = 0, 2, 3, 4  # inspect's kinds
_FLAG_VARARGS, _FLAG_VARKEYWORDS = 0x04, 0x08

_MARKS = ("Injected[", "Key(")
"""What shows in the text of an annotation that the container is to fill the parameter."""

EMPTY: Any = object()
"""A parameter without annotation."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter that the container may fill."""

    name: str
    annotation: Any
    """The evaluated type, ``EMPTY``, or ``problem`` says why it could not be read."""
    has_default: bool
    positional_only: bool
    keyword_only: bool
    problem: str = ""
    """Why the annotation could not be read."""
    followed: str = ""
    """Where an import in the source says the missing name comes from, as a dotted name."""
    marked: bool = False
    """Written ``Injected[T]`` or ``Annotated[T, Key(k)]``, also where that could not be evaluated."""
    owner: type | None = None
    """The class whose type variables the annotation is written in; ``None`` for a factory."""
    argument: tuple[Any, ...] = ()
    """For ``type[T]`` of a closed generic the class that stands for ``T``: passed when nothing provides it."""


def read_parameters(maker: Any, known: KnownTypes) -> tuple[Parameter, ...]:
    """Read the parameters of a class's constructor or of a factory, in order.

    Args:
        maker: A class, function, partial, bound method or callable object.
        known: The registered types, to which names in string annotations are matched.

    Returns:
        Every parameter but ``self``, ``*args`` and ``**kwargs``. Time O(parameters); the source of a
        module is parsed only when a name cannot be found otherwise, and once.
    """
    function, skip_first, owner = _underlying(maker)
    if function is None:
        return ()
    if not isinstance(function, types.FunctionType):
        raw = _from_inspect(maker)
    else:
        raw = _from_inspect(function) if hasattr(function, "__wrapped__") else _from_code(function)
        is_caught = not raw or raw[0][3] == _KEYWORD_ONLY  # in *args
        raw = raw[1:] if skip_first and not is_caught else raw
    return tuple(_evaluated(item, function, owner, known) for item in raw)


def read_return(factory: Any, known: KnownTypes) -> Any:
    """Give the evaluated return annotation of a function, ``EMPTY`` when there is none or it cannot be read."""
    function, _, owner = _underlying(factory)
    if isinstance(factory, type) or function is None:
        return EMPTY
    annotation = _annotations(function).get("return", EMPTY)
    if isinstance(annotation, str):
        try:
            annotation = evaluate(annotation, function, owner, known)
        except UnknownNameError:
            return EMPTY
    return annotation


def yielded(annotation: Any) -> Any:
    """Give ``T`` for ``Iterator[T]`` and its kin, ``EMPTY`` for anything that does not say what is yielded."""
    name = getattr(typing.get_origin(annotation), "__name__", "")
    if name in {"Generator", "Iterator", "Iterable", "AsyncGenerator", "AsyncIterator", "AsyncIterable"}:
        return (*typing.get_args(annotation), EMPTY)[0]
    return EMPTY


def read_bound(variable: Any, bound: Any, known: KnownTypes) -> Any:
    """Give the bound of a type variable that is written as a string; ``None`` when it cannot be read."""
    try:
        return resolve_references(bound, variable, None, known)
    except UnknownNameError:
        return None


def own_annotations(cls: type) -> Mapping[str, Any]:
    """Give the annotations written in the body of ``cls``, unevaluated."""
    return _annotations(cls) if "__annotations__" in cls.__dict__ or "__annotate__" in cls.__dict__ else {}


def built_class(maker: Any) -> type | None:
    """Give the class that calling ``maker`` builds, for a class or ``Repository[User]``; ``None`` for factories."""
    if isinstance(maker, type):  # `make_dataclass` gives its classes the module `types`
        return maker if maker.__module__ != "typing" else None
    cls = typing.get_origin(maker)
    return cls if isinstance(cls, type) and cls.__module__ not in {"typing", "types"} else None


def constructor_of(cls: type) -> types.FunctionType | None:
    """Give the ``__init__`` or ``__new__`` whose parameters ``cls`` is built with; ``None`` when it is built in."""
    function, _, _ = _underlying(cls)
    return function if isinstance(function, types.FunctionType) else None


def _underlying(maker: Any) -> tuple[Any, bool, type | None]:
    """Find the function whose signature counts, whether its first parameter is bound, and its class."""
    cls = built_class(maker)
    maker = maker if cls is None else cls
    if isinstance(maker, type):
        for cls in maker.__mro__:
            # A Protocol among the bases brings a synthetic __init__ that takes no arguments.
            init = cls.__dict__.get("__init__")
            if init is not None and getattr(init, "__name__", "") != "_no_init_or_replace_init":
                return (init, True, cls) if init is not object.__init__ else _from_new(maker)
        return None, False, None
    if isinstance(maker, types.MethodType):
        return maker.__func__, True, None
    if isinstance(maker, types.FunctionType) or hasattr(maker, "__wrapped__"):  # also a decorator that is a class
        return maker, False, None
    owner: Any = type(maker)  # pyright: ignore[reportUnknownVariableType]
    call = getattr(owner, "__call__", None)  # noqa: B004 - the function is wanted, not whether there is one
    if isinstance(call, types.FunctionType):
        return call, True, owner
    return maker, False, None


def _from_new(cls: type) -> tuple[Any, bool, type | None]:
    new = cls.__new__
    return (new, True, cls) if isinstance(new, types.FunctionType) else (None, False, None)


def _from_code(function: types.FunctionType) -> list[tuple[str, Any, bool, int]]:
    """Name, raw annotation, has default, kind: read off the code object, 10 times faster than inspect."""
    code = function.__code__
    annotations = _annotations(function)
    positional = code.co_varnames[: code.co_argcount]
    first_default = code.co_argcount - len(function.__defaults__ or ())
    keyword_defaults = function.__kwdefaults__ or {}
    found = [
        (
            name,
            annotations.get(name, EMPTY),
            index >= first_default,
            _POSITIONAL_ONLY if index < code.co_posonlyargcount else 1,
        )
        for index, name in enumerate(positional)
    ]
    by_keyword = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    found.extend((name, annotations.get(name, EMPTY), name in keyword_defaults, _KEYWORD_ONLY) for name in by_keyword)
    return found


def _from_inspect(maker: Any) -> list[tuple[str, Any, bool, int]]:
    """The slow way, for partials, wrapped functions and built-in callables."""
    import inspect

    try:
        signature = inspect.signature(maker)
    except (TypeError, ValueError):
        return []
    settled: set[str] = set()  # what a partial says by keyword is no default
    while isinstance(maker, functools.partial):
        settled.update(maker.keywords)
        maker = maker.func
    return [
        (p.name, EMPTY if p.annotation is p.empty else p.annotation, p.default is not p.empty, int(p.kind))
        for p in signature.parameters.values()
        if p.kind not in {_VAR_POSITIONAL, _VAR_KEYWORD} and p.name not in settled
    ]


def _annotations(function: Any) -> Mapping[str, Any]:
    function = innermost(function)
    try:
        return getattr(function, "__annotations__", None) or {}
    except (
        NameError
    ):  # 3.14 evaluates on access: ask for the source text instead (unproven, no such interpreter ran it)
        annotationlib = __import__("annotationlib")
        return annotationlib.get_annotations(function, format=annotationlib.Format.STRING)  # type: ignore[no-any-return]


def _evaluated(raw: tuple[str, Any, bool, int], function: Any, owner: type | None, known: KnownTypes) -> Parameter:
    name, annotation, has_default, kind = raw
    owner = _writer(name, function, owner)
    problem = followed = ""
    marked = any(mark in annotation for mark in _MARKS) if isinstance(annotation, str) else is_marked(annotation)
    if isinstance(annotation, str):
        try:
            annotation = evaluate(annotation, function, owner, known)
        except UnknownNameError as error:
            problem, followed, annotation = str(error), error.followed, EMPTY
    elif holds_forward_reference(annotation):
        try:
            annotation = resolve_references(annotation, function, owner, known)
        except UnknownNameError as error:
            problem, followed, annotation = str(error), error.followed, EMPTY
    wrong_key = key_misuse(annotation)
    wrong = wrong_key or no_type(annotation)
    if wrong:
        problem, marked, annotation = wrong, bool(wrong_key) or is_marked(annotation), EMPTY
    marked = marked if problem else is_marked(annotation)
    return Parameter(
        name, annotation, has_default, kind == _POSITIONAL_ONLY, kind == _KEYWORD_ONLY, problem, followed, marked, owner
    )


def _writer(name: str, function: Any, owner: type | None) -> type | None:
    """The class whose body names the type of a parameter: for a generated constructor that may be a base."""
    if owner is not None and is_generated(function):
        return next((cls for cls in owner.__mro__ if name in own_annotations(cls)), owner)
    return owner
