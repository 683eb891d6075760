"""Run a function around every public method of an interface.

In: an interface and the function. Out: a factory that wraps the real object in a subclass of the interface, made once
per interface. Calls nothing of the user's while it is made but the ``__init_subclass__`` of the interface.

Special methods (``__len__``, ``__enter__`` ...) but ``__call__``, private methods and attributes go to the real object
directly. A generator method is intercepted where it is called: ``around`` sees the generator, not what it yields.
"""

import functools
import types
import typing
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from kimera_di.registration.annotations import union_members
from kimera_di.registration.descriptors import code_flags, misuse
from kimera_di.rendering import listed, safe_repr, short_name
from kimera_di.vocabulary import Place, ServiceId

_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect
_OWN = {
    "__init__", "__new__", "__init_subclass__", "__class_getitem__", "__subclasshook__", "__class__", "__dict__",
    "__weakref__", "__slots__", "__module__", "__doc__", "__qualname__", "__getattribute__", "__getattr__",
    "__setattr__", "__delattr__", "__del__", "__annotations__", "__abstractmethods__", "__parameters__",
    "__orig_bases__", "__protocol_attrs__", "__non_callable_proto_members__", "__match_args__", "__reduce__",
    "__reduce_ex__", "__getstate__", "__setstate__", "__repr__", "__hash__", "__static_attributes__",
    "__firstlineno__", "__type_params__", "__annotate__", "__annotate_func__", "__annotations_cache__",
    "__classdictcell__", "__dataclass_fields__", "__dataclass_params__", "__callable_proto_members_only__",
}  # fmt: skip
_SLOTS = ("_kimera",)
_ROOTS = {"builtins.object", "typing.Protocol", "typing.Generic", "abc.ABC"}


class Call:
    """One call of an intercepted method."""

    __slots__ = ("_target", "args", "kwargs", "method", "service")

    def __init__(
        self, service: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], target: Callable[..., Any]
    ) -> None:
        self.service: Any = service
        """The interface."""
        self.method: str = method
        """The name of the method."""
        self.args: tuple[Any, ...] = args
        """What was passed by position, without ``self``."""
        self.kwargs: dict[str, Any] = kwargs
        """What was passed by name."""
        self._target = target

    def proceed(self) -> Any:
        """Call the method of the real object with ``args`` and ``kwargs``; may be called several times.

        Returns:
            What the method returns: for an async method something to await.
        """
        return self._target(*self.args, **self.kwargs)

    def __repr__(self) -> str:
        return f"<Call of {short_name(self.service)}.{self.method}>"


Around = Callable[[Call], Any]
"""Gets a call and gives its result: ``def around(call): return call.proceed()``."""
AsyncAround = Callable[[Call], Awaitable[Any]]
"""``async def around(call): return await call.proceed()``."""

_proxies: "weakref.WeakKeyDictionary[type, weakref.ref[type]]" = weakref.WeakKeyDictionary()


def interceptor(
    service: ServiceId, around: Any, async_around: Any, place: Place
) -> tuple[Callable[..., Any], tuple[str, ...]]:
    """Make the factory that wraps an object of a service.

    Args:
        service: The service.
        around: Called for each call; async when all methods are.
        async_around: Called for each call of an async method, when there are methods of both kinds.
        place: Line of the registration.

    Returns:
        A factory of the inner object, and the reasons why the functions do not suit the methods.

    Raises:
        RegistrationError: The interface is no class that can be subclassed, or a function cannot be called.
    """
    for option, function in (("around", around), ("async_around", async_around)):
        if not callable(function) and not (option == "async_around" and function is None):
            advice = "pass a function of a call: def around(call): return call.proceed()"
            raise misuse(f"{option}={safe_repr(function)} cannot be called", place, advice)
    interface: Any = service.interface
    if not union_members(interface):
        interface = typing.get_origin(interface) or interface
    proxy = _proxy_of(interface, service, place)
    sync, asynchronous = _public_methods(interface)
    if async_around is None and code_flags(around) & _COROUTINE:
        around, async_around = None, around
    misfits = _misfits(interface, sync, asynchronous, around, async_around)

    def wrap(inner: Any) -> Any:
        return proxy(inner, around, async_around, service.interface)

    wrap.__annotations__ = {"inner": service.interface, "return": service.interface}
    meant = around or async_around
    wrap.__module__ = getattr(meant, "__module__", None) or __name__
    wrap.__qualname__ = wrap.__name__ = short_name(meant)
    wrap.__dict__["__stands_for__"] = meant
    return wrap, misfits


def _misfits(
    interface: type, sync: list[str], asynchronous: list[str], around: Any, async_around: Any
) -> tuple[str, ...]:
    name, reasons = short_name(interface), list[str]()
    if asynchronous and async_around is None:
        methods = listed(asynchronous)
        reasons.append(f"{short_name(around)} is not async, but {name} has async methods: {methods}")
    elif asynchronous and not _may_be_awaited(async_around):
        reasons.append(f"async_around={short_name(async_around)} is not async")
    if sync and around is None:
        reasons.append(f"{short_name(async_around)} is async, but {name} has methods that are not: {listed(sync)}")
    elif around is not None and code_flags(around) & _COROUTINE:
        reasons.append(f"around={short_name(around)} is async; it runs around the methods that are not")
    return tuple(reasons)


