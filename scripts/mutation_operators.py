"""List the small mistakes that can be made in a module: the mutants of ``scripts/mutation_testing.py``.

In: a module's path and text. Out: `Mutant` values, in the order of the text, each with the whole changed text. Reads
and writes no file, runs nothing. Standard library only.

The operators are those that other tools have found worth their time (PIT's default group, cosmic-ray's core): negate a
condition, swap ``and`` and ``or``, turn or move a comparison, change a number or a truth value, swap an arithmetic
operator, return ``None``, loop over nothing, swap ``break`` and ``continue``, catch nothing, and leave a statement out.
Of several replacements that would fail in the same way (``is`` by ``<``, ``<=``, ``>``: all a `TypeError`) one is made
only, because the others would flatter the score. ``is`` becomes ``==`` only where that could differ: not before
``None``, a truth value or a member of an enum.

Nothing is changed where a change could have no behaviour: in annotations, in the first argument of ``cast``, under ``if
TYPE_CHECKING``, in overloads and protocols, in the options of ``@dataclass``, and in a branch that raises
``InternalError`` ("cannot happen"). The text inside of f-strings is left alone too: Python 3.11 has no positions there.
"""

from __future__ import annotations

import ast
import copy
import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Is: (ast.IsNot, ast.Eq),
    ast.IsNot: (ast.Is, ast.NotEq),
    ast.Eq: (ast.NotEq, ast.Is),
    ast.NotEq: (ast.Eq, ast.IsNot),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake in one module; ``lines`` are those whose tests judge it, ``text`` is the whole changed module."""

    path: str
    column: int
    operator: str
    lines: tuple[int, ...]
    before: str
    after: str
    text: str

    @property
    def name(self) -> str:
        """Where it is, what it is."""
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.path}:{self.lines[0]}:{self.column} {self.operator}: {before[:90]} -> {after[:90]}"

    @property
    def is_program(self) -> bool:
        """Whether Python takes it without a warning, as it does not take ``kind is "list"``."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                compile(self.text, self.path, "exec", dont_inherit=True)
            except (SyntaxError, SyntaxWarning):
                return False
        return True


def mutants_of(path: str, text: str) -> list[Mutant]:
    """Return every mutant of a module.

    Args:
        path: Its name in the answers.
        text: Its source.

    Returns:
        The mutants in the order of the text.

    Raises:
        SyntaxError: ``text`` is no Python.
    """
    source = text.encode()
    starts = [0, *itertools.accumulate(map(len, source.splitlines(keepends=True)))]
    found: list[Mutant] = []
    for operator, node, header, after in _changes(ast.parse(text), (), module_level=True):
        last, column = node.end_lineno or node.lineno, node.end_col_offset or 0  # a parsed node has both
        start, end = starts[node.lineno - 1] + node.col_offset, starts[last - 1] + column
        changed = (source[:start] + after.encode() + source[end:]).decode()
        judging = tuple(dict.fromkeys((*range(node.lineno, last + 1), *header)))
        found.append(Mutant(path, node.col_offset + 1, operator, judging, source[start:end].decode(), after, changed))
    return found


Change = tuple[str, "ast.expr | ast.stmt", tuple[int, ...], str]


def _changes(node: ast.AST, header: tuple[int, ...], *, module_level: bool) -> Iterator[Change]:
    """Walk what has behaviour; ``header`` is the first line of the statement around: coverage may name only that."""
    if _has_no_behaviour(node):
        return
    if isinstance(node, ast.stmt):
        header = (node.lineno,)
        yield from ((operator, changed, header, after) for operator, changed, after in _statement(node))
    elif isinstance(node, ast.expr):
        yield from ((operator, node, header, after) for operator, after in _expression(node, module_level=module_level))
    inside = module_level and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in _children(node):
        yield from _changes(child, header, module_level=inside)


