"""Tell which functions and classes of a module run while it loads.

In: a parsed module. Out: names. Follows calls by name inside of the module only: what another module calls back is
not known.
"""

import ast
from collections.abc import Iterable, Iterator

from kimera_di.architecture.advising.sources import Source, statements


def run_while_loading(source: Source) -> frozenset[str]:
    """Find what module-level code calls, directly or through other functions of the module.

    Args:
        source: The module.

    Returns:
        Names of functions and classes at module level. Time O(size of the file).
    """
    homes = {
        node.name: node
        for node in statements(source.tree.body)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    waiting = [name for name in _called(source.tree.body) if name in homes]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            mentioned = {each.id for each in ast.walk(homes[name]) if isinstance(each, ast.Name)}
            waiting.extend(sorted(mentioned & homes.keys()))
    return frozenset(found)


def _called(body: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names that code outside of functions calls; a decorator and a base class are called too."""
    waiting = [*body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        outside: list[ast.AST] = []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            heads = [*node.decorator_list, *(node.bases if isinstance(node, ast.ClassDef) else ())]
            yield from (each.id for each in heads if isinstance(each, ast.Name))
            outside.extend(heads)
            if isinstance(node, ast.ClassDef):
                outside.extend(node.body)
            else:
                outside.extend([*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)])
        elif not isinstance(node, ast.Lambda):
            outside.extend(ast.iter_child_nodes(node))
        waiting.extend(outside)
