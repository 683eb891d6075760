"""The arguments of a constructor or factory: the objects of a dependency in the form its annotation asks for.

In: a dependency and the objects of its targets, or the variables that hold them. Out: the value, or the text that
makes it. Builds nothing else.
"""

from collections.abc import Sequence
from typing import Any

from kimera_di.planning.graph import Construction, Dependency, Form, ServiceNode


def argument_value(dependency: Dependency, values: list[Any]) -> Any:
    """Give what is passed for a parameter.

    Args:
        dependency: The parameter.
        values: The objects of its targets, in order; may become the argument itself.

    Returns:
        The object, a collection of all, the constant, or ``None`` for an optional service nobody registered.
    """
    if dependency.form != "single":
        return gathered(dependency.form, dependency.keys, values)
    if dependency.constant:
        return dependency.constant[0]
    return values[0] if values else None


def gathered(form: Form, keys: Sequence[Any], values: list[Any]) -> Any:
    """Give a collection of objects in the form that was asked for; a new one for every caller."""
    if form == "tuple":
        return tuple(values)
    if form == "mapping":
        return dict(zip(keys, values, strict=True))
    return values


def argument_text(dependency: Dependency, variables: Sequence[str], names: dict[str, Any]) -> str:
    """Write the expression that makes what is passed for a parameter.

    Args:
        dependency: The parameter.
        variables: The names of the variables that hold the objects of its targets, in order.
        names: Receives the objects that the text refers to: the constant, the keys of a mapping.

    Returns:
        Python source; the same for all dependencies of one shape, so that their code can be shared.
    """
    if dependency.form == "list":
        return f"[{', '.join(variables)}]"
    if dependency.form == "tuple":
        return f"({', '.join(variables)},)" if variables else "()"
    if dependency.form == "mapping":
        keys = [_named("k", key, names) for key in dependency.keys]
        return "{" + ", ".join(f"{key}: {variable}" for key, variable in zip(keys, variables, strict=True)) + "}"
    if dependency.constant:
        return _named("k", dependency.constant[0], names)
    return variables[0] if variables else "None"


def _named(prefix: str, thing: Any, names: dict[str, Any]) -> str:
    name = f"{prefix}{len(names)}"
    names[name] = thing
    return name


def awaits_itself(node: ServiceNode) -> bool:
    """Tell whether building the object awaits, its dependencies left aside."""
    return node.enter == "async" or node.construction in {Construction.COROUTINE, Construction.ASYNC_GENERATOR}


def must_pass_default(node: ServiceNode, index: int) -> bool:
    """Tell whether a default must be written out: a later value can only be passed by position."""
    rest = node.dependencies[index:]
    return rest[0].positional_only and any(each.positional_only and not each.default for each in rest)


def default_of(node: ServiceNode, dependency: Dependency) -> Any:
    """Give the default of a parameter of the class or factory."""
    import inspect

    return inspect.signature(node.maker).parameters[dependency.parameter].default
