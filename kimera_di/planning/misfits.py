"""Does what a node builds fit the interface it is registered for, and does somebody close it?

In: nodes. Out: the reasons why not, as sentences; warnings about what stays open. Calls nothing.
"""

import sys
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from kimera_di.planning.fit import unfit, unfit_object
from kimera_di.planning.generics import wrong_arguments
from kimera_di.planning.graph import Construction, ServiceNode
from kimera_di.planning.plain import closes_nothing
from kimera_di.planning.templates import promised
from kimera_di.registration import UNSET, ServiceDescriptor
from kimera_di.registration.annotations import EMPTY, built_class, read_return
from kimera_di.registration.entries import Module
from kimera_di.registration.names import KnownTypes
from kimera_di.rendering import short_name, show_place
from kimera_di.vocabulary import HiddenKey, Lifetime, Place, ServiceId

_TRANSIENT = Lifetime.TRANSIENT  # members of enumerations are slow to get from their class
_RETURNED = (Construction.CALL, Construction.COROUTINE)  # no set: members of enumerations are slow to hash


def misfits(node: ServiceNode, known: KnownTypes) -> list[str]:
    """Say why what a node builds does not fit its interface; ``[]`` when it does."""
    interface, produced = node.service.interface, node.produces
    if typing.get_args(interface):
        wrong = wrong_arguments(interface, promised(node.maker, node.construction, known))
        if wrong:
            return wrong
    if node.construction is Construction.INSTANCE:
        return unfit_object(interface, node.maker, known)
    if node.enter:
        unbuildable = unfit(object, produced, known, built=True) if built_class(node.maker) is not None else []
        entered = _entered(node, known)
        return unbuildable if entered is EMPTY else unbuildable + unfit(interface, entered, known, built=False)
    if built_class(node.maker) is not None:
        return unfit(interface, produced, known, built=True)
    if not isinstance(produced, type) or produced is interface:
        return []
    if isinstance(interface, type) and issubclass_safe(interface, produced):
        return []  # a factory may promise less than the interface: the objects themselves may fit
    return unfit(interface, produced, known, built=False)


def _entered(node: ServiceNode, known: KnownTypes) -> Any:
    """The class of what entering gives, ``EMPTY`` when ``__enter__`` does not say."""
    method = getattr(node.produces, "__aenter__" if node.enter == "async" else "__enter__", None)
    annotation = EMPTY if method is None else read_return(method, known)
    if getattr(annotation, "__name__", "") == "Self":
        return node.produces
    return annotation if isinstance(annotation, type) and annotation is not Any else EMPTY


def issubclass_safe(cls: type, other: type) -> bool:
    """``issubclass`` over the class hierarchy alone, without hooks."""
    return other in cls.__mro__


def warnings_about(nodes: Sequence[ServiceNode], descriptors: Sequence[ServiceDescriptor]) -> list[tuple[str, Place]]:
    """Give the text and line of registrations that work but are probably not what was meant. O(descriptors)."""
    return [*_unclosed(nodes, descriptors), *_unread_settings(descriptors), *_behind_private(descriptors)]


def _unclosed(nodes: Sequence[ServiceNode], descriptors: Sequence[ServiceDescriptor]) -> list[tuple[str, Place]]:
    """Singletons and scoped objects that look as if they wanted to be closed, and nobody said how."""
    found: list[tuple[str, Place]] = []
    for node, descriptor in zip(nodes, descriptors, strict=True):
        if node.lifetime is _TRANSIENT or node.closes or descriptor.on_close is not UNSET:
            continue
        if node.construction not in _RETURNED or not isinstance(node.produces, type) or closes_nothing(node.produces):
            continue
        closers: Mapping[str, str] = {
            "close": "on_close={}.close",
            "aclose": "on_close={}.aclose",
            "__exit__": "enter=True",
        }
        for method, advice in closers.items():
            if callable(getattr(node.produces, method, None)):
                name = short_name(node.produces)
                hint = advice.format(name)
                found.append(
                    (f"{name} has {method}, but nobody calls it: say {hint}, or on_close=None", node.registered)
                )
                break
    return found


def _unread_settings(descriptors: Sequence[ServiceDescriptor]) -> list[tuple[str, Place]]:
    """Settings models that are registered like any class: they are read when first used, not by ``build()``."""
    base = getattr(sys.modules.get("pydantic_settings"), "BaseSettings", None)  # never loaded for this alone
    if base is None:
        return []
    found: list[tuple[str, Place]] = []
    for each in descriptors:
        is_class = each.construction is Construction.CALL and isinstance(each.maker, type)
        if is_class and issubclass_safe(each.maker, base):
            name = short_name(each.maker)
            advice = f"say services.settings({name}), and build() reads it and names what is missing"
            found.append((f"{name} is read when it is first used: {advice}", each.place))
    return found


def _behind_private(descriptors: Sequence[ServiceDescriptor]) -> list[tuple[str, Place]]:
    """What a module registers for others, after it has said privately what it is given itself."""
    if not any(type(each.service.key) is HiddenKey for each in descriptors):
        return []
    private: dict[tuple[Module, ServiceId], Place] = {}
    found: list[tuple[str, Place]] = []
    for each in descriptors:
        if each.module is None:
            continue
        service = each.service
        if isinstance(service.key, HiddenKey) and service.key.module:
            private[each.module, ServiceId(service.interface, service.key.key)] = each.place
        elif (each.module, service) in private:
            name, place = short_name(service), show_place(*private[each.module, service])
            advice = "say private=True to replace it, or services.replace"
            text = f"{each.module.name} is given its private {name} ({place}) all the same: {advice}"
            found.append((text, each.place))
    return found
