"""Tell where a module uses the names that it imports: in annotations, in functions, or while it loads.

In: a parsed module and `Binding`s. Out: one `Use` per place. Runs nothing. A name that a function binds itself is
taken for the function's own, in the whole function.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, cast

from kimera_di.architecture.advising.bindings import Binding, is_exactly, meant_member, spelled_parts
from kimera_di.architecture.advising.sources import LineFilter, Source

Place = Literal["annotation", "guarded", "function", "load"]
"""Read as an annotation, below ``if TYPE_CHECKING``, run by a call, or run while the module loads."""

_READERS = frozenset({"BaseModel", "BaseSettings", "RootModel", "SQLModel", "Struct", "Model", "DeclarativeBase"})
"""Base classes that resolve annotations while the class is made, or soon after."""
_HANDLERS = frozenset(
    {
        "get", "post", "put", "patch", "delete", "head", "options", "websocket", "route", "api_route", "command",
        "callback", "tool", "task", "validate_call", "register", "singledispatch", "beartype", "typechecked",
    }
)  # fmt: skip
"""Decorators, by their last name, that read the annotations of a function."""


class Use(NamedTuple):
    """One place where a name is used."""

    binding: Binding
    member: str
    """What of the imported module is meant; ``""`` for the module itself."""
    line: int
    place: Place
    where: str
    """The function around it, as ``Class.method``; ``""`` while the module loads."""
    outer: str
    """The function or class at module level around it."""
    role: str
    """``base``, ``call``, ``caught``, ``raised``, ``checked``, or ``""``."""
    evaluated: bool
    """An annotation that is evaluated where it stands."""
    reader: str
    """The base class or decorator that reads the annotation at run time."""


class _Context(NamedTuple):
    function: str = ""
    outer: str = ""
    name: str = ""
    """Classes and functions around it."""
    annotation: Literal["", "lazy", "evaluated"] = ""
    guarded: bool = False
    reader: str = ""
    role: str = ""
    hidden: frozenset[str] = frozenset()


def find_uses(source: Source, bindings: Sequence[Binding]) -> tuple[Use, ...]:
    """Find every use of some names.

    Args:
        source: The importer.
        bindings: The names.

    Returns:
        Uses by line. Time O(size of the file x bindings of one name).
    """
    by_name: dict[str, list[Binding]] = {}
    for binding in bindings:
        by_name.setdefault(binding.path[0], []).append(binding)
    near = LineFilter.mentioning(source.text, by_name)
    walk = _Walk(by_name, near, later=_has_future(source.tree))
    return tuple(sorted(walk.run(source.tree), key=lambda use: (use.line, use.binding.path, use.where, use.member)))


def _has_future(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


class _Walk:
    """One walk over a tree, with a stack of its own: generated code nests deeper than Python's."""

    def __init__(self, by_name: dict[str, list[Binding]], near: LineFilter, *, later: bool) -> None:
        self._by_name, self._near = by_name, near
        self._evaluated: Literal["lazy", "evaluated"] = "lazy" if later else "evaluated"
        self._waiting: list[tuple[ast.AST, _Context]] = []

    def run(self, tree: ast.Module) -> Iterator[Use]:
        self._waiting = [(node, _Context()) for node in tree.body]
        while self._waiting:
            node, context = self._waiting.pop()
            if isinstance(node, ast.Import | ast.ImportFrom) or self._near.skips(node):
                continue
            if isinstance(node, ast.Name | ast.Attribute):
                yield from self._uses(node, context)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(node, context)
            elif isinstance(node, ast.ClassDef):
                self._class(node, context)
            elif isinstance(node, ast.stmt):
                self._statement(node, context)
            else:
                self._expression(node, context)

    def _uses(self, node: ast.Name | ast.Attribute, context: _Context) -> Iterator[Use]:
        parts = spelled_parts(node)
        if not parts:
            self._add([node.value] if isinstance(node, ast.Attribute) else [], context._replace(role=""))
            return
        for binding in self._by_name.get(parts[0], ()):
            member = meant_member(parts, binding)
            hidden = parts[0] in context.hidden and not binding.scope
            inside = f"{context.function}.".startswith(f"{binding.scope}.") or not binding.scope
            if member is None or hidden or not inside:
                continue
            yield Use(
                binding=binding,
                member=member,
                line=node.lineno,
                place=_place(context),
                where=context.function,
                outer=context.outer,
                role=context.role if is_exactly(parts, binding) or context.role in {"caught", "raised"} else "",
                evaluated=context.annotation == "evaluated",
                reader=context.reader if context.annotation else "",
            )

    def _add(self, nodes: Iterable[ast.AST | None], context: _Context) -> None:
        self._waiting.extend((node, context) for node in nodes if node is not None)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, context: _Context) -> None:
        name = f"{context.name}.{node.name}".lstrip(".")
        reader = _reader(node.decorator_list, _HANDLERS)
        inner = context._replace(
            function=name,
            name=name,
            outer=context.outer or node.name,
            role="",
            reader="",
            hidden=context.hidden | _own_names(node),
        )
        plain = context._replace(role="", reader="")
        arguments = node.args
        self._add(node.decorator_list, plain._replace(role="decorator"))
        self._add([*arguments.defaults, *arguments.kw_defaults], plain)
        noted = plain._replace(annotation=self._evaluated, reader=reader, outer=inner.outer)
        self._add([*(each.annotation for each in _parameters(arguments)), node.returns], noted)
        self._add(node.body, inner)

    def _class(self, node: ast.ClassDef, context: _Context) -> None:
        name = f"{context.name}.{node.name}".lstrip(".")
        plain = context._replace(role="", reader="")
        self._add(node.decorator_list, plain._replace(role="decorator"))
        self._add(
            [*node.bases, *(keyword.value for keyword in node.keywords)],
            plain._replace(role="base", outer=context.outer or node.name),
        )
        inner = context._replace(
            name=name, outer=context.outer or node.name, role="", reader=_reader(node.bases, _READERS)
        )
        self._add(node.body, inner)

    def _statement(self, node: ast.stmt, context: _Context) -> None:
        plain = context._replace(role="")
        if isinstance(node, ast.AnnAssign):
            # Annotations of local variables are never evaluated.
            kind = "lazy" if context.function else self._evaluated
            self._add([node.annotation], plain._replace(annotation=kind))
            self._add([node.target, node.value], plain)
        elif isinstance(node, ast.If) and _asks_for_type_checker(node.test):
            self._add(node.body, plain._replace(guarded=True))
            self._add(node.orelse, plain)
        elif isinstance(node, ast.Raise):
            self._add([node.exc, node.cause], plain._replace(role="raised"))
        elif type(node).__name__ == "TypeAlias":  # Python 3.12: evaluated when somebody asks
            self._add(ast.iter_child_nodes(node), plain._replace(annotation="lazy"))
        else:
            self._add(ast.iter_child_nodes(node), plain)

    def _expression(self, node: ast.AST, context: _Context) -> None:
        plain = context._replace(role="")
        if isinstance(node, ast.Call):
            called = spelled_parts(node.func)[-1:]
            self._add([node.func], plain._replace(role=context.role if context.role == "raised" else "call"))
            checks = called in {("isinstance",), ("issubclass",)}
            for number, argument in enumerate(node.args):
                quoted = number == 0 and called == ("cast",) and isinstance(argument, ast.Constant)
                role = "checked" if checks and number else ""
                self._add([argument], plain._replace(role=role, annotation="lazy" if quoted else plain.annotation))
            self._add(node.keywords, plain)
        elif isinstance(node, ast.ExceptHandler):
            self._add([node.type], plain._replace(role="caught"))
            self._add(node.body, plain)
        elif isinstance(node, ast.Constant):
            if context.annotation and isinstance(node.value, str):
                self._add(_quoted(node), context._replace(annotation="lazy"))
        elif isinstance(node, ast.Subscript) and spelled_parts(node.value)[-1:] == ("Literal",):
            self._add([node.value], plain)
        elif isinstance(node, ast.Tuple) or context.annotation:
            self._add(ast.iter_child_nodes(node), context)
        elif isinstance(node, ast.Lambda):
            names = frozenset(each.arg for each in _parameters(node.args))
            self._add([*node.args.defaults, *node.args.kw_defaults], plain)
            self._add([node.body], plain._replace(hidden=plain.hidden | names))
        else:
            self._add(ast.iter_child_nodes(node), plain)


