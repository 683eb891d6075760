"""The front door: a collection of services that can be validated and built.

In: registrations, and a contract file if the architecture is to hold. Out: a container that was proven, or
every problem at once. Runs the stages, which load when they run first; holds no logic of theirs.
"""

import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from kimera_di.errors import BuildErrors, KimeraError
from kimera_di.records import replace
from kimera_di.registration import Registry, caller_place
from kimera_di.registration.call_targets import CallTarget, call_target
from kimera_di.registration.descriptors import UNSET, Unset, misuse
from kimera_di.registration.entries import Entry

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

    from kimera_di.architecture import Architecture
    from kimera_di.planning import Plan
    from kimera_di.resolution import ServiceContainer
    from kimera_di.settings.makers import Files


class ServiceCollection(Registry):
    """Register services here, then ``build()`` a container.

    Example::

        services = ServiceCollection()
        services.singleton(IVault, SqlVault)
        services.scoped(Session, open_session)
        with services.build() as container:
            container.resolve(IVault)
    """

    def settings(
        self,
        model: "type[BaseSettings]",
        *,
        key: Hashable = None,
        env_prefix: str | None = None,
        env_file: "Files | Unset | None" = UNSET,
        secrets_dir: "Files | None" = None,
    ) -> Self:
        """Register a pydantic-settings model, and the models nested in it, as singletons.

        Read and validated by ``build()`` and ``validate()``, so that a variable that is missing or wrong shows when
        the program starts. What is left out here comes from the model's own ``model_config``.

        Args:
            model: A subclass of ``pydantic_settings.BaseSettings``.
            key: Tells several readings of one model apart; its nested models get the same key.
            env_prefix: What the names of its variables begin with.
            env_file: One or several env files, of which the last one wins; ``None`` for none.
            secrets_dir: One or several folders with a file per secret.

        Returns:
            This collection.

        Raises:
            MissingExtraError: pydantic-settings is not installed.
            RegistrationError: ``model`` is no settings model, or an option is of the wrong type.
            FrozenCollectionError: ``build()`` was called already.
        """
        from kimera_di.settings.registering import settings_descriptor

        place = caller_place()
        self._add(
            replace(
                settings_descriptor(
                    model, key, place, env_prefix=env_prefix, env_file=env_file, secrets_dir=secrets_dir
                ),
                module=self._list.module,
            )
        )
        return self

    def validate(self) -> list[KimeraError]:
        """Give every problem of the registrations; raises nothing, builds nothing, freezes nothing.

        Reads the variables of registered settings, and runs their validators.
        """
        _, problems = _planned(self.entries(), self.scopes, self.call_targets())
        return list(problems)

    def validate_call(self, function: Callable[..., object]) -> Self:
        """Have ``build()`` and ``validate()`` prove that a function can be called with services.

        For what ``call``, ``acall`` and ``@inject`` fill: handlers, commands, jobs. Proven is that every parameter
        written ``Injected[T]`` or ``Annotated[T, Key(k)]`` can be filled, and that a function that is not async is
        given nothing that must be awaited. Other parameters that nothing provides are the caller's.

        Args:
            function: A function, method, class or function made by ``@inject``; it is not called.

        Returns:
            This collection.

        Raises:
            RegistrationError: ``function`` cannot be called.
            FrozenCollectionError: ``build()`` was called already.
        """
        self._list.add_target(call_target(function, caller_place()))
        return self

    def build(
        self,
        architecture: "str | PathLike[str] | Architecture | None" = None,
        *,
        imports: bool | None = None,
        close_timeout_s: float = 30.0,
        stall_report_s: float = 30.0,
        overrides: Mapping[Any, object] | None = None,
    ) -> "ServiceContainer":
        """Prove the registrations and make a container; freezes the collection.

        May be called again and gives an independent container. Calls no factory and no constructor;
        registered settings are read and validated, once per call.

        Args:
            architecture: A contract file; it must hold for the wiring, and for the imports.
            imports: Check imports too: ``None`` when ``[check]`` is installed, ``True`` requires it.
            close_timeout_s: Time each async closer gets before it is cancelled and reported.
            stall_report_s: A look-up that waits longer for another one is logged with both stacks.
            overrides: Objects that stand for services, by ``T`` or ``Annotated[T, Key(k)]``: a variant of the
                application, proven as a whole. They are checked against what they stand for and never closed; what
                is registered for these services is neither built nor, for settings, read.

        Returns:
            The container, usable at once.

        Raises:
            BuildErrors: All problems: missing services, cycles, captive dependencies, interfaces that do
                not fit, parameters that cannot be read, settings that are missing or wrong, layers that do not
                hold, import cycles that a contract forbids.
            ContractError: The contract file cannot be used.
            RegistrationError: A time is no positive number of seconds, or ``overrides`` is no mapping.
        """
        _refuse_time("close_timeout_s", close_timeout_s)
        _refuse_time("stall_report_s", stall_report_s)
        from kimera_di.resolution.facade import container_of

        plan, found = _planned(self.freeze(), self.scopes, self.call_targets(), overrides)
        problems = [*found, *self._layer_problems(plan, architecture, imports)]
        if problems:
            raise BuildErrors(_summary(problems), problems)
        for text, place in plan.warnings:
            warnings.warn_explicit(text, UserWarning, place.file, place.line)
        return container_of(plan.graph, close_timeout_s=close_timeout_s, stall_report_s=stall_report_s)

    def _layer_problems(
        self, plan: "Plan", architecture: "str | PathLike[str] | Architecture | None", imports: bool | None
    ) -> tuple[KimeraError, ...]:
        if architecture is None:
            return ()
        from kimera_di.composition.startup import architecture_problems

        return architecture_problems(plan.graph, architecture, imports, self.call_targets())


def _planned(
    entries: Sequence[Entry],
    levels: tuple[str, ...],
    targets: Sequence[CallTarget],
    overrides: Mapping[Any, object] | None = None,
) -> "tuple[Plan, tuple[KimeraError, ...]]":
    """Plan the services, settings read; problems of both, and of functions that are called with services."""
    from kimera_di.planning import make_plan
    from kimera_di.planning.call_targets import call_problems
    from kimera_di.planning.variants import Variant
    from kimera_di.settings import has_settings

    variant = Variant.of(overrides)
    if not has_settings(entries):
        plan = make_plan(entries, levels, variant)
        return plan, (*plan.problems, *call_problems(targets, plan.graph))
    from kimera_di.settings.reading import read_settings

    reading = read_settings(entries, variant.objects)
    plan = make_plan(reading.entries, levels, variant)
    return plan, (*reading.explained(plan), *call_problems(targets, plan.graph))


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