def _has_no_behaviour(node: ast.AST) -> bool:
    """Say whether nothing below this node is worth a change."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Raise(exc=ast.Call(func=ast.Name(id="InternalError"))):
            return True
        case ast.If(body=[*_, ast.Raise(exc=ast.Call(func=ast.Name(id="InternalError")))], orelse=[]):
            return True
        case ast.FunctionDef(decorator_list=marks) | ast.AsyncFunctionDef(decorator_list=marks):
            return any(ast.unparse(mark) == "overload" for mark in marks)
        case ast.ClassDef(bases=bases):
            return any(ast.unparse(base).partition("[")[0] == "Protocol" for base in bases)
        case _:
            return False


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Return the parts of a node in order, without annotations, typing's arguments and options of ``@dataclass``."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "keywords" if _is_call_of(node, "dataclass") else ""}:
            continue
        parts: list[object] = value if isinstance(value, list) else [value]
        if name == "args" and _is_call_of(node, "cast", "TypeVar", "ParamSpec"):
            parts = parts[1:]
        yield from (part for part in parts if isinstance(part, ast.AST))


def _is_call_of(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _is_one_of_a_kind(node: ast.expr) -> bool:
    """Say whether this is ``None``, a truth value or an enum's member: to be equal to it is to be it."""
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _is_changed_anyway(test: ast.expr) -> bool:
    """Say whether an operator on the condition itself already negates it."""
    return (isinstance(test, ast.Compare) and len(test.ops) == 1) or (
        isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    )


def _statement(node: ast.stmt) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """Return the changes of a statement: operator, the node that is replaced, its new text."""
    match node:
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "leave out a call", node, "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]) | ast.AugAssign() | ast.Delete():
            yield "leave out a change of state", node, "pass"
        case ast.Raise():
            yield "leave out a raise", node, "pass"
        case ast.Return(value=ast.expr() as value) if not (
            isinstance(value, ast.Constant) and value.value in {None, True, False}
        ):
            yield "return None", node, "return None"
        case ast.For(iter=iterable):
            yield "loop over nothing", iterable, "()"
        case ast.Break():
            yield "continue for break", node, "continue"
        case ast.Continue():
            yield "break for continue", node, "break"
        case ast.If(test=test) | ast.While(test=test) if not _is_changed_anyway(test):
            yield "negate a condition", test, f"(not ({ast.unparse(test)}))"
        case ast.Try(handlers=handlers):
            for handler in handlers:
                if handler.type is not None:
                    yield "catch nothing", handler.type, "()"
        case _:
            return


def _expression(node: ast.expr, *, module_level: bool) -> Iterator[tuple[str, str]]:
    """Return the changes of an expression: operator, its new text."""
    match node:
        case ast.Compare(ops=operators):
            for place, operator in enumerate(operators):
                for other in COMPARISONS[type(operator)][: 1 if _is_one_of_a_kind(node.comparators[place]) else 2]:
                    changed = copy.deepcopy(node)
                    changed.ops[place] = other()
                    yield "another comparison", f"({ast.unparse(changed)})"
        case ast.BoolOp(op=junction):
            swapped: ast.boolop = ast.Or() if isinstance(junction, ast.And) else ast.And()
            yield "swap and and or", f"({ast.unparse(ast.BoolOp(swapped, node.values))})"
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "drop not or minus", f"({ast.unparse(operand)})"
        case ast.IfExp(test=test) if not _is_changed_anyway(test):
            yield (
                "negate a condition",
                f"({ast.unparse(ast.IfExp(ast.UnaryOp(ast.Not(), test), node.body, node.orelse))})",
            )
        case ast.Constant(value=bool() as truth):
            yield "another constant", str(not truth)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            yield "another constant", str(number + 1)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in ARITHMETIC and not (
            module_level and isinstance(operation, ast.BitOr)  # an alias of types
        ):
            yield "another operation", f"({ast.unparse(ast.BinOp(left, ARITHMETIC[type(operation)](), right))})"
        case (
            ast.ListComp(generators=[*_, last])
            | ast.SetComp(generators=[*_, last])
            | ast.GeneratorExp(generators=[*_, last])
        ):
            if last.ifs:
                changed_node = copy.deepcopy(node)
                changed_node.generators[-1].ifs = []
                yield "drop a filter", f"({ast.unparse(changed_node)})"
        case _:
            return