def _place(context: _Context) -> Place:
    if context.annotation:
        return "annotation"
    if context.guarded:
        return "guarded"
    return "function" if context.function else "load"


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each is not None)


def _reader(nodes: Iterable[ast.expr], known: frozenset[str]) -> str:
    for node in nodes:
        name = spelled_parts(node.func if isinstance(node, ast.Call) else node)[-1:]
        if name and name[0] in known:
            return name[0]
    return ""


def _own_names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Give what a function binds itself; ``global`` names belong to the module."""
    own, shared = {each.arg for each in _parameters(node.args)}, set[str]()
    waiting: list[ast.AST] = [*node.body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Global):
            shared.update(each.names)
        elif isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            own.add(each.id)
        elif isinstance(each, ast.ImportFrom):
            own.update(alias.asname or alias.name for alias in each.names)
        elif isinstance(each, ast.Import):
            # Without `as` the name is a top-level package, the same one in the function as outside: what an import
            # at the head of the file put into it is used through both.
            own.update(alias.asname for alias in each.names if alias.asname)
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(each.name)
            continue
        waiting.extend(ast.iter_child_nodes(each))
    return frozenset(own - shared)


def _asks_for_type_checker(test: ast.expr) -> bool:
    return spelled_parts(test)[-1:] == ("TYPE_CHECKING",)


def _quoted(node: ast.Constant) -> list[ast.AST]:
    """Parse a quoted annotation; its names get the line of the quotation."""
    try:
        tree = ast.parse(cast("str", node.value).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # a text that is no annotation, as in Annotated[int, "a comment"]
    for each in ast.walk(tree):
        if isinstance(each, ast.expr):
            each.lineno = node.lineno
    return [tree.body]
