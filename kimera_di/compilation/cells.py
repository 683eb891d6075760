"""The lines that build one object and, for a scoped one, claim its cell first.

In: a node and the text of the call. Out: lines of source, indented relative to each other. ``v`` is the
variable, ``cell`` the name of the cell's number. The names in capitals and the helpers are given to every
builder by the stage that runs it.
"""

from typing import Any

from kimera_di.planning.graph import Construction, ServiceNode


def call_lines(
    node: ServiceNode, v: str, call: str, names: dict[str, Any], *, transient: bool, layered: bool, heard: str = "",
    watched: bool = False,
) -> list[str]:  # fmt: skip
    """Write what turns a call of the maker into the object, and what notes down how it is closed.

    Args:
        node: What is built.
        v: Variable that receives the object.
        call: The text of the call.
        names: Receives objects that the lines refer to.
        transient: The object has no cell, so the scope must learn that something is being opened.
        layered: An override keeps an account of what it opens.
        heard: Somebody listens: the name of what is told about each construction.
        watched: What is left open is to be noticed when it is collected.

    Returns:
        Lines; the call stands on a line of its own, which names the node in a traceback.
    """
    kind = node.construction
    awaited = "await " if kind is Construction.COROUTINE else ""
    body = _opening_lines(node, v, f"{awaited}{call}", names) if node.closes else [f"{v} = {awaited}{call}"]
    if heard:
        body = _heard_lines(node, v, body, heard)
    if not node.closes:
        return body
    if transient:
        return _marked_lines(v, body, awaits=bool(awaited) or any("await " in line for line in body))
    if layered:
        head = ["closers = closers_of(scope, values, LAYER)"]
    else:  # the same, written out: closing waits for us from here on, or has begun and refuses us
        head = [
            "closers = closers_in(scope, values)" if watched else "closers = scope._closers = values.setdefault(0, [])",
            "if scope._values is not values: closers_of(scope, values, LAYER)",
        ]
    return [*head, *body, f"closers.append({v}_made)"]


def _heard_lines(node: ServiceNode, v: str, body: list[str], heard: str) -> list[str]:
    """Write the report of one construction around it."""
    return [
        f"{v}_started = clock()",
        "try:",
        *(f" {line}" for line in body),
        "except BaseException as error:",
        f" {heard}.failed({node.number}, error)",
        " raise",
        f"{heard}.built({node.number}, {v}_started)",
    ]


def _opening_lines(node: ServiceNode, v: str, call: str, names: dict[str, Any]) -> list[str]:
    """Write the call, the opening, and what closes it again as ``v_made``."""
    if node.construction is Construction.GENERATOR:
        return [f"{v}_made = {call}", f"{v} = next({v}_made)"]
    if node.construction is Construction.ASYNC_GENERATOR:
        return [f"{v}_made = {call}", f"{v} = await {v}_made.__anext__()"]
    closer = f"m{len(names)}"
    names[closer] = node
    enter = {
        "": f"{v} = {v}_raw",
        "sync": f"{v} = {v}_raw.__enter__()",
        "async": f"{v} = await {v}_raw.__aenter__()",
    }
    return [f"{v}_raw = {call}", enter[node.enter], f"{v}_made = closer({closer}, {v}_raw)"]


def _marked_lines(v: str, body: list[str], *, awaits: bool) -> list[str]:
    """Write a mark, in the place of a claim, around what opens a transient: whoever closes waits for it."""
    wake = f"if len({v}_mark) > 2: wake({v}_mark)"
    if not awaits:
        return [
            f"{v}_mark = [SYNC, None]",
            f"{v}_key = -id({v}_mark)",
            f"closers = opening(scope, values, LAYER, {v}_mark)",
            "try:",
            *(f" {line}" for line in body),
            f" closers.append({v}_made)",
            "finally:",
            f" del values[{v}_key]",
            f" {wake}",
        ]
    return [
        f"{v}_mark = [ASYNC, running_loop(), TOKEN]",
        f"{v}_key = -id({v}_mark)",
        f"closers = opening(scope, values, LAYER, {v}_mark)",
        f"token = BUILDING.set(({v}_mark, LAYER, {v}_key, BUILDING.get()))",
        f"{v}_made = None",
        "try:",
        *(f" {line}" for line in body),
        f" {v}_mark.remove(TOKEN)",
        f" closers.append({v}_made)",
        "except BaseException as error:",
        " try:",
        f"  await unopened(scope, values, {v}_key, {v}_mark, error, token, LAYER, {v}_made)",
        " except RecursionError as full:",
        f"  if full is not error: {v}_mark[1] = None",
        "  raise",
        "else:",
        " BUILDING.reset(token)",
        f" del values[{v}_key]",
        f" {wake}",
    ]


def claim_lines(
    v: str, cell: str, make: list[str], is_async: bool, *, awaits: bool, claim: str = "mine = [SYNC, None]",
    failure: str = "error",
) -> list[str]:  # fmt: skip
    """Write the claim of a scoped cell around the lines that build its object.

    Args:
        v: Variable that receives the object.
        cell: Name of the cell's number.
        make: Lines of ``call_lines``.
        is_async: The builder is a coroutine: it waits without blocking the loop.
        awaits: Building this object itself may suspend, so other tasks can meet the claim.
        claim: Makes the claim of what does not suspend; empty to use the one of the last such object again.
        failure: What the claim tells waiters of a failure: with the cell, when it is used for several.

    Returns:
        Lines that leave the object in ``v``, built exactly once per scope.
    """
    wait = f"{v} = {'await settle_async' if is_async else 'settle'}(scope, values, {cell}, {v}, LAYER)"
    if awaits:
        closes = make[-1].startswith("closers.append")
        made = f"{v}_made" if closes else "None"
        return [
            "mine = [ASYNC, running_loop(), TOKEN]",
            f"{v} = values.setdefault({cell}, mine)",
            f"if {v} is mine:",
            f" token = BUILDING.set((mine, LAYER, {cell}, BUILDING.get()))",
            *([f" {made} = None"] if closes else []),
            " try:",
            *(f"  {line}" for line in make[: len(make) - closes]),
            "  mine.remove(TOKEN)",
            *(f"  {line}" for line in make[len(make) - closes :]),
            f"  values[{cell}] = {v}",
            " except BaseException as error:",
            "  try:",
            f"   {v} = await salvage(scope, values, {cell}, mine, error, token, LAYER, {made})",
            "  except RecursionError as full:",
            "   if full is not error: mine[1] = None  # no room for the call: whoever waits takes over",
            "   raise",
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
        *([claim] if claim else []),
        f"{v} = values.setdefault({cell}, mine)",
        f"if {v} is mine:",
        " try:",
        *(f"  {line}" for line in publish),
        " except BaseException as error:",
        f"  if mine[2:]: mine[1] = {failure}",
        f"  del values[{cell}]",
        "  if len(mine) > 2: wake(mine)",
        "  raise",
        " if len(mine) > 2: wake(mine)",
        f"elif type({v}) is list:",
        f" {wait}",
    ]
