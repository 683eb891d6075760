"""The code of an injected function, written for its parameters: it fills a call in one step.

In: a function, and what it is filled with. Out: other code for the function that stands for it. What that code
holds is right, or it is taken away:

- ``TARGET``, of a function whose services are all finished singletons of its container, has the objects for defaults.
  Whatever empties the tables of the container (an override, closing, a fork) puts the slow way back.
- Everything else is asked of the current scope, in whose table it is looked up, as ``resolve`` does.

A container refers to the functions bound to it weakly; a function that is not bound knows a container by a token. See
docs/decisions/0029.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from functools import partial
from operator import methodcaller
from types import CodeType, FunctionType
from typing import Any

from kimera_di.compilation.injected_calls import Form, asking_code, steady_code
from kimera_di.errors import ContainerClosedError, KimeraError
from kimera_di.registration.injected import mark_code
from kimera_di.resolution.ambient import CURRENT, find_current
from kimera_di.resolution.calls import explain
from kimera_di.resolution.closing import SHUT
from kimera_di.resolution.injected_call import ABSENT, InjectedCall
from kimera_di.resolution.injected_plan import CallPlan, plan_of, same_wishes, with_defaults
from kimera_di.resolution.recipes import Filled, Recipe, Wish
from kimera_di.vocabulary import Lifetime


def write(call: InjectedCall, owner: Any, wishes: Recipe) -> None:
    """Put written code in the place of the slow way; it stays what it is if another container fills it so.

    One call does it at a time, and others do not wait: they go the slow way, and look again with the next call.

    Args:
        call: The function.
        owner: Who was asked.
        wishes: What it is filled with there.
    """
    wrapper = call.made()
    if wrapper is None:
        return
    names = wrapper.__globals__
    mine = object()
    try:
        if names.setdefault("WRITER", mine) is mine:
            _write(call, wrapper, owner, wishes)
            call.token = owner._root.token
    finally:  # also when an interrupt came: then the next call does it
        if names.get("WRITER") is mine:
            del names["WRITER"]


def _write(call: InjectedCall, wrapper: FunctionType, owner: Any, wishes: Recipe) -> None:
    """As ``write``, which nobody else does meanwhile."""
    names, root, known = wrapper.__globals__, owner._root, call.plan
    if known is None:
        plan = plan_of(call.function, wishes)
        if plan is None:
            return
        known = names.setdefault("PLAN", plan)
    if not same_wishes(known.wishes, wishes):  # other code may be running: it needs what it was written for
        return
    if call.plan is None:
        numbers = None if call.root is None else _singletons(root, wishes)
        names.update(_names(call, known))
        if numbers is not None:
            names["OPTIONAL"] = known.optional.union(wish.name for wish in wishes if not wish.by_position)
        if numbers is None:
            forms = _forms(owner, wishes, is_async=call.is_async)
            code = asking_code(known.shape, forms, known.arguments, bound=call.root is not None)
        else:
            code = steady_code(known.shape, ambient=root.ambient)
        # in this order: calls that begin meanwhile find the defaults that their code needs
        wrapper.__defaults__ = (ABSENT,) * len(known.shape.leading)
        wrapper.__kwdefaults__ = dict.fromkeys(known.shape.by_name, ABSENT)
        swap(wrapper, code)
        call.code = None if numbers is not None else code
        call.numbers = numbers
        call.plan = known
    names["TOKEN"] = root.token


def hold_singletons(call: InjectedCall, root: Any, numbers: tuple[int, ...]) -> bool:
    """Let the written code hold the singletons, as long as they are right for every context.

    Args:
        call: The function.
        root: Of the container it is bound to.
        numbers: The nodes of the singletons.

    Returns:
        Whether it does.
    """
    wrapper, plan = call.made(), call.plan
    if wrapper is None or plan is None:
        return False
    if not plan.taken.is_of(call.function):  # replaced by the user: the slow way takes the function as it is
        call.numbers = None
        call.step_back()
        return False
    with root.lock:
        built = _built(root, numbers)
        if built is None:
            return False
        found = iter(built)
        values = {wish.name: next(found) if wish.filled is Filled.SERVICE else wish.lookup for wish in plan.wishes}
        if call.steady is None or call.steady[0] is not root.ambient:
            call.steady = (root.ambient, steady_code(plan.shape, ambient=root.ambient))
        swap(wrapper, call.steady[1])
        root.steady.add(call)
        call.target = with_defaults(call.function, plan, values, ABSENT)
        wrapper.__globals__["TARGET"] = call.target
    return True


def _names(call: InjectedCall, plan: CallPlan) -> dict[str, Any]:
    """Give what written code refers to."""
    names: dict[str, Any] = {
        "ABSENT": ABSENT, "CONTAINER": call.container, "CURRENT": CURRENT.get, "ERROR": KimeraError,
        "EXPLAIN": partial(_explain, call.function), "FIND": find_current, "FIRST": _first, "FUNCTION": call.function,
        "MISS": KeyError, "OPTIONAL": plan.optional, "REFUSE": partial(_refuse, call.function), "ROOT": call.root,
        "SHUT": SHUT, "SLOW": call.slow, "TARGET": call.spread, "TOKEN": None, "WRONG": TypeError,
    }  # fmt: skip
    for index, wish in enumerate(plan.wishes):
        if wish.filled is Filled.SERVICE:
            names[f"L{index}"], names[f"W{index}"] = wish.lookup, wish
            names[f"ASK{index}"] = methodcaller("resolve", wish.lookup)
        else:
            names[f"K{index}"] = wish.lookup
    return names


def _explain(function: Any, wish: Wish, owner: Any, error: KimeraError) -> None:
    """Let the path of what asking for a parameter raised begin at the function."""
    explain(owner, error, function, wish, injected=True)


def _refuse(function: Any, error: TypeError, /, *args: Any, **named: Any) -> None:
    """Say in our words that the function does not take what it was called with."""
    from kimera_di.resolution.call_refusals import refuse_wrong_call

    refuse_wrong_call(function, args, named, error)


async def _first(lookup: Any, owner: Any) -> Any:
    """Await a singleton, and keep it where the next call looks."""
    value = await owner.aresolve(lookup)
    root = owner._root
    with root.lock:
        number = _number(root, lookup)
        built = None if number is None else _built(root, (number,))
        if built is not None:
            root.warm[lookup] = built[0]
    return value


def _built(root: Any, numbers: tuple[int, ...]) -> list[Any] | None:
    """Give finished singletons that are right for every context; ``None`` if there are none; the lock is held."""
    if root.overrides or root._values is None:
        return None
    try:
        return [root.base.singleton_value(number) for number in numbers]
    except (KeyError, ContainerClosedError):  # not built, for all was given; taken back; closed meanwhile
        return None


def swap(wrapper: FunctionType, code: CodeType) -> None:
    """Give a function other code, whose defaults it has already.

    Args:
        wrapper: The function.
        code: Its code from now on.
    """
    if wrapper.__code__ is not code:
        mark_code(code)
        wrapper.__code__ = code


def _number(root: Any, lookup: Any) -> int | None:
    """Give the node of a service; ``None`` for collections and relations, and when the container was closed."""
    try:
        number: int | None = root.number(root.base, lookup)
    except ContainerClosedError:  # said by who asks for the object; the caller may have given it
        return None
    return number


def _singletons(root: Any, wishes: Recipe) -> tuple[int, ...] | None:
    """Give the nodes of what is injected when all of them are singletons."""
    numbers: list[int] = []
    for wish in wishes:
        number = _number(root, wish.lookup) if wish.filled is Filled.SERVICE else -1
        if number is None or (number >= 0 and root.base.graph.nodes[number].lifetime is not Lifetime.SINGLETON):
            return None
        numbers += [number] if number >= 0 else []
    return tuple(numbers)


def _forms(owner: Any, wishes: Recipe, *, is_async: bool) -> tuple[Form, ...]:
    """Choose the quickest way to each object; all of them give the same."""
    root = owner._root
    forms: list[Form] = []
    for wish in wishes:
        if wish.filled is not Filled.SERVICE:
            forms.append(Form.VALUE)
        elif is_async:
            forms.append(Form.ASK if _singletons(root, (wish,)) is None else Form.WARM)
        else:
            forms.append(Form.TABLE if wish.lookup in owner._table else Form.ASK)
    return tuple(forms)
