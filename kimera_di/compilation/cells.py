"""The lines that build one object and, for a scoped one, claim its cell first.

In: a node and the text of the call. Out: lines of source, indented relative to each other. ``v`` is the
variable, ``cell`` the name of the cell's number. The names in capitals and the helpers are given to every
builder by the stage that runs it.
"""

from typing import Any

from kimera_di.planning.graph import Construction, ServiceNode


def call_lines(
    node: ServiceNode, v: str, call: str, names: dict[str, Any], *, transient: bool, layered: bool
) -> list[str]:
    """Write what turns a call of the maker into the object, and what notes down how it is closed.

    Args:
        node: What is built.
        v: Variable that receives the object.
        call: The text of the call.
        names: Receives objects that the lines refer to.
        transient: The object has no cell, so the scope must learn that something is being opened.
        layered: An override keeps an account of what it opens.

    Returns:
        Lines; the call stands on a line of its own, which names the node in a traceback.
    """
    kind = node.construction
    awaited = "await " if kind is Construction.COROUTINE else ""
    if not node.closes:
        return [f"{v} = {awaited}{call}"]
    if transient:
        head = [f"{v}_mark = [SYNC]", f"closers = opening(scope, values, LAYER, {v}_mark)"]
    elif layered:
        head = ["closers = closers_of(scope, values, LAYER)"]
    else:  # the same, written out: closing waits for us from here on, or has begun and refuses us
        head = [
            "closers = values.setdefault(0, [])",
            "if scope._values is not values: closers_of(scope, values, LAYER)",
        ]
    if kind is Construction.GENERATOR:
        body = [f"{v}_made = {call}", f"{v} = next({v}_made)"]
    elif kind is Construction.ASYNC_GENERATOR:
        body = [f"{v}_made = {call}", f"{v} = await {v}_made.__anext__()"]
    else:
        closer = f"m{len(names)}"
        names[closer] = node
        enter = {
            "": f"{v} = {v}_raw",
            "sync": f"{v} = {v}_raw.__enter__()",
            "async": f"{v} = await {v}_raw.__aenter__()",
        }
        body = [f"{v}_raw = {awaited}{call}", enter[node.enter], f"{v}_made = closer({closer}, {v}_raw)"]
    if not transient:
        return [*head, *body, f"closers.append({v}_made)"]
    inner = [*body, f"closers.append({v}_made)"]
    return [*head, "try:", *(f" {line}" for line in inner), "finally:", f" opened(values, {v}_mark)"]


def claim_lines(v: str, cell: str, make: list[str], is_async: bool, *, awaits: bool) -> list[str]:
    """Write the claim of a scoped cell around the lines that build its object.

    Args:
        v: Variable that receives the object.
        cell: Name of the cell's number.
        make: Lines of ``call_lines``.
        is_async: The builder is a coroutine: it waits without blocking the loop.
        awaits: Building this object itself may suspend, so other tasks can meet the claim.

    Returns:
        Lines that leave the object in ``v``, built exactly once per scope.
    """
    wait = f"{v} = {'await settle_async' if is_async else 'settle'}(scope, values, {cell}, {v}, LAYER)"
    if awaits:
        made = f"{v}_made" if any(f"{v}_made.__anext__" in line for line in make) else "None"
        return [
            "mine = [ASYNC, running_loop(), TOKEN]",
            f"{v} = values.setdefault({cell}, mine)",
            f"if {v} is mine:",
            f" token = BUILDING.set((mine, LAYER, {cell}, BUILDING.get()))",
            *([f" {made} = None"] if made != "None" else []),
            " try:",
            *(f"  {line}" for line in make if not line.startswith("closers.append")),
            "  mine.remove(TOKEN)",
            *(f"  {line}" for line in make if line.startswith("closers.append")),
            f"  values[{cell}] = {v}",
            " except BaseException as error:",
            f"  {v} = await salvage(scope, values, {cell}, mine, error, token, LAYER, {made})",
            " else:",
            "  BUILDING.reset(token)",
            "  if len(mine) > 2: wake(mine)",
            f"elif type({v}) is list:",
            f" {wait}",
        ]
    *before, last = make
    publish = (
        [*before, last, f"values[{cell}] = {v}"] if before else [last.replace(f"{v} = ", f"{v} = values[{cell}] = ", 1)]
    )
    return [
        "mine = [SYNC]",
        f"{v} = values.setdefault({cell}, mine)",
        f"if {v} is mine:",
        " try:",
        *(f"  {line}" for line in publish),
        " except BaseException as error:",
        f"  abandon(values, {cell}, mine, error)",
        "  raise",
        " if len(mine) > 1: wake(mine)",
        f"elif type({v}) is list:",
        f" {wait}",
    ]
