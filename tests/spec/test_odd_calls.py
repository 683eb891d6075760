"""Calls of functions that are hard to read: without a signature, with arguments that nobody can give."""

from typing import Annotated, Any

import pytest

from kimera_di import ArgumentsError, MissingServiceError, ServiceCollection, ServiceKey


class Pool: ...


class Missing: ...


def test_function_whose_signature_cannot_be_read_is_refused_for_what_is_missing() -> None:
    """The arguments cannot be checked, but what the container lacks can be said."""

    def use(missing: Missing) -> None: ...

    use.__signature__ = "nonsense"  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]

    with ServiceCollection().singleton(Pool).build() as container, pytest.raises(MissingServiceError) as caught:
        container.call(use)

    assert caught.value.path[0].parameter == "missing"


def test_unannotated_parameter_before_a_service_that_only_a_position_can_give_is_missing() -> None:
    use: Any = eval("lambda name, pool, /: pool")  # noqa: S307 - a function without annotations
    use.__annotations__["pool"] = Pool

    with ServiceCollection().singleton(Pool).build() as container:
        with pytest.raises(ArgumentsError, match="name"):
            container.call(use)
        assert container.call(use, "given") is container[Pool]


def test_called_function_has_no_key_of_its_own() -> None:
    def use(pool: Pool, key: Annotated[str | None, ServiceKey()]) -> str | None:
        return key

    with ServiceCollection().singleton(Pool).build() as container:
        assert container.call(use) is None


def test_instance_that_is_an_unrelated_class_does_not_fit() -> None:
    services = ServiceCollection().instance(Pool, Missing)  # type: ignore[arg-type]  # pyright: ignore

    assert "Missing" in str(services.validate()[0])
