"""What a parameter means for the registration it belongs to: its key, and its type variables.

In: a parameter, and who asks. Out: the parameter with types in the place of variables and keys in the place of
``SameKey``, or what is passed for it without looking anything up. Matches nothing else.
"""

import functools
import types
import typing
from collections.abc import Hashable, Mapping
from typing import Annotated, Any

from kimera_di.planning.collected import takes_key
from kimera_di.planning.generics import Bindings, has_variables, substitute
from kimera_di.planning.graph import Dependency
from kimera_di.planning.templates import bindings_of, promised
from kimera_di.records import dataclass, field, replace
from kimera_di.registration import ServiceDescriptor
from kimera_di.registration.annotations import Parameter
from kimera_di.registration.forms import marks_of, split_annotated, union_members, wants_same_key, wants_service_key
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import safe_repr, short_name
from kimera_di.vocabulary import ANY_KEY, HiddenKey, Key, SameKey, ServiceId


@dataclass(frozen=True, slots=True)
class WrongKey:
    """The key of a registration is not of the type that its parameter takes."""

    parameter: str
    text: str


@dataclass(frozen=True, slots=True)
class Asker:
    """The registration whose parameters are matched.

    Args:
        descriptor: The registration; ``None`` for a function that nobody registered.
        known: The registered types, for a return annotation written as a string.
        is_template: It answers for several services, so what depends on the one it is closed for is left out.
    """

    descriptor: ServiceDescriptor | None
    known: KnownTypes
    is_template: bool = False
    _bindings: dict[Any, Bindings] = field(default_factory=dict[Any, Bindings])

    @property
    def key(self) -> Hashable:
        """The key of the registration; ``None`` for an unkeyed one and for a function."""
        key = None if self.descriptor is None else self.descriptor.service.key
        return key.key if isinstance(key, HiddenKey) else key

    def fitted(self, parameter: Parameter) -> Parameter | Dependency | WrongKey | None:
        """Say what a parameter asks for here.

        Args:
            parameter: As it is written.

        Returns:
            A parameter to be matched with services, what is passed for it, what is wrong with it, or ``None`` when
            it can only be said once the registration is closed. O(size of the annotation).
        """
        annotation = parameter.annotation
        if isinstance(annotation, type) and typing.get_origin(annotation) is None:
            return parameter
        if wants_service_key(annotation):
            return self._own_key(parameter)
        if has_same_key(annotation):
            if self.key is ANY_KEY:
                return None
            annotation = with_same_key(annotation, self.key)
        if has_variables(annotation):
            if self.is_template:
                return None
            return self._closed(replace(parameter, annotation=annotation))
        return parameter if annotation is parameter.annotation else replace(parameter, annotation=annotation)

    def _own_key(self, parameter: Parameter) -> Dependency | WrongKey | None:
        if self.key is ANY_KEY:
            return None
        kind, _ = split_annotated(parameter.annotation)
        if self.key is None and parameter.has_default:
            return _passed(parameter, kind, default=True)
        if not takes_key(kind, self.key):
            said = "no key" if self.key is None else f"the key {safe_repr(self.key)}"
            return WrongKey(parameter.name, f"{said}, which is no {short_name(kind)}")
        return _passed(parameter, kind, self.key)

    def _closed(self, parameter: Parameter) -> Parameter | Dependency:
        """Put types in the place of variables; ``type[T]`` is the type itself unless something provides it."""
        bindings = self._of(parameter.owner)
        closed = substitute(parameter.annotation, bindings, otherwise=Any)
        return replace(parameter, annotation=closed, argument=_argument(parameter.annotation, closed))

    def _of(self, owner: type | None) -> Bindings:
        """Give what stands for the variables that a class (or the factory) writes its annotations in."""
        descriptor = self.descriptor
        if descriptor is None:
            return {}
        if not self._bindings:
            built = promised(descriptor.maker, descriptor.construction, self.known)
            found: Mapping[Any, Bindings] = bindings_of(descriptor.service.interface, descriptor.maker, built)
            self._bindings.update(found)
        return self._bindings.get(owner) or self._bindings.get(None, {})


def _argument(written: Any, closed: Any) -> tuple[Any, ...]:
    """Give the class that ``type[T]`` stands for, in a tuple; ``()`` where the annotation is anything else."""
    if typing.get_origin(written) is not type or not isinstance(typing.get_args(written)[0], typing.TypeVar):
        return ()
    found = typing.get_args(closed)[0]
    return () if found is Any else (found,)


def _passed(parameter: Parameter, kind: Any, *constant: Any, default: bool = False) -> Dependency:
    return Dependency(
        parameter.name, ServiceId(kind), (), parameter.positional_only, parameter.keyword_only,
        default=default, constant=constant,
    )  # fmt: skip


def has_same_key(annotation: Any) -> bool:
    """Tell whether ``SameKey`` stands anywhere in an annotation: ``list[Annotated[T, SameKey()]]``."""
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return False
    return wants_same_key(annotation) or any(has_same_key(each) for each in typing.get_args(annotation))


def with_same_key(annotation: Any, key: Hashable) -> Any:
    """Write ``Key(key)`` in the place of every ``SameKey`` of an annotation."""
    if not has_same_key(annotation):
        return annotation
    if typing.get_origin(annotation) is Annotated:
        marks = tuple(Key(key) if isinstance(m, SameKey) or m is SameKey else m for m in marks_of(annotation))
        return Annotated[(with_same_key(typing.get_args(annotation)[0], key), *marks)]
    arguments = tuple(with_same_key(each, key) for each in typing.get_args(annotation))
    if union_members(annotation):
        return functools.reduce(lambda one, other: typing.Union[one, other], arguments)  # noqa: UP007 - any members
    rebuild: Any = getattr(annotation, "copy_with", None)
    if rebuild is not None:
        return rebuild(arguments)
    return types.GenericAlias(typing.get_origin(annotation), arguments)
