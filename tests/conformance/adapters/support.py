"""What several adapters of peers need: the parameters of a factory, and the shared half of an adapter's container."""

import inspect
import typing
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from kimera_di import Lifetime
from kimera_di.testing.conformance import Registration


@dataclass(frozen=True, slots=True)
class Want:
    """A parameter: what it is annotated with, and whether it may be left out."""

    annotation: Any
    has_default: bool


@dataclass(frozen=True, slots=True)
class ByKey:
    """Inside ``Annotated``: the key of a parameter, for peers whose adapter wires by hand."""

    key: Hashable


@dataclass(frozen=True, slots=True)
class Lazily:
    """Inside ``Annotated``: the parameter wants what gives the service, not the service."""


def wants(maker: Any) -> dict[str, Want]:
    """Read the parameters of a class or factory."""
    maker = typing.get_origin(maker) or maker
    if isinstance(maker, type) and maker.__init__ is object.__init__:  # type: ignore[misc]
        return {}
    function = maker.__init__ if isinstance(maker, type) else maker  # type: ignore[misc]
    hints = typing.get_type_hints(function, include_extras=True)
    found = list(inspect.signature(function).parameters.values())[isinstance(maker, type) :]
    return {each.name: Want(hints[each.name], each.default is not each.empty) for each in found if each.name in hints}


def need_scope(registrations: Sequence[Registration]) -> set[int]:
    """Give the positions of transients that need something scoped: where they live has to be said to some peers."""
    scoped = {each.service for each in registrations if each.lifetime is Lifetime.SCOPED}
    found: set[int] = set()
    for _ in registrations:
        for number, each in enumerate(registrations):
            is_built = each.lifetime is Lifetime.TRANSIENT and each.kind in {"class", "factory"}
            if is_built and any(want.annotation in scoped for want in wants(each.maker).values()):
                found.add(number)
                scoped.add(each.service)
    return found


def opened_generic(kind: Any) -> Any:
    """Give ``Repository[T]`` for ``Repository``: how an open generic is registered where it has to be written out."""
    parameters = getattr(kind, "__parameters__", ())
    return kind[parameters] if isinstance(kind, type) and parameters else kind


def is_generator(maker: Any) -> bool:
    """Tell whether a factory cleans up."""
    return inspect.isgeneratorfunction(maker) or inspect.isasyncgenfunction(maker)
