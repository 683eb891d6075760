"""Where something stands: the line that registered a service, the line of a class or factory.

In: frames and callables. Out: ``Place``. Never raises: a class without source has no place.
"""

import sys
from types import CodeType, FunctionType
from typing import Any, get_origin

from kimera_di.vocabulary import Place

_OWN_PACKAGE = __name__.partition(".")[0]
_INSIDE = f"{_OWN_PACKAGE}."

_last: tuple[CodeType | None, int, Place] = (None, 0, Place("", 0))
"""The instruction that called last, and its place: what registers in a loop asks for the same one again and again."""


def caller_place() -> Place:
    """Give the line of the first caller outside kimera_di."""
    global _last  # noqa: PLW0603 - one tuple takes the place of another, so threads may do it at once
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    name: str = frame.f_globals.get("__name__", "")
    while frame.f_back is not None and (name.startswith(_INSIDE) or name == _OWN_PACKAGE):
        frame = frame.f_back
        name = frame.f_globals.get("__name__", "")
    code, at, place = _last
    if code is frame.f_code and at == frame.f_lasti:
        return place
    place = Place(frame.f_code.co_filename, frame.f_lineno)
    _last = (frame.f_code, frame.f_lasti, place)
    return place


def defined_at(maker: Any) -> Place | None:
    """Give the line of a class statement or of a function's ``def``.

    Args:
        maker: A class, a function, a partial or any other callable.

    Returns:
        The place (line 0 when only the file is known); ``None`` for built-in things. Parses the file of
        a class once (before 3.13), so it is called for messages and reports only.
    """
    origin = get_origin(maker)  # of Repository[User]
    maker = maker if origin is None else origin
    maker = getattr(maker, "__stands_for__", maker)  # of our own: a factory that gives the objects of one class
    if isinstance(maker, type):
        file = _file_of(maker)
        return Place(file, _class_line(maker, file)) if file else None
    function = getattr(maker, "func", maker)
    function = getattr(function, "__func__", function)
    function = getattr(function, "__wrapped__", function)
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType):
        return Place(code.co_filename, code.co_firstlineno)
    return defined_at(type(maker)) if callable(maker) and type(maker).__module__ != "builtins" else None


def _file_of(cls: type) -> str | None:
    for value in cls.__dict__.values():
        if isinstance(value, FunctionType) and _is_own(cls, value.__code__):
            return value.__code__.co_filename
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return file if isinstance(file, str) else None


def _is_own(cls: type, code: CodeType) -> bool:
    return code.co_qualname.startswith(cls.__qualname__ + ".")


_class_lines: dict[str, dict[str, int]] = {}


def _class_line(cls: type, file: str) -> int:
    """Line of a ``class`` statement from the parsed source; every file is parsed once."""
    lines = _class_lines.get(file)
    if lines is None:
        lines = _class_lines[file] = _read_class_lines(file)
    # 3.13 knows the first line, but that is a decorator's when there is one: the same tree, another place.
    return lines.get(cls.__qualname__) or int(getattr(cls, "__firstlineno__", 0))


def _read_class_lines(file: str) -> dict[str, int]:
    import ast
    import linecache

    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, int] = {}
    todo: list[tuple[ast.AST, str]] = [(tree, "")]
    while todo:
        node, prefix = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                found.setdefault(prefix + child.name, child.lineno)
                todo.append((child, f"{prefix}{child.name}."))
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                todo.append((child, f"{prefix}{child.name}.<locals>."))
            else:
                todo.append((child, prefix))
    return found