def _may_be_awaited(function: Any) -> bool:
    """An async function, or anything whose code is not ours to see."""
    return bool(code_flags(function) & _COROUTINE) or not isinstance(function, types.FunctionType | types.MethodType)


def _proxy_of(interface: Any, service: ServiceId, place: Place) -> Any:
    if not isinstance(interface, type):
        raise misuse(
            f"{short_name(service)} is no class, so its methods cannot be intercepted", place,
            "intercept a class, a Protocol or an abstract class",
        )  # fmt: skip
    known = _proxies.get(interface)
    proxy = None if known is None else known()
    if proxy is None:
        try:
            proxy = _make_proxy(interface)
        except TypeError as error:
            advice = "decorate it with a class of your own: services.decorate(...)"
            raise misuse(f"{short_name(interface)} cannot be subclassed: {error}", place, advice) from error
        _proxies[interface] = weakref.ref(proxy)
    return proxy


def _make_proxy(interface: type) -> type:
    """Make the subclass: public methods go through ``around``, everything else straight to the inner object."""

    def fill(space: dict[str, Any]) -> None:
        space.update(_base_members(interface))
        for name, declared in _members(interface).items():
            function = _plain(declared)
            if not callable(function):
                space[name] = _forwarded_attribute(name)
            elif _is_public(name):
                is_async = bool(code_flags(function) & _COROUTINE)
                space[name] = _intercepted(name, function, is_async=is_async)
            else:
                space[name] = _forwarded_method(name, function)

    return types.new_class(f"{interface.__name__}Interceptor", (interface,), {}, fill)


def _members(interface: type) -> dict[str, Any]:
    """Everything an interface declares, own and inherited, nearest first."""
    found: dict[str, Any] = {}
    for cls in interface.__mro__:
        if f"{cls.__module__}.{cls.__qualname__}" in _ROOTS:
            continue
        for name, value in cls.__dict__.items():
            if name not in _OWN and not name.startswith(("_abc_", "_is_protocol", "_is_runtime")):
                found.setdefault(name, value)
    return found


def _public_methods(interface: type) -> tuple[list[str], list[str]]:
    """Names of the methods that are not async, and of those that are."""
    sync, asynchronous = list[str](), list[str]()
    for name, declared in _members(interface).items():
        function = _plain(declared)
        if callable(function) and _is_public(name):
            (asynchronous if code_flags(function) & _COROUTINE else sync).append(name)
    return sync, asynchronous


def _plain(declared: Any) -> Any:
    """The function of a static method or class method."""
    return getattr(declared, "__func__", declared)


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name == "__call__"


def _base_members(interface: type) -> dict[str, Any]:
    def initialise(self: Any, inner: Any, around: Any, async_around: Any, service: Any) -> None:
        object.__setattr__(self, "_kimera", (inner, around, async_around, service))  # one slot: one look-up per call

    def get(self: Any, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_kimera")[0], name)

    def put(self: Any, name: str, value: Any) -> None:
        setattr(self._kimera[0], name, value)

    def drop(self: Any, name: str) -> None:
        delattr(self._kimera[0], name)

    def show(self: Any) -> str:
        return f"<intercepted {self._kimera[0]!r}>"

    return {
        "__slots__": _SLOTS,
        "__module__": interface.__module__,
        "__doc__": interface.__doc__,
        "__init__": initialise,
        "__getattr__": get,
        "__setattr__": put,
        "__delattr__": drop,
        "__repr__": show,
    }


def _intercepted(name: str, declared: Any, *, is_async: bool) -> Any:
    if is_async:

        async def call_async(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            inner, _, around, service = self._kimera
            return await around(Call(service, name, args, kwargs, getattr(inner, name)))

        return _like(call_async, declared)

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        inner, around, _, service = self._kimera
        return around(Call(service, name, args, kwargs, getattr(inner, name)))

    return _like(call, declared)


def _forwarded_method(name: str, declared: Any) -> Any:
    def forward(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._kimera[0], name)(*args, **kwargs)

    return _like(forward, declared)


def _forwarded_attribute(name: str) -> Any:
    return property(
        lambda self: getattr(self._kimera[0], name),
        lambda self, value: setattr(self._kimera[0], name, value),
        lambda self: delattr(self._kimera[0], name),
    )


def is_interceptor(cls: type) -> bool:
    """Tell whether a class was made by ``interceptor``, so that nobody wrote it and nobody can mean it."""
    return cls.__dict__.get("__slots__") == _SLOTS


def _like(function: Any, declared: Any) -> Any:
    """Give a method the name, signature and documentation of what it stands for; it is not abstract."""
    if isinstance(declared, types.FunctionType):
        functools.update_wrapper(function, declared)
        function.__isabstractmethod__ = False
    return function
