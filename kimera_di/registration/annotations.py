"""Read what a class or factory asks for: the one module that touches signatures and annotations.

In: a class or callable, and the registered types by name. Out: parameters with evaluated types. Runs no
user code but the evaluation of annotations that are written as strings, name by name: a name that the
module does not hold is followed through the import statements of its source (``TYPE_CHECKING`` blocks
included), which are parsed and never run. Follows guarantee 8 of the design.
"""

import builtins
import functools
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from kimera_di.registration.names import KnownTypes, UnknownNameError, scope_of_names
from kimera_di.vocabulary import InjectedMarker, Key, ServiceId

_POSITIONAL_ONLY, _VAR_POSITIONAL, _KEYWORD_ONLY, _VAR_KEYWORD = 0, 2, 3, 4  # inspect's kinds
_FLAG_VARARGS, _FLAG_VARKEYWORDS = 0x04, 0x08

_BUILTINS = {"__import__": builtins.__import__}
"""Subscripting a PEP 695 class imports typing, with what the frame calls its built-ins; names never get here."""

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
        raw = raw[1:] if skip_first else raw
    return tuple(_evaluated(item, function, owner, known) for item in raw)


def read_return(factory: Any, known: KnownTypes) -> Any:
    """Give the evaluated return annotation of a function, ``EMPTY`` when there is none or it cannot be read."""
    function, _, owner = _underlying(factory)
    if isinstance(factory, type) or function is None:
        return EMPTY
    annotation = _annotations(function).get("return", EMPTY)
    if isinstance(annotation, str):
        try:
            annotation = _evaluate(annotation, function, owner, known)
        except UnknownNameError:
            return EMPTY
    return annotation


def yielded(annotation: Any) -> Any:
    """Give ``T`` for ``Iterator[T]`` and its kin, ``EMPTY`` for anything that does not say what is yielded."""
    name = getattr(typing.get_origin(annotation), "__name__", "")
    if name in {"Generator", "Iterator", "Iterable", "AsyncGenerator", "AsyncIterator", "AsyncIterable"}:
        return (*typing.get_args(annotation), EMPTY)[0]
    return EMPTY


def own_annotations(cls: type) -> Mapping[str, Any]:
    """Give the annotations written in the body of ``cls``, unevaluated."""
    return _annotations(cls) if "__annotations__" in cls.__dict__ or "__annotate__" in cls.__dict__ else {}


def built_class(maker: Any) -> type | None:
    """Give the class that calling ``maker`` builds, for a class or ``Repository[User]``; ``None`` for factories."""
    cls = maker if isinstance(maker, type) else typing.get_origin(maker)
    return cls if isinstance(cls, type) and cls.__module__ not in {"typing", "types"} else None


def split_annotated(annotation: Any) -> tuple[Any, Any]:
    """Take ``Annotated[T, Key(k)]`` apart into ``T`` and ``k``; the key is ``None`` without a marker."""
    if typing.get_origin(annotation) is not Annotated:
        return annotation, None
    inner, *marks = typing.get_args(annotation)
    keys = [mark.key for mark in marks if isinstance(mark, Key)]
    return inner, keys[0] if keys else None


def is_marked(annotation: Any) -> bool:
    """Tell whether ``Injected[T]`` or ``Annotated[T, Key(k)]`` says that the container fills the parameter."""
    marks = typing.get_args(annotation)[1:] if typing.get_origin(annotation) is Annotated else ()
    return any(isinstance(mark, InjectedMarker | Key) for mark in marks)


def identity_of(service: Any) -> ServiceId:
    """Give what a look-up asks for; ``Annotated[T, Key(k)]`` is taken apart."""
    interface, key = service if isinstance(service, ServiceId) else (service, None)
    interface, marked = split_annotated(interface)
    return ServiceId(interface, marked if key is None else key)


def union_members(annotation: Any) -> tuple[Any, ...]:
    """Give the members of ``A | B`` or ``Union[A, B]``, ``()`` for anything else."""
    origin = typing.get_origin(annotation)
    return typing.get_args(annotation) if origin is types.UnionType or origin is typing.Union else ()


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
    if isinstance(maker, types.FunctionType) and not hasattr(maker, "__wrapped__"):
        return maker, False, None
    owner: Any = type(maker)  # pyright: ignore[reportUnknownVariableType]
    call = getattr(owner, "__call__", None)  # noqa: B004 - the function is wanted, not whether there is one
    if isinstance(call, types.FunctionType) and not isinstance(maker, types.FunctionType):
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
    function = _innermost(function)
    try:
        return getattr(function, "__annotations__", None) or {}
    except (
        NameError
    ):  # 3.14 evaluates on access: ask for the source text instead (unproven, no such interpreter ran it)
        annotationlib = __import__("annotationlib")
        return annotationlib.get_annotations(function, format=annotationlib.Format.STRING)  # type: ignore[no-any-return]


