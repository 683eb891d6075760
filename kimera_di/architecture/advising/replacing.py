"""Advice that changes what the importer knows: an interface in place of a class, or moving what it needs down.

In: a `Verdict` that allows nothing cheaper. Out: an `Advice` with the protocol to create, the lines to change and the
registration to add. Writes no file.
"""

from collections.abc import Iterator, Sequence

from kimera_di.architecture.advising.advice import Advice
from kimera_di.architecture.advising.class_sources import Thing, thing_of
from kimera_di.architecture.advising.instances import InstanceUses, instance_uses
from kimera_di.architecture.advising.project import Project
from kimera_di.architecture.advising.protocols import ProtocolText, protocol_name, write_protocol
from kimera_di.architecture.advising.sources import Definition, Source, Sources
from kimera_di.architecture.advising.type_names import TypeNames
from kimera_di.architecture.advising.uses import Use
from kimera_di.architecture.advising.verdicts import Verdict
from kimera_di.architecture.model.module_graph import Pair
from kimera_di.architecture.model.patterns import covers
from kimera_di.rendering import show_place

_SHOWN = 4
_WORDS = {
    "data": "data",
    "exception": "exception",
    "interface": "interface",
    "function": "function",
    "constant": "constant",
    "class": "class",
    "unknown": "not found in the source",
}


