"""Know which expressions are a container or a scope, from the source alone.

In: the sources of a project, parsed on demand. Out: for a dotted name or expression the class it is an instance
of, as far as annotations, imports and plain assignments tell. Runs no user code and never guesses by the
name of a method: what is not known is ``None``.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from kimera_di.composition.bindings import Binding, Function, Module, Source, bind_names, read_module
from kimera_di.composition.known_values import (
    ENTERING,
    MANAGED,
    OURS,
    PACKAGE,
    TRANSPARENT,
    Value,
    What,
    given_by_attribute,
    given_by_call,
    last_name,
    made_by,
    parsed_annotation,
)

Frame = dict[str, Value | None]
SelfAssignments = Callable[["Project", Module, ast.ClassDef, str], Iterator[tuple[str, Value | None]]]
"""Yields what the methods of a class assign to attributes of ``self``."""
ReturnedValues = Callable[["Project", Module, Function], set[Value | None]]
"""Gives what a function without a return annotation returns."""


class Project:
    """All modules of the checked packages; each is parsed at most once, and only when a name leads to it."""

    def __init__(
        self, sources: Iterable[Source], self_assignments: SelfAssignments, returned_values: ReturnedValues
    ) -> None:
        self._sources = {source.name: source for source in sources}
        self._self_assignments, self._returned_values = self_assignments, returned_values
        self._returns: dict[str, Value | None] = {}
        self._modules: dict[str, Module | None] = {}
        self._classes: dict[str, tuple[Module, ast.ClassDef]] = {}
        self._functions: dict[str, tuple[Module, Function]] = {}
        self._attributes: dict[str, Frame] = {}
        self._busy: set[tuple[str, str]] = set()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every module, in the order they were given."""
        return tuple(self._sources.values())

    def module(self, name: str) -> Module | None:
        """Parse a module; ``None`` when the project has no such module or it does not parse."""
        if name not in self._modules:
            source = self._sources.get(name)
            self._modules[name] = None if source is None else read_module(source)
        return self._modules[name]

    def class_source(self, name: str) -> tuple[Module, ast.ClassDef] | None:
        """Find where a class is written, by the dotted name that it is defined under."""
        self.lookup(name)
        return self._classes.get(name)

    def lookup(self, dotted: str) -> Value | None:
        """Find what an absolute dotted name stands for."""
        parent, _, name = dotted.rpartition(".")
        if dotted.partition(".")[0] == PACKAGE:
            ours = OURS.get(name)
            return Value(What.CLASS, ours.name) if ours else Value(What.MODULE, dotted)
        if not parent:
            return Value(What.MODULE, dotted) if dotted in self._sources else None
        owner = self.lookup(parent)
        return None if owner is None else self.attribute(owner, name)

    def attribute(self, owner: Value, name: str) -> Value | None:
        """Find what ``owner.name`` stands for."""
        if owner.what is What.MODULE:
            return self._module_attribute(owner.name, name)
        if owner.inner is not None:
            return given_by_attribute(owner, name)
        if owner.what in {What.CLASS, What.INSTANCE}:
            return self._class_attribute(owner.name, name, frozenset())
        return None

    def annotated(self, node: ast.expr | None, module: Module, frames: "Frames") -> Value | None:
        """Give the instance an annotation promises: ``T``, ``"T"``, ``T | None``, ``Annotated[T, ...]``."""
        match node:
            case ast.Constant(value=str() as text):
                return self.annotated(parsed_annotation(text), module, frames)
            case ast.Name() | ast.Attribute():
                value = self.value_of(node, module, frames)
                return Value(What.INSTANCE, value.name) if value and value.what is What.CLASS else None
            case ast.BinOp(op=ast.BitOr()):
                return self.annotated(node.left, module, frames) or self.annotated(node.right, module, frames)
            case ast.Subscript() if last_name(node.value) in TRANSPARENT:
                inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                members = inner[:1] if last_name(node.value) == "Annotated" else inner
                return next((v for v in (self.annotated(m, module, frames) for m in members) if v), None)
            case ast.Subscript():
                return self._relation(node, module, frames)
            case _:
                return None

    def value_of(self, node: ast.expr, module: Module, frames: "Frames") -> Value | None:
        """Say what an expression is.

        Args:
            node: The expression.
            module: The module it stands in.
            frames: The local names around it.

        Returns:
            What it is known to be, else ``None``.
        """
        match node:
            case ast.Name(id=name):
                known, value = frames.find(name)
                return value if known else self._module_attribute(module.source.name, name)
            case ast.Attribute(value=inner, attr=name):
                owner = self.value_of(inner, module, frames)
                return None if owner is None else self.attribute(owner, name)
            case ast.Call():
                return self._call(node, module, frames)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Subscript(value=inner):
                value = self.value_of(inner, module, frames)
                return value if not isinstance(node, ast.Subscript) or (value and value.what is What.CLASS) else None
            case ast.IfExp(body=first, orelse=second):
                return self.value_of(first, module, frames) or self.value_of(second, module, frames)
            case ast.BoolOp(values=values):
                return next((v for v in (self.value_of(item, module, frames) for item in values) if v), None)
            case _:
                return None

    def define_class(self, dotted: str, module: Module, node: ast.ClassDef) -> Value:
        """Make a class known by its dotted name."""
        self._classes.setdefault(dotted, (module, node))
        return Value(What.CLASS, dotted)

    def define_function(self, dotted: str, module: Module, node: Function) -> Value:
        """Make a function known by its dotted name."""
        self._functions.setdefault(dotted, (module, node))
        return Value(What.FUNCTION, dotted)

    def _call(self, node: ast.Call, module: Module, frames: "Frames") -> Value | None:
        if last_name(node.func) == "cast" and node.args:
            return self.annotated(node.args[0], module, frames)
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in ENTERING and node.args:
                return self.value_of(node.args[0], module, frames)
            made = made_by(self.value_of(node.func.value, module, frames), node.func.attr)
            if made is not None:
                return made
        called = self.value_of(node.func, module, frames)
        if called is None:
            return None
        if called.what is What.CLASS:
            return Value(What.INSTANCE, called.name)
        return given_by_call(called) if called.what is What.INSTANCE else self._returned(called)

    def _relation(self, node: ast.Subscript, module: Module, frames: "Frames") -> Value | None:
        """``Lazy[Scope]``, ``Provider[Scope]``, ``Factory[[int], Owned[Scope]]``."""
        kind = self.value_of(node.value, module, frames)
        if kind is None or kind.name.rpartition(".")[0] != PACKAGE:
            return None
        inner = node.slice.elts[-1] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        return Value(What.INSTANCE, kind.name, self.annotated(inner, module, frames))

    def _returned(self, function: Value) -> Value | None:
        if function.name not in self._functions:
            return None
        module, node = self._functions[function.name]
        if last_name(node.returns) == "Self":
            return Value(What.INSTANCE, function.name.rpartition(".")[0])
        if node.returns is None:
            return self._inferred(function.name, module, node)
        entered = {last_name(decorator) for decorator in node.decorator_list} & MANAGED
        if entered and isinstance(node.returns, ast.Subscript):  # what `with` gives is all that anybody sees of it
            yields = node.returns.slice
            first = yields.elts[0] if isinstance(yields, ast.Tuple) and yields.elts else yields
            return self.annotated(first, module, Frames())
        return self.annotated(node.returns, module, Frames())

    def _inferred(self, name: str, module: Module, node: Function) -> Value | None:
        if name not in self._returns:
            self._returns[name] = None  # a function that calls itself
            values = self._returned_values(self, module, node)
            self._returns[name] = values.pop() if len(values) == 1 else None
        return self._returns[name]

    def _module_attribute(self, module_name: str, name: str) -> Value | None:
        if module_name.partition(".")[0] == PACKAGE and module_name not in self._sources:
            return self.lookup(f"{module_name}.{name}")
        module = self.module(module_name)
        if module is not None and name in module.names:
            return self._bound(f"{module_name}.{name}", module.names[name], module)
        if f"{module_name}.{name}" in self._sources:
            return Value(What.MODULE, f"{module_name}.{name}")
        for star in module.stars if module is not None else ():
            found = self._guarded(star, name, partial(self.lookup, f"{star}.{name}"))
            if found is not None:
                return found
        return None

    def _bound(self, dotted: str, binding: Binding, module: Module) -> Value | None:
        node = binding.node
        if binding.kind == "import":
            # A package that imports its own submodule binds the submodule, not itself again.
            if binding.dotted == dotted and dotted in self._sources:
                return Value(What.MODULE, dotted)
            return self._guarded(dotted, "", partial(self.lookup, binding.dotted))
        if isinstance(node, ast.ClassDef):
            return self.define_class(dotted, module, node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self.define_function(dotted, module, node)
        if not isinstance(node, ast.expr):
            return None
        read = self.annotated if binding.kind == "annotation" else self.value_of
        return self._guarded(dotted, "", partial(read, node, module, Frames()))

    def _guarded(self, owner: str, name: str, find: Callable[[], Value | None]) -> Value | None:
        """Follow a name unless it is being followed already: ``a`` imported from ``b`` imported from ``a``."""
        if (owner, name) in self._busy:
            return None
        self._busy.add((owner, name))
        try:
            return find()
        finally:
            self._busy.discard((owner, name))

    def _class_attribute(self, class_name: str, name: str, seen: frozenset[str]) -> Value | None:
        if class_name not in self._classes or class_name in seen:
            return None
        module, node = self._classes[class_name]
        attributes = self._attributes_of(class_name, module, node)
        if name in attributes:
            return attributes[name]
        for base in node.bases:
            parent = self.value_of(base, module, Frames())
            found = self._class_attribute(parent.name, name, seen | {class_name}) if parent else None
            if found is not None:
                return found
        return None

    def _attributes_of(self, class_name: str, module: Module, node: ast.ClassDef) -> Frame:
        if class_name in self._attributes:
            return self._attributes[class_name]
        attributes: Frame = {}
        self._attributes[class_name] = attributes
        for name, binding in bind_names(node.body, module.source).items():
            if not binding.is_none:
                attributes[name] = self._member(f"{class_name}.{name}", binding, module)
        declared = frozenset(attributes)
        assigned: dict[str, set[Value | None]] = {}
        for name, value in self._self_assignments(self, module, node, class_name):
            if name not in declared:
                values = assigned.setdefault(name, set())
                values.add(value)
                attributes[name] = value if len(values) == 1 else None
        return attributes

    def _member(self, dotted: str, binding: Binding, module: Module) -> Value | None:
        value = self._bound(dotted, binding, module)
        decorators = {last_name(item) for item in getattr(binding.node, "decorator_list", ())}
        is_property = not decorators.isdisjoint({"property", "cached_property"})
        return self._returned(value) if value is not None and is_property else value


class Frames:
    """Local names, innermost last; a name that is known to be nothing of ours hides the outer ones."""

    def __init__(self, *frames: Frame) -> None:
        self.stack: list[Frame] = list(frames)

    def find(self, name: str) -> tuple[bool, Value | None]:
        """Look a name up: whether it is local, and what it is."""
        for frame in reversed(self.stack):
            if name in frame:
                return True, frame[name]
        return False, None
