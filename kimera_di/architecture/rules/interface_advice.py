"""Say what to import instead of something internal.

In: an import that breaks an interface. Out: advice, which names what the exposed modules already offer. Parses the
importer and the exposed modules, each once; without sources only the general advice is left.
"""

from functools import cache

from kimera_di.architecture.model.module_graph import ModuleGraph
from kimera_di.architecture.reading.imported_names import ImportedName, imported_names
from kimera_di.architecture.rules.interface_parts import Interface

_HOMES_SHOWN = 3


class InterfaceAdvice:
    """Gives advice about the findings of one contract.

    Args:
        graph: Knows the files and the lines of imports.
    """

    def __init__(self, graph: ModuleGraph) -> None:
        self._graph = graph
        self._names = cache(self._read)

    def about(self, importer: str, imported: str, interface: Interface) -> str:
        """Say what to do about one import.

        Args:
            importer: A module outside of the package.
            imported: An internal module of the package.
            interface: The package.

        Returns:
            Where each name is offered, and unless that is all the importer takes, the ways out. Repeats
            neither module, so that a report says equal advice once for each package.
        """
        wanted = [each for each in self._names(importer) if each.source == imported]
        offers = {each.name: self._offered(imported, each.name, interface) for each in wanted}
        shown = ", ".join(f"{name} from {home}" for name, home in sorted(offers.items()) if home)
        lines = {line for line, _ in self._graph.imports.get(importer, {}).get(imported, ())}
        if shown and all(offers.values()) and lines <= {each.line for each in wanted}:
            return f"import {shown}"
        homes = " or ".join(interface.exposed[:_HOMES_SHOWN])
        more = f" (and {len(interface.exposed) - _HOMES_SHOWN} more)" if len(interface.exposed) > _HOMES_SHOWN else ""
        ways = f"let {homes}{more} offer what is needed, or list the importer under friends or the module under exposes"
        return f"import {shown}; for the rest {ways}" if shown else ways

    def _offered(self, internal: str, name: str, interface: Interface) -> str:
        """Give the exposed module that offers a name, with the name it has there when that differs."""
        meant = self._origin(internal, name)
        for home in interface.exposed:
            for each in self._names(home):
                taken = name if each.name == "*" else each.name
                if self._origin(each.source, taken) == meant:
                    alias = taken if each.name == "*" else each.alias
                    return home if alias == name else f"{home}, where it is called {alias}"
        return ""

    def _origin(self, module: str, name: str) -> tuple[str, str]:
        """Follow a name through the modules that hand it on, to the one that does not import it."""
        seen: set[tuple[str, str]] = set()
        while (module, name) not in seen:
            seen.add((module, name))
            for each in self._names(module):
                if each.alias == name and each.name != "*":
                    module, name = each.source, each.name
                    break
        return module, name

    def _read(self, module: str) -> tuple[ImportedName, ...]:
        file = self._graph.file_of(module)
        return () if file is None else imported_names(module, file)