class Replacing:
    """Advice about one import.

    Args:
        sources: The modules of the graph.
        project: Layers and composition root.
        source: The importer.
        pair: Importer and imported.
        verdict: What the import is used for.
    """

    def __init__(self, sources: Sources, project: Project, source: Source, pair: Pair, verdict: Verdict) -> None:
        self._sources, self._project, self._source = sources, project, source
        self._importer, self._imported = pair
        self._verdict = verdict
        names = [use.member for use in verdict.uses] or [binding.member for binding in verdict.bindings]
        self._found = {
            name: sources.definition(self._imported, name) if name else None for name in dict.fromkeys(names)
        }
        self._things: dict[str, Thing] = {name: thing_of(each, sources) for name, each in self._found.items()}

    def advice(self, notes: Sequence[str]) -> Advice:
        """Give the advice: an interface where the importer uses a class that it neither extends nor catches.

        Args:
            notes: Why nothing cheaper is advised.

        Returns:
            The advice; about the first such class by name, with a note about others.
        """
        uses = {name: self._instances(name) for name in sorted(self._things) if self._replaceable(name)}
        classes = sorted((name for name in uses if uses[name].members), key=lambda name: -len(uses[name].members))
        if not classes:
            alone = [f"no member of {name} is used on an instance, so an interface would be empty" for name in uses]
            return self._move([*notes, *alone])
        name = classes[0]
        found = self._found[name]
        rest = [other for other in sorted(self._things) if other and other != name]
        more = [f"the same for {', '.join(classes[1:])}, one interface each"] if classes[1:] else []
        others = [self._named(other) for other in rest if other not in classes]
        more += [f"{', '.join(others)}: move to {self._low_place(others)}"] if others else []
        return self._interface(name, found, uses[name], [*notes, *more]) if found is not None else self._move(notes)

    def _replaceable(self, name: str) -> bool:
        extended = any(use.member == name and use.role == "base" for use in self._verdict.uses)
        return self._things[name] == "class" and not extended

    def _instances(self, name: str) -> InstanceUses:
        spellings = {
            binding.path if binding.member else (*binding.path, name)
            for binding in self._verdict.bindings
            if binding.member in {"", name}
        }
        outer = {use.outer for use in self._verdict.uses if use.member == name and use.place != "guarded"}
        return instance_uses(self._source.tree, spellings, None if "" in outer else outer)

    def _interface(self, name: str, found: Definition, uses: InstanceUses, notes: Sequence[str]) -> Advice:
        place = self._place()
        interface = protocol_name(found.name)
        names = TypeNames(self._sources, self._may_import, (found, interface))
        protocol = write_protocol(found, uses.members, self._importer, self._sources, names)
        members = sorted({use.name for use in uses.members})
        where = "here" if place == self._importer else f"in {place}"
        text = f"extract an interface: {where}, {interface} with {_listed(members)}"
        return Advice(
            "interface",
            f"{text}; {found.name} is bound to it in {self._project.root or 'the composition root'}",
            protocol.code,
            place,
            tuple(self._changes(name, interface, place, uses)),
            self._registration(interface, found, place),
            (*notes, *_doubts(name, protocol, uses)),
        )

    def _place(self) -> str:
        """Give the module for the interface: one of the importer's layer, or the importer itself."""
        home = self._project.home_of(self._importer)
        return self._importer if home in {"", self._importer} else f"{home}.ports"

    def _may_import(self, module: str) -> bool:
        """Say whether the interface may name a type of a module: never what the importer has to forget."""
        if covers(self._imported, module) or module == self._importer:
            return False
        if self._project.home_of(module):
            return self._project.allows(self._importer, module)
        return module in self._sources.graph.imports.get(self._importer, {})

    def _registration(self, interface: str, found: Definition, place: str) -> str:
        root = self._project.root or "the composition root"
        return (
            f"# in {root}; singleton, scoped or transient is for you to choose\n"
            f"from {place} import {interface}\n"
            f"from {found.source.module} import {found.name}\n\n"
            f"services.singleton({interface}, {found.name})\n"
        )

    def _changes(self, name: str, interface: str, place: str, uses: InstanceUses) -> Iterator[str]:
        file = self._source.file
        for line in sorted({binding.line for binding in self._verdict.bindings if binding.member in {"", name}}):
            new = f"replace by: from {place} import {interface}" if place != self._importer else f"take {name} out"
            yield f"{show_place(file, line)}  {new}"
        noted = {use.line for use in self._verdict.uses if use.member == name and use.place == "annotation"}
        for line in sorted(noted):
            yield f"{show_place(file, line)}  annotate with {interface}"
        for line in uses.created:
            yield f"{show_place(file, line)}  creates one: take it as a parameter, annotated with {interface}"
        yield from self._other_changes(name, noted | set(uses.created))

    def _other_changes(self, name: str, told: set[int]) -> Iterator[str]:
        words = {"checked": "asks for the class", "caught": "catches it", "base": "extends it"}
        for use in self._verdict.uses:
            if use.member == name and use.place in {"function", "load"} and use.line not in told:
                told.add(use.line)
                how = words.get(use.role, "uses the class itself")
                yield f"{show_place(self._source.file, use.line)}  {how}: let the interface offer what this needs"

    def _move(self, notes: Sequence[str]) -> Advice:
        named = [self._named(name) for name in sorted(self._things) if name]
        if not named:
            text = f"the module {self._imported} itself is used: pass what is needed of it as a parameter, or"
            return Advice(
                "move", f"{text} move it below {self._importer}", changes=self._used_lines(), notes=tuple(notes)
            )
        place, shown = self._low_place(named)
        text = f"move {_listed(named)} to {shown}, and import it from there on both sides"
        return Advice("move", text, place=place, changes=self._used_lines(), notes=tuple(notes))

    def _named(self, name: str) -> str:
        extended = any(use.member == name and use.role == "base" for use in self._verdict.uses)
        return f"{name} ({'base class' if extended else _WORDS[self._things[name]]})"

    def _low_place(self, named: Sequence[str]) -> tuple[str, str]:
        """Give a module to move to, or nothing where none can be named, and how the text says it."""
        home = self._project.home_of(self._importer)
        if home and not self._project.allows(self._imported, home):
            home = ""  # independent siblings, or a layer that is not below the other one
        if home == self._importer:
            return home, f"the layer {home}"
        last = "errors" if all("(exception)" in name for name in named) else self._imported.rpartition(".")[2]
        place = f"{home}.{last}"
        if not home or place in {self._importer, self._imported}:
            return "", "a module that imports neither of the two"
        return place, place

    def _used_lines(self) -> tuple[str, ...]:
        uses: dict[int, Use] = {use.line: use for use in reversed(self._verdict.uses)}
        lines = [
            f"{show_place(self._source.file, line)}  {uses[line].member or self._imported}" for line in sorted(uses)
        ]
        more = [f"and {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
        return (*lines[:_SHOWN], *more)


def _doubts(name: str, protocol: ProtocolText, uses: InstanceUses) -> Iterator[str]:
    if protocol.unknown:
        yield f"no source tells the signature of {', '.join(protocol.unknown)}: Any stands there"
    for left_out in protocol.left_out:
        yield f"{left_out} is Any there, because the interface may not import it: move it down, or give it an interface"
    for function, line in uses.handed_on[:_SHOWN]:
        yield f"line {line} hands {name} on to {function}: what that uses belongs into the interface as well"
    if uses.class_members:
        used = ", ".join(sorted(set(uses.class_members)))
        yield f"{used} is used on the class itself, which an interface of its instances does not cover"


def _listed(names: Sequence[str]) -> str:
    more = f" (and {len(names) - _SHOWN} more)" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
