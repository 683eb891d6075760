"""``Factory``: builds an object of which the caller gives some parameters and the container the others.

In: what the caller gives. Out: the object, built like any transient in the scope of the factory's owner. The caller's
arguments travel in a context variable that is set while the object is built, so the generated code stays the same
for every call, and calls inside calls, in threads and in tasks do not meet.
"""

# pyright: reportPrivateUsage=false
# Scope, root and closing code are one unit: the underscore hides the attributes from users, not from it.

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from kimera_di.compilation import default_of
from kimera_di.errors import ArgumentsError, MissingServiceError
from kimera_di.planning.assisted import arguments_of
from kimera_di.planning.graph import Dependency, ServiceNode
from kimera_di.planning.problems import step_of
from kimera_di.rendering import listed, short_name
from kimera_di.resolution.supplying import Link, supply, wanted_by
from kimera_di.vocabulary import Factory, Step

P = ParamSpec("P")
T = TypeVar("T")

_GIVEN: ContextVar[tuple[int, Sequence[Any]] | None] = ContextVar("kimera_given", default=None)
"""The node that a factory is building, and what its caller gave."""


class FactoryCall(Factory[P, T]):
    """Builds at every call.

    Args:
        link: What it builds.
    """

    __slots__ = ("_link", "_names", "_node", "_owned", "_wanted")

    def __init__(self, link: Link) -> None:
        self._link = link
        gives = wanted_by(link.tie)
        self._node: ServiceNode = link.layer.graph.nodes[(*gives.targets, *gives.later)[0]]
        self._owned: bool = gives.relation is not None
        self._wanted: list[Dependency] = arguments_of(self._node)
        self._names: list[str] = [each.parameter for each in self._wanted]

    def __call__(self, *args: P.args, **given: P.kwargs) -> T:
        """Build an object; see ``Factory``."""
        token = _GIVEN.set((self._node.number, self._arguments(args, given)))
        try:
            made: Any = supply(self._link)
            if self._owned:
                made.__enter__()  # built while the arguments are there
        finally:
            _GIVEN.reset(token)
        built: T = made
        return built

    def __repr__(self) -> str:
        return f"<{short_name(self._link.tie.relation.asked)}>"

    def _arguments(self, args: Sequence[Any], given: Mapping[str, Any]) -> Sequence[Any]:
        """Put what the caller gives in the order of the parameters; refuse what does not fit."""
        wanted, names = self._wanted, self._names
        if len(args) == len(wanted) and not given:
            return args
        if len(args) > len(wanted):
            raise self._refused(f"takes {len(wanted)} arguments, but {len(args)} were given", names)
        found = dict(zip(names, args, strict=False))
        for name, value in given.items():
            if name not in names:
                raise self._refused(f"does not take {name}", names)
            if name in found:
                raise self._refused(f"was given {name} twice", names)
            found[name] = value
        missing = [each.parameter for each in wanted if each.parameter not in found and not each.optional]
        if missing:
            raise self._refused(f"was not given {listed(missing)}", names)
        return [found[n] if n in found else self._default(each) for n, each in zip(names, wanted, strict=True)]

    def _default(self, dependency: Dependency) -> Any:
        import inspect

        default = default_of(self._node, dependency)
        return None if default is inspect.Parameter.empty else default  # T | None without a default is None

    def _refused(self, text: str, names: Sequence[str]) -> ArgumentsError:
        tie = self._link.tie
        return ArgumentsError(
            f"{short_name(tie.relation.asked)} {text}",
            path=(step_of(self._link.layer.graph.nodes[tie.owner], tie.parameter),) if tie.owner >= 0 else (),
            facts=(("do this", f"give {', '.join(names) or 'nothing'}, by position or by name"),),
        )


def argument(link: Link) -> Any:
    """Give what the caller of a factory gave for a parameter.

    Raises:
        MissingServiceError: The service is looked up itself, so nobody gave anything.
    """
    tie, current = link.tie, _GIVEN.get()
    if current is not None and current[0] == tie.owner:
        return current[1][tie.relation.position]
    node = link.layer.graph.nodes[tie.owner]
    dependency = next(each for each in node.dependencies if each.parameter == tie.parameter)
    wanted, name = dependency.wanted, short_name(node.service.interface)
    given = ", ".join(short_name(each.wanted) for each in arguments_of(node))
    raise MissingServiceError(
        f"nothing provides {short_name(wanted)}: {name} can only be built by a Factory",
        service=wanted,
        path=(step_of(node, tie.parameter), Step(wanted.interface, None, None, None, None)),
        end="given by the caller",
        facts=(("do this", f"ask for Factory[[{given}], {name}], and call it"),),
    )
