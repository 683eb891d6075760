"""One contract file, asked in four places: the answers are the same."""

from pathlib import Path

import pytest

from kimera_di.architecture.model.specs import KIMERA_TYPES
from tests.architecture.four_points import (
    BREAKS,
    CONTRACTS,
    Answer,
    ask_at_start,
    ask_kimera_check,
    ask_lint_imports,
    ask_pytest,
    write_shop,
)

pytestmark = [pytest.mark.check, pytest.mark.slow]

MISTAKEN = {"layers": {**CONTRACTS["layers"], "layers": ["wed", "core"]}, "acyclic": CONTRACTS["acyclic"]}


def expected(broken: frozenset[str]) -> dict[str, str]:
    return {identity: "broken" if identity in broken else "kept" for identity in CONTRACTS}


@pytest.mark.parametrize(
    ("change", "form"), [*((change, "toml") for change in BREAKS), ("nothing", "ini"), ("everything", "ini")]
)
def test_four_points_give_the_same_verdict_on_every_contract(tmp_path: Path, change: str, form: str) -> None:
    modules, broken = BREAKS[change]
    config = write_shop(tmp_path, form, modules, CONTRACTS)

    answers = {
        "kimera check": ask_kimera_check(tmp_path, config),
        "lint-imports": ask_lint_imports(tmp_path, config),
        "pytest --kimera": ask_pytest(tmp_path, config),
        "start": ask_at_start(tmp_path, config),
    }

    assert {point: answer.verdicts for point, answer in answers.items()} == dict.fromkeys(answers, expected(broken))
    assert answers["start"].fingerprints == answers["kimera check"].fingerprints


def test_the_contracts_of_this_test_are_of_every_type() -> None:
    types = {str(options["type"]) for options in CONTRACTS.values()}

    assert types == {*KIMERA_TYPES, "layers", "forbidden", "independence", "protected", "acyclic_siblings"}


def test_two_workers_give_the_verdicts_of_one(tmp_path: Path) -> None:
    modules, broken = BREAKS["foreign-imports"]
    config = write_shop(tmp_path, "toml", modules, CONTRACTS)

    assert ask_pytest(tmp_path, config, "-n", "2") == Answer(expected(broken))


def test_contract_with_a_mistake_is_kept_nowhere(tmp_path: Path) -> None:
    """Only lint-imports has no third word; it says broken, which ends a job all the same."""
    config = write_shop(tmp_path, "toml", {}, MISTAKEN)

    answers = [ask(tmp_path, config) for ask in (ask_kimera_check, ask_pytest, ask_lint_imports, ask_at_start)]

    assert [answer.verdicts.get("layers") for answer in answers] == ["unchecked", "unchecked", "broken", None]
    assert [answer.verdicts.get("acyclic") for answer in answers] == ["kept", "kept", "kept", None]
    assert "the layer 'wed' does not exist" in answers[-1].refused