def _innermost(function: Any) -> Any:
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


def _evaluated(raw: tuple[str, Any, bool, int], function: Any, owner: type | None, known: KnownTypes) -> Parameter:
    name, annotation, has_default, kind = raw
    owner = _writer(name, function, owner)
    problem = followed = ""
    marked = any(mark in annotation for mark in _MARKS) if isinstance(annotation, str) else is_marked(annotation)
    if isinstance(annotation, str):
        try:
            annotation = _evaluate(annotation, function, owner, known)
        except UnknownNameError as error:
            problem, followed, annotation = str(error), error.followed, EMPTY
    elif _holds_forward_reference(annotation):
        try:
            annotation = _resolve_references(annotation, function, owner, known)
        except UnknownNameError as error:
            problem, followed, annotation = str(error), error.followed, EMPTY
    marked = marked if problem else is_marked(annotation)
    return Parameter(
        name, annotation, has_default, kind == _POSITIONAL_ONLY, kind == _KEYWORD_ONLY, problem, followed, marked
    )


def _writer(name: str, function: Any, owner: type | None) -> type | None:
    """The class whose body names the type of a parameter: for a generated constructor that may be a base."""
    if owner is not None and _is_generated(function):
        return next((cls for cls in owner.__mro__ if name in own_annotations(cls)), owner)
    return owner


def _is_generated(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename.startswith("<")  # dataclasses: <string>, attrs: <attrs generated ...


def _evaluate(text: str, function: Any, owner: type | None, known: KnownTypes) -> Any:
    plain = _innermost(function)
    module = sys.modules.get(getattr(plain, "__module__", "") or "")
    space = getattr(plain, "__globals__", None) or getattr(module, "__dict__", {})
    if owner is not None and owner.__module__ in sys.modules and _is_generated(plain):
        space = vars(sys.modules[owner.__module__])
    names = scope_of_names(plain, owner, space, known)
    try:
        # The text is an annotation of the user's own code, evaluated as the interpreter itself would.
        value = eval(text, {"__builtins__": _BUILTINS}, names)  # noqa: S307
    except UnknownNameError:
        raise
    except Exception as error:
        raise UnknownNameError(f"{text!r} cannot be evaluated: {type(error).__name__}: {error}") from error
    if isinstance(value, str) or _holds_forward_reference(value):  # "Vault" below `from __future__ import annotations`
        return _resolve_references(value, function, owner, known)
    return value


def _holds_forward_reference(annotation: Any) -> bool:
    """``list["A"]``, ``Optional["A"]``: a type with a name inside it."""
    arguments = getattr(annotation, "__args__", None)
    if not arguments or not isinstance(arguments, tuple):
        return isinstance(annotation, typing.ForwardRef)
    if typing.get_origin(annotation) is typing.Literal:
        return False  # its strings are values
    return any(isinstance(a, str | typing.ForwardRef) or _holds_forward_reference(a) for a in arguments)  # pyright: ignore[reportUnknownVariableType]


def _resolve_references(annotation: Any, function: Any, owner: type | None, known: KnownTypes) -> Any:
    if isinstance(annotation, typing.ForwardRef):
        return _evaluate(annotation.__forward_arg__, function, owner, known)
    if isinstance(annotation, str):
        return _evaluate(annotation, function, owner, known)
    arguments = getattr(annotation, "__args__", None)
    if not isinstance(arguments, tuple) or not _holds_forward_reference(annotation):
        return annotation
    resolved = tuple(_resolve_references(a, function, owner, known) for a in arguments)  # pyright: ignore[reportUnknownVariableType]
    if union_members(annotation):
        return functools.reduce(_union, resolved)
    rebuild: Callable[[tuple[Any, ...]], Any] | None = getattr(annotation, "copy_with", None)
    if rebuild is not None:
        return rebuild(resolved)
    return types.GenericAlias(typing.get_origin(annotation), resolved)


def _union(left: Any, right: Any) -> Any:
    return typing.Union[left, right]  # noqa: UP007 - works for members that have no | operator
