"""What an expression of the code under check is known to be, and what our own methods make.

In: nothing. Out: values, the names of our classes, what a call of a method of ours gives. Reads no file.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class What(Enum):
    """What a known expression is."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Value:
    """A known expression."""

    what: What
    name: str
    """Dotted name of the module, class or function; of an instance that of its class."""
    inner: "Value | None" = None
    """What a ``Lazy``, ``Provider`` and so on gives."""


PACKAGE = "kimera_di"
CONTAINER = Value(What.INSTANCE, f"{PACKAGE}.ServiceContainer")
SCOPE = Value(What.INSTANCE, f"{PACKAGE}.Scope")
SCOPE_FACTORY = Value(What.INSTANCE, f"{PACKAGE}.ScopeFactory")
COLLECTION = Value(What.INSTANCE, f"{PACKAGE}.ServiceCollection")
_RELATIONS = tuple(
    Value(What.INSTANCE, f"{PACKAGE}.{name}") for name in ("Lazy", "Owned", "Provider", "AsyncProvider", "Factory")
)
OURS = {value.name.rpartition(".")[2]: value for value in (CONTAINER, SCOPE, SCOPE_FACTORY, COLLECTION, *_RELATIONS)}
"""Our classes by their short names."""
TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "InitVar", "Injected", "Optional", "Union"})
ENTERING = frozenset({"enter_context", "enter_async_context"})
MANAGED = frozenset({"contextmanager", "asynccontextmanager"})
_CHAINED = frozenset(
    {
        "alias", "copy", "decorate", "include", "instance", "intercept", "register", "remove", "replace", "scan",
        "scope_value", "scoped", "settings", "singleton", "transient", "validate_call",
    }
)  # fmt: skip
_MADE: Mapping[tuple[Value, str], Value] = {
    (COLLECTION, "build"): CONTAINER,
    (CONTAINER, "scope"): SCOPE,
    (SCOPE, "scope"): SCOPE,
    (SCOPE, "fork"): SCOPE,
}


def last_name(node: ast.expr | None) -> str:
    """Give ``c`` of ``a.b.c``; empty for other expressions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def parsed_annotation(text: str) -> ast.expr | None:
    """Parse a string annotation; ``None`` when it is no expression."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None


def made_by(owner: Value | None, method: str) -> Value | None:
    """Give what a method of ours returns; ``None`` for other methods."""
    if owner is None:
        return None
    if owner == COLLECTION and method in _CHAINED:
        return COLLECTION
    return _MADE.get((owner, method))


def given_by_call(value: Value) -> Value | None:
    """Give what calling an object of ours returns: of a ``ScopeFactory`` a scope, of a ``Provider[T]`` a ``T``."""
    if value == SCOPE_FACTORY:
        return SCOPE
    return value.inner if value.name.rpartition(".")[2] in {"Provider", "AsyncProvider", "Factory"} else None


def given_by_attribute(value: Value, name: str) -> Value | None:
    """Give what ``value`` of a ``Lazy[T]`` or ``Owned[T]`` is."""
    return value.inner if name == "value" else None
