"""The front door: a collection of services that can be validated and built.

In: registrations, and a contract file if the architecture is to hold. Out: a container that was proven, or
every problem at once. Runs the stages; holds no logic of theirs.
"""

import warnings
from os import PathLike
from typing import TYPE_CHECKING

from kimera_di.composition import register_composition_runners
from kimera_di.errors import BuildErrors, KimeraError
from kimera_di.planning import Plan, make_plan
from kimera_di.registration import Registry, caller_place
from kimera_di.registration.descriptors import misuse
from kimera_di.resolution import ServiceContainer

if TYPE_CHECKING:
    from kimera_di.architecture import Architecture

register_composition_runners()  # so that `Architecture(...).check()` knows every contract type, whoever calls it


class ServiceCollection(Registry):
    """Register services here, then ``build()`` a container.

    Example::

        services = ServiceCollection()
        services.singleton(IVault, SqlVault)
        services.scoped(Session, open_session)
        with services.build() as container:
            container.resolve(IVault)
    """

    def validate(self) -> list[KimeraError]:
        """Give every problem of the registrations; raises nothing, builds nothing, freezes nothing."""
        return list(make_plan(self.descriptors()).problems)

    def build(
        self,
        architecture: "str | PathLike[str] | Architecture | None" = None,
        *,
        imports: bool | None = None,
        close_timeout_s: float = 30.0,
        stall_report_s: float = 30.0,
    ) -> ServiceContainer:
        """Prove the registrations and make a container; freezes the collection.

        May be called again and gives an independent container. Calls no factory and no constructor.

        Args:
            architecture: A contract file; its layers must hold for the wiring, and for the imports.
            imports: Check imports too: ``None`` when ``[check]`` is installed, ``True`` requires it.
            close_timeout_s: Time each async closer gets before it is cancelled and reported.
            stall_report_s: A look-up that waits longer for another one is logged with both stacks.

        Returns:
            The container, usable at once.

        Raises:
            BuildErrors: All problems: missing services, cycles, captive dependencies, interfaces that do
                not fit, parameters that cannot be read, layers that do not hold.
            ContractError: The contract file cannot be used.
            RegistrationError: A time is no positive number of seconds.
        """
        _refuse_time("close_timeout_s", close_timeout_s)
        _refuse_time("stall_report_s", stall_report_s)
        plan = make_plan(self.freeze())
        problems = [*plan.problems, *self._layer_problems(plan, architecture, imports)]
        if problems:
            raise BuildErrors(_summary(problems), problems)
        for text, place in plan.warnings:
            warnings.warn_explicit(text, UserWarning, place.file, place.line)
        return ServiceContainer(plan.graph, close_timeout_s=close_timeout_s, stall_report_s=stall_report_s)

    def _layer_problems(
        self, plan: Plan, architecture: "str | PathLike[str] | Architecture | None", imports: bool | None
    ) -> tuple[KimeraError, ...]:
        if architecture is None:
            return ()
        from kimera_di.composition.startup import architecture_problems

        return architecture_problems(plan.graph, architecture, imports)


def _refuse_time(option: str, value: object) -> None:
    # `not value > 0` also refuses nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise misuse(f"{option}={value!r} is no positive number of seconds", caller_place(), f"pass {option}=30.0, say")


def _summary(problems: list[KimeraError]) -> str:
    counts: dict[str, int] = {}
    for problem in problems:
        counts[type(problem).__name__] = counts.get(type(problem).__name__, 0) + 1
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in the registrations: {parts}"
