"""Write the registrations that do what a container of dependency-injector does, as a Python program.

In: a container. Out: text: imports, factories, and a function ``register`` that takes a collection; what cannot be
translated is a comment with the reason and what to do. Calls no provider. See docs/decisions/0019.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# The library's own annotations leave the type arguments of providers out.

from typing import Any

from dependency_injector import providers

from kimera_di.integrations.dependency_injector_expressions import (
    Injection,
    UntranslatableError,
    followed,
    quoted,
)
from kimera_di.integrations.dependency_injector_factories import (
    Factory,
    closes,
    direct,
    refuse_open_parameters,
    written,
)
from kimera_di.integrations.dependency_injector_graph import (
    AnyContainer,
    AnyProvider,
    NamedProvider,
    container_name,
    named_providers,
    provided_type,
    with_members,
)
from kimera_di.integrations.dependency_injector_program import (
    Program,
    config_type,
    interface_and_key,
    kind_of,
    program_text,
    service_text,
    snake_case,
)
from kimera_di.rendering import short_name

_PER_THREAD = providers.ThreadLocalSingleton
_PER_TASK = (providers.ContextLocalSingleton, providers.ContextLocalResource)
_SILENT = (providers.Configuration, providers.Dependency, providers.Delegate, providers.Aggregate)
_EXPRESSIONS = (
    providers.List,
    providers.Dict,
    providers.ConfigurationOption,
    providers.ProvidedInstance,
    providers.AttributeGetter,
    providers.ItemGetter,
    providers.MethodCaller,
)
_OPTIONS = (*_SILENT, providers.ConfigurationOption, providers.TypedConfigurationOption)


def migration(container: AnyContainer, target: str) -> str:
    """Write the registrations of a container.

    Args:
        container: A declarative or dynamic container, or the class of one.
        target: How the reader names it: ``shop.containers:Container``.

    Returns:
        The program; equal containers give equal text. O(providers).
    """
    program = Program()
    found = with_members(named_providers(container))
    program.labels.update((id(each.provider), each) for each in found)
    found += [NamedProvider(each.name, used) for each in found if (used := _unnamed_override(program, each))]
    for each in found:
        program.labels[id(each.provider)] = each
        program.queue.append(each)
        if followed(each.provider) is each.provider and not isinstance(each.provider, _SILENT):
            program.shared_types[kind_of(each.provider)] += 1
    while program.queue:
        _translate(program, program.queue.pop(0))
    return program_text(program, container_name(container), target)


def _unnamed_override(program: Program, each: NamedProvider) -> "AnyProvider | None":
    """What is used in the place of a provider and has no name of its own gets the name of the provider."""
    target = followed(each.provider)
    if id(target) in program.labels or isinstance(target, _OPTIONS):
        return None
    return target


def _translate(program: Program, each: NamedProvider) -> None:
    provider = each.provider
    program.owner = each.name
    remark = _silent(program, each)
    if remark is not None:
        program.registrations.extend(f"# {each.name}: {text}" for text in (remark,) if text)
        return
    known = dict(program.imports.names), dict(program.types)
    try:
        if isinstance(provider, providers.Selector):
            _selector(program, each, provider)
        elif isinstance(provider, providers.Object):
            _object(program, provider)
        else:
            _built(program, each)
    except UntranslatableError as error:
        program.imports.names, program.types = known
        program.registrations.append(f"# {each.name}: not translated, {error.why}\n#   do this: {error.do_this}")


def _silent(program: Program, each: NamedProvider) -> str | None:
    """Say what to tell of a provider that is not registered; ``None`` for one that is."""
    provider, target = each.provider, followed(each.provider)
    if target is not provider:
        is_plain = isinstance(provider, providers.Dependency | providers.Configuration)
        known = program.labels.get(id(target), each)
        return "" if is_plain else f"overridden by {known.name if known.name != each.name else 'another provider'}"
    if isinstance(provider, providers.Dependency):
        return f"nobody provides it; register {short_name(provider.instance_of)}"
    if isinstance(provider, providers.Delegate):
        return "a provider as such; ask for Provider[T]"
    if isinstance(provider, providers.Aggregate):
        return "one service per member, with its name as the key; Mapping[str, T] gives them all"
    return "" if isinstance(provider, providers.Configuration) else None


def _built(program: Program, each: NamedProvider) -> None:
    provider = each.provider
    injection = _injection(program)
    interface, key = interface_and_key(program, provider)
    lifetime, remark = _lifetime(provider)
    made: Any = getattr(provider, "provides", None)
    if made is None and not isinstance(provider, _EXPRESSIONS):
        raise UntranslatableError(f"nothing says what {type(provider).__name__} provides", "register it by hand")
    refuse_open_parameters(provider)
    maker = direct(provider, injection, interface)
    if maker is None:
        gives = program.imports.name("typing", "Any") if interface in program.types else interface
        factory = Factory(program.imports.fresh(f"make_{snake_case(each.name)}"), gives)
        program.factories.append("\n".join(written(provider, injection, factory)))
        maker = factory.name
    arguments = [interface, *([maker] if maker != interface else []), *([f"key={quoted(key)}"] if key else [])]
    if lifetime != "transient" and not closes(provider) and _looks_closable(provided_type(provider)):
        arguments.append("on_close=None")
        remark = remark or f"nobody closed it before; on_close={interface}.close would"
    line = f"services.{lifetime}({', '.join(arguments)})"
    program.registrations.append(f"# {each.name}: {remark}\n{line}" if remark else line)


def _object(program: Program, provider: "providers.Object[Any]") -> None:
    value = _injection(program).expression(provider.provides)
    interface, key = interface_and_key(program, provider)
    program.registrations.append(f"services.instance({interface}, {value}{f', key={quoted(key)}' if key else ''})")


def _selector(program: Program, each: NamedProvider, provider: "providers.Selector[Any]") -> None:
    chooser = provider.selector
    is_option = isinstance(chooser, providers.ConfigurationOption | providers.TypedConfigurationOption)
    if not is_option:
        raise UntranslatableError(
            "its choice is made by a function at every call", "register a factory that makes the choice"
        )
    injection = _injection(program)
    choice = injection.expression(chooser)
    interface, key = interface_and_key(program, provider)
    options: list[str] = []
    for name, option in provider.providers.items():
        annotation, _ = service_text(program, followed(option))
        function = program.imports.fresh(f"choose_{snake_case(each.name)}_{name}")
        gives = program.imports.name("typing", "Any") if interface in program.types else interface
        program.factories.append(f"def {function}(chosen: {annotation}) -> {gives}:\n    return chosen")
        options.append(f"{quoted(name)}: {function}")
    chosen = f"{{{', '.join(options)}}}[{choice}]"
    remark = f"# {each.name}: chosen once, when it is registered"
    program.registrations.append(
        f"{remark}\nservices.transient({interface}, {chosen}{f', key={quoted(key)}' if key else ''})"
    )


def _injection(program: Program) -> Injection:
    return Injection(
        program.imports,
        lambda provider: service_text(program, provider),
        lambda option: config_type(program, option),
        frozenset(program.shared_types),
    )


def _lifetime(provider: AnyProvider) -> tuple[str, str]:
    if isinstance(provider, _PER_THREAD):
        return "scoped", "one object per thread before; open a scope in every thread"
    if isinstance(provider, _PER_TASK):
        return "scoped", "one object per context before; open a scope for every unit of work"
    shared = isinstance(provider, providers.BaseSingleton | providers.BaseResource)
    return ("singleton" if shared else "transient"), ""


def _looks_closable(made: Any) -> bool:
    return isinstance(made, type) and any(hasattr(made, name) for name in ("close", "aclose", "__exit__"))
