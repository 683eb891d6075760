"""The program that ``kimera migrate`` writes: what was written so far, and how each service is called in it.

In: providers with their names. Out: annotations, interfaces and keys as text, and in the end the whole program. Calls
no provider. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dependency_injector import providers

from kimera_di.integrations.dependency_injector_expressions import (
    Imports,
    UntranslatableError,
    followed,
    quoted,
)
from kimera_di.integrations.dependency_injector_graph import (
    AnyProvider,
    NamedProvider,
    provided_type,
)
from kimera_di.rendering import short_name

_WIDTH = 116


@dataclass(slots=True)
class Program:
    """What was written so far."""

    imports: Imports = field(default_factory=Imports)
    types: dict[str, str] = field(default_factory=dict[str, str])
    """Names of new types, and the type below each."""
    factories: list[str] = field(default_factory=list[str])
    registrations: list[str] = field(default_factory=list[str])
    labels: dict[int, NamedProvider] = field(default_factory=dict[int, NamedProvider])
    """Every provider that is registered, by identity."""
    queue: list[NamedProvider] = field(default_factory=list[NamedProvider])
    shared_types: Counter[Any] = field(default_factory=Counter[Any])
    bases: Counter[str] = field(default_factory=Counter[str])
    """How many providers without a name were called after one."""
    unnamed: set[int] = field(default_factory=set[int])
    """Providers that no container lists: always asked for with a key, as others may have their type."""
    new_types: dict[int, str] = field(default_factory=dict[int, str])
    """By provider: the new type of what has no class."""
    configs: dict[int, str] = field(default_factory=dict[int, str])
    owner: str = ""
    """Name of the provider being written; providers without a name are called after it."""


def service_text(program: Program, provider: AnyProvider) -> tuple[str, str]:
    """Give the annotation that asks for a provider's service, and a name for a parameter."""
    if isinstance(provider, providers.Dependency):  # nobody fills it: the reader registers the type
        return program.imports.thing(provider.instance_of), snake_case(short_name(provider.instance_of))
    interface, key = interface_and_key(program, provider)
    name = snake_case(program.labels[id(provider)].name.rpartition(".")[2])
    if not key:
        return interface, name
    annotated, marker = program.imports.name("typing", "Annotated"), program.imports.name("kimera_di", "Key")
    return f"{annotated}[{interface}, {marker}({quoted(key)})]", name


def interface_and_key(program: Program, provider: AnyProvider) -> tuple[str, str]:
    """Give interface and key of a provider's service as text; a provider without a name gets one."""
    known = program.labels.get(id(provider))
    if known is None:
        kind = kind_of(provider)
        base = f"{program.owner}.{snake_case(short_name(kind) if kind is not None else type(provider).__name__)}"
        program.bases[base] += 1
        name = base if program.bases[base] == 1 else f"{base}{program.bases[base]}"
        known = program.labels[id(provider)] = NamedProvider(name, provider)
        program.queue.append(known)
        program.unnamed.add(id(provider))
    kind = kind_of(provider)
    if kind is not None:
        try:
            interface = program.imports.thing(kind)
        except UntranslatableError:
            kind = None
        else:
            return interface, known.name if program.shared_types[kind] > 1 or id(provider) in program.unnamed else ""
    if id(provider) not in program.new_types:
        program.new_types[id(provider)] = program.imports.fresh(_title(known.name))
    interface = program.new_types[id(provider)]
    program.types[interface] = "object"
    program.imports.name("typing", "NewType")
    return interface, ""


def config_type(program: Program, option: Any) -> str:
    """Give the name of the type of a configuration, which ``register`` takes."""
    known = program.configs.get(id(option))
    if known is None:
        label = program.labels[id(option)].name if id(option) in program.labels else option.get_name()
        known = program.imports.fresh(_title(label))
        program.configs[id(option)] = known
        program.types[known] = "dict[str, Any]"
        program.imports.name("typing", "NewType")
        program.imports.name("typing", "Any")
    return known


def kind_of(provider: AnyProvider) -> Any:
    """Give the class of what a provider gives; of a selector what its options share; ``None`` for unknown."""
    return _common(provider) if isinstance(provider, providers.Selector) else provided_type(provider)


def _common(provider: "providers.Selector[Any]") -> Any:
    """The nearest class that all options share."""
    kinds = [provided_type(followed(each)) for each in provider.providers.values()]
    if not all(isinstance(kind, type) for kind in kinds) or not kinds:
        return None
    shared = [cls for cls in kinds[0].__mro__ if all(issubclass(kind, cls) for kind in kinds)]
    return next((cls for cls in shared if cls.__module__ not in {"builtins", "abc", "typing"}), None)


def snake_case(name: str) -> str:
    """Write a name as those of functions and parameters are."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", re.sub(r"\W", "_", name))
    return words.lower().strip("_")


def _title(name: str) -> str:
    return "".join(part.title() for part in re.split(r"\W|_", name))


def program_text(program: Program, name: str, target: str) -> str:
    """Write the whole program.

    Args:
        program: With everything translated.
        name: Of the container's class.
        target: How the reader names the container.

    Returns:
        Imports, new types, factories, and the function ``register``.
    """
    program.imports.name("kimera_di", "ServiceCollection")
    configs = list(program.configs.values())
    parameters = ", ".join(["services: ServiceCollection", *(f"{snake_case(each)}: {each}" for each in configs)])
    supplied = [f"services.instance({each}, {snake_case(each)})" for each in configs]
    body = "\n".join([*supplied, *program.registrations, "return services"])
    needs = "".join(
        f" `{snake_case(each)}` is what {name}.{snake_case(each)} held; every option that is used must be in it."
        for each in configs
    )
    head = textwrap.fill(
        f'"""The registrations of {target}, written by `kimera migrate`: read them, then they are yours.{needs}"""',
        _WIDTH,
    )
    types = [f'{each} = NewType("{each}", {below})' for each, below in program.types.items()]
    function = f"def register({parameters}) -> ServiceCollection:\n" + textwrap.indent(
        f'"""Register what {name} provides."""\n{body}', "    "
    )
    parts = [f"{head}\n", "\n".join(program.imports.lines()), *(["\n" + "\n".join(types)] if types else [])]
    return "\n".join(parts) + "\n\n\n" + "\n\n\n".join([*program.factories, function]) + "\n"
