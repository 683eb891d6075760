"""What a provider of dependency-injector is given, as Python expressions of a program of ours.

In: the injections of providers. Out: expressions, the parameters they need, the imports they need; or the reason why
there is no expression. Calls no provider. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from keyword import iskeyword
from pathlib import Path, PurePath
from typing import Any

from dependency_injector import providers

from kimera_di.integrations.dependency_injector_graph import AnyProvider
from kimera_di.rendering import short_name

_LITERALS = (bool, int, float, complex, str, bytes, type(None), type(...))


class UntranslatableError(Exception):
    """There is no expression; internal, becomes a comment of the program.

    Args:
        why: The reason.
        do_this: What the reader can do.
    """

    def __init__(self, why: str, do_this: str) -> None:
        super().__init__(why)
        self.why: str = why
        self.do_this: str = do_this


@dataclass(slots=True)
class Imports:
    """The import statements of a program."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """What a name in the program means: module and name there."""
    own: set[str] = field(default_factory=set[str])
    """Names that the program itself defines."""

    def fresh(self, name: str) -> str:
        """Give a name for something that the program defines: this one, or one like it that is not taken."""
        number, wanted = 2, name
        while wanted in self.own or wanted in self.names:
            wanted, number = f"{name}{number}", number + 1
        self.own.add(wanted)
        return wanted

    def name(self, module: str, name: str) -> str:
        """Give the name under which a thing of a module can be used, importing it unless that was done."""
        if module == "builtins":
            return name
        head, dot, rest = name.partition(".")
        local = head
        if local in self.own or self.names.get(local, (module, head)) != (module, head):
            local = f"{module.replace('.', '_')}_{head}"
        self.names[local] = (module, head)
        return f"{local}{dot}{rest}"

    def thing(self, thing: Any) -> str:
        """Import a class or function.

        Raises:
            UntranslatableError: It has no name that another module could import.
        """
        home = getattr(thing, "__objclass__", thing)  # str.upper knows its class only
        module, name = getattr(home, "__module__", None), getattr(thing, "__qualname__", None)
        found: Any = sys.modules.get(module) if isinstance(module, str) else None
        for part in name.split(".") if isinstance(name, str) else ():
            found = getattr(found, part, None)
        if found is None or module is None or name is None or not _is_same(found, thing):
            shown = "a lambda" if name is not None and "<lambda>" in name else short_name(thing)
            raise UntranslatableError(
                f"{shown} cannot be imported by name", "define it at the top of a module, and run the command again"
            )
        if module == "__main__":
            raise UntranslatableError(f"{name} stands in a program", "move it to a module that can be imported")
        return self.name(module, name)

    def lines(self) -> list[str]:
        """Write the statements, sorted; one per module."""
        by_module: dict[str, list[str]] = {}
        for local, (module, name) in self.names.items():
            by_module.setdefault(module, []).append(name if local == name else f"{name} as {local}")
        return [_import_line(module, sorted(names)) for module, names in sorted(by_module.items())]


@dataclass(slots=True)
class Injection:
    """Expressions for the injections of one provider, and the parameters they use.

    Args:
        imports: Of the program.
        service_of: Gives what a provider is asked for by in the program, as an annotation, and a name for it.
        config_of: Gives the name of the type of a configuration in the program.
        registered: The types that the program registers.
    """

    imports: Imports
    service_of: Callable[[AnyProvider], tuple[str, str]]
    config_of: Callable[[AnyProvider], str]
    registered: frozenset[Any] = frozenset()
    """The types that a parameter with a default would be filled with."""
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    """Annotations by parameter name."""

    def expression(self, value: Any) -> str:
        """Write what is injected.

        Args:
            value: A provider or any object.

        Returns:
            An expression over the parameters.

        Raises:
            UntranslatableError: There is none.
        """
        return self._provided(value) if providers.is_provider(value) else self._literal(value)

    def call(self, function: str, args: "tuple[Any, ...]", kwargs: Mapping[str, Any]) -> str:
        """Write a call with injections as arguments."""
        given = [self.expression(each) for each in args]
        given += [f"{name}={self.expression(each)}" for name, each in kwargs.items()]
        return f"{function}({', '.join(given)})"

    def _provided(self, provider: AnyProvider) -> str:
        provider = followed(provider)
        if isinstance(provider, providers.TypedConfigurationOption):
            return self.call(self.imports.thing(provider.provides), provider.args, provider.kwargs)
        if isinstance(provider, providers.ConfigurationOption | providers.Configuration):
            return self._configured(provider)
        if isinstance(provider, providers.List):
            return f"[{', '.join(self.expression(each) for each in provider.args)}]"
        if isinstance(provider, providers.Dict):
            items = provider.kwargs.items()
            return f"{{{', '.join(f'{self._literal(key)}: {self.expression(value)}' for key, value in items)}}}"
        return self._taken(provider) if isinstance(provider, _TAKEN) else self._asked(provider)

    def _taken(self, provider: Any) -> str:
        """Write what is taken out of an object: an attribute, an item, the result of a method."""
        source = self.expression(provider.provides)
        if isinstance(provider, providers.AttributeGetter):
            return f"{source}.{provider.name}"
        if isinstance(provider, providers.ItemGetter):
            return f"{source}[{self.expression(provider.name)}]"
        return source if isinstance(provider, providers.ProvidedInstance) else self._method(provider, source)

    def _method(self, provider: Any, method: str) -> str:
        return self.call(method, provider.args, provider.kwargs)

    def _asked(self, provider: AnyProvider) -> str:
        if isinstance(provider, providers.Container | providers.DependenciesContainer | providers.Self):
            raise UntranslatableError("it is given a whole container", "give it the services it takes from there")
        if isinstance(provider, providers.Aggregate):
            raise UntranslatableError(
                "it is given an aggregate, which is called with a name",
                "let it ask for Mapping[str, T], whose items are registered with the names as keys",
            )
        if isinstance(provider, providers.Delegate) or providers.is_delegated(provider):
            wanted: Any = provider.provides if isinstance(provider, providers.Delegate) else provider
            bound = self._bound(followed(wanted))
            if bound:
                return bound
            annotation, name = self.service_of(followed(wanted))
            return self._parameter(f"{name}_provider", f"{self.imports.name('kimera_di', 'Provider')}[{annotation}]")
        if isinstance(provider, providers.Object):
            try:
                return self._literal(provider.provides)
            except UntranslatableError:
                pass  # an object that nobody can write down is asked for like any other service
        annotation, name = self.service_of(provider)
        return self._parameter(name, annotation)

    def _bound(self, wanted: Any) -> str:
        """Write a factory that is passed on as a callable; "" when each call would build what it is given anew."""
        if not isinstance(wanted, providers.Factory | providers.Callable) or getattr(wanted, "attributes", None):
            return ""
        given = [*wanted.args, *wanted.kwargs.values()]
        lasting = (providers.BaseSingleton, providers.BaseResource, providers.ConfigurationOption, providers.Object)
        if any(providers.is_provider(each) and not isinstance(each, lasting) for each in given):
            return ""
        made = self.imports.thing(wanted.provides)
        if not given:
            return made
        inner = self.call("", wanted.args, wanted.kwargs)[1:-1]
        return f"{self.imports.name('functools', 'partial')}({made}, {inner})"

    def _configured(self, option: Any) -> str:
        """``config["db"]["url"]``; an option of a nested container is read where it comes from."""
        segments: tuple[Any, ...] = ()
        while isinstance(option, providers.ConfigurationOption):
            segments = (*option.get_name_segments(), *segments)
            option = followed(option._get_root())
        annotation = self.config_of(option)
        name = self._parameter(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", annotation).lower(), annotation)
        return name + "".join(f"[{self.expression(each)}]" for each in segments)

    def _parameter(self, name: str, annotation: str) -> str:
        name = f"{name}_" if iskeyword(name) or name in self.imports.names else name
        number = 2
        wanted = name
        while self.parameters.get(wanted, annotation) != annotation:
            wanted, number = f"{name}{number}", number + 1
        self.parameters[wanted] = annotation
        return wanted

    def _literal(self, value: Any) -> str:
        if isinstance(value, Enum):
            return f"{self.imports.thing(type(value))}.{value.name}"
        if type(value) in _LITERALS:
            return quoted(value)
        if type(value) in {list, tuple, set}:
            items = [self.expression(each) for each in value]
            if type(value) is tuple:
                return f"({', '.join(items)}{',' * (len(items) == 1)})"
            items = sorted(items) if type(value) is set else items  # the same text for every hash seed
            opened, closed = ("[", "]") if type(value) is list else ("{", "}")
            return f"{opened}{', '.join(items)}{closed}" if items or type(value) is list else "set()"
        if type(value) is dict:
            return f"{{{', '.join(f'{self._literal(k)}: {self.expression(v)}' for k, v in value.items())}}}"
        if isinstance(value, PurePath):
            kind = "Path" if isinstance(value, Path) else type(value).__name__  # PosixPath is for one system only
            return f"{self.imports.name('pathlib', kind)}({quoted(str(value))})"
        if isinstance(value, type) or hasattr(value, "__qualname__"):
            return self.imports.thing(value)
        raise UntranslatableError(
            f"an object of {short_name(type(value))} cannot be written down",
            "register it: services.instance(T, the_object)",
        )


_WIDTH = 120
_TAKEN = (providers.ProvidedInstance, providers.AttributeGetter, providers.ItemGetter, providers.MethodCaller)


def quoted(value: object) -> str:
    """Write a literal as formatters like it, with double quotes."""
    text = repr(value)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text


def _import_line(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def followed(provider: AnyProvider) -> AnyProvider:
    """Give what is called in the end: through overrides, and dependencies that another container fills."""
    while True:
        further = provider.last_overriding
        if further is None and isinstance(provider, providers.Dependency):
            further = provider.default
        if further is None:
            return provider
        provider = further


def _is_same(found: Any, thing: Any) -> bool:
    """A generator function stands in its module as it was written, decorated or not."""
    return found is thing or getattr(found, "__wrapped__", None) is thing
