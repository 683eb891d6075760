"""The suite itself: what it says of containers that fail, hang, lack something or end their process."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from kimera_di.testing.conformance import (
    BEHAVIOURS,
    Adapter,
    Behaviour,
    Feature,
    Opened,
    Registration,
    Result,
    Services,
    adapter_of,
    run,
    run_one,
)
from kimera_di.testing.conformance.expecting import expect, expect_error, together

HERE = "tests.conformance.test_suite"


class Naive(Opened):
    """Builds anew what it is asked for."""

    def resolve(self, service: Any, key: Hashable = None) -> Any:
        return service()

    def close(self, error: BaseException | None = None) -> None:
        pass


class NaiveAdapter(Adapter):
    name: ClassVar[str] = "naive"
    distribution: ClassVar[str] = "no-such-distribution"
    lacks: ClassVar[Mapping[Feature, str]] = {
        feature: "it is naive" for feature in Feature if feature is not Feature.ANNOTATIONS
    }

    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        return Naive()


class EndingAdapter(NaiveAdapter):
    def open(self, registrations: Sequence[Registration], needs: frozenset[Feature]) -> Opened:
        os._exit(7)


def behaviour(check: Any, *needs: Feature) -> Behaviour:
    return Behaviour("X-01", "a title", "a test", frozenset(needs), check)


def test_behaviour_that_holds_passes() -> None:
    assert run_one(NaiveAdapter(), behaviour(lambda services: None)).outcome == "passed"


def test_broken_expectation_is_a_failure_with_its_sentence() -> None:
    def check(services: Services) -> None:
        expect([], "one is not greater")

    result = run_one(NaiveAdapter(), behaviour(check))

    assert (result.outcome, result.reason) == ("failed", "one is not greater")


def test_error_of_the_container_is_a_failure_with_its_type() -> None:
    def check(services: Services) -> None:
        raise KeyError("leaf")

    assert run_one(NaiveAdapter(), behaviour(check)).reason == "KeyError: 'leaf'"


def test_behaviour_that_never_ends_hangs() -> None:
    release = threading.Event()

    result = run_one(NaiveAdapter(), behaviour(lambda services: release.wait()), deadline_s=0.05)

    release.set()
    assert (result.outcome, result.reason) == ("hangs", "not done after 0.05 s")


def test_missing_feature_is_not_applicable_with_the_reason_of_the_adapter() -> None:
    result = run_one(NaiveAdapter(), behaviour(lambda services: None, Feature.SCOPE))

    assert (result.outcome, result.reason) == ("n/a", "scopes with objects of their own: it is naive")


def test_waived_behaviour_says_why() -> None:
    waived = next(each for each in BEHAVIOURS if each.check is None)

    assert run_one(NaiveAdapter(), waived) == Result(waived.id, "waived", waived.waived)


def test_run_in_processes_gives_a_result_for_every_behaviour_in_order() -> None:
    wanted = [each for each in BEHAVIOURS if each.id in {"MEDI-003", "MEDI-004", "MEDI-033"}]

    results = run(f"{HERE}:NaiveAdapter", wanted)

    assert [(each.id, each.outcome) for each in results.results] == [
        ("MEDI-003", "failed"),
        ("MEDI-004", "n/a"),
        ("MEDI-033", "waived"),
    ]
    assert (results.version, results.count("failed")) == ("unknown", 1)


def test_container_that_ends_its_process_crashes_and_the_rest_is_run() -> None:
    wanted = [each for each in BEHAVIOURS if each.id in {"MEDI-001", "MEDI-003", "MEDI-004"}]

    outcomes = [each.outcome for each in run(f"{HERE}:EndingAdapter", wanted).results]

    assert outcomes == ["crashed", "crashed", "n/a"]


@pytest.mark.parametrize("target", ["nowhere:Adapter", "json:loads", "json", f"{HERE}:Naive"])
def test_target_that_is_no_adapter_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match=r"is no adapter|is no subclass"):
        adapter_of(target)


def test_errors_of_threads_are_given_back() -> None:
    error = LookupError("in a thread")

    def fail() -> None:
        raise error

    assert together(lambda: 1, fail) == [1, error]


def test_expected_error_that_does_not_come_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="nothing is raised"):
        expect_error(lambda: None, "nothing is raised")


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_command_prints_a_report_and_fails_when_a_behaviour_does(form: str) -> None:
    done = command(f"{HERE}:NaiveAdapter", "--only", "MEDI-003", "--format", form)

    assert done.returncode == 1
    assert "naive" in done.stdout
    assert "a singleton is the same object for every look-up" in done.stdout


def test_command_prints_everything_as_json() -> None:
    done = command("kimera", "--only", "MEDI-003", "--format", "json")

    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["schema_version"] == 1
    assert [each["outcome"] for each in report["containers"][0]["results"]] == ["passed"]


def test_command_with_an_unknown_adapter_says_so() -> None:
    done = command("nowhere:Adapter")

    assert done.returncode == 2
    assert "'nowhere:Adapter' is no adapter" in done.stderr


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kimera_di.testing.conformance", *arguments], capture_output=True, text=True, check=False
    )
