"""Which registrations count, and in which order, against a naive model that rewrites a list step by step."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kimera_di import ServiceCollection


class Port:
    pass


IMPLEMENTATIONS = [type(f"Impl{number}", (Port,), {}) for number in range(6)]
KEYS = [None, "a", 0]


@dataclass(frozen=True)
class Step:
    """One line of a composition root."""

    verb: str
    key: object
    implementation: type
    when: bool | None
    if_absent: bool


STEPS = st.lists(
    st.builds(
        Step,
        verb=st.sampled_from(["register", "register", "register", "replace", "remove", "decorate"]),
        key=st.sampled_from(KEYS),
        implementation=st.sampled_from(IMPLEMENTATIONS),
        when=st.sampled_from([None, None, True, False]),
        if_absent=st.booleans(),
    ),
    max_size=12,
)


class Wrapper(Port):
    def __init__(self, inner: Port) -> None:
        self.inner = inner


@dataclass
class Row:
    """A registration of the model."""

    at: int
    key: object
    implementation: type
    place: int
    counts: bool | None = None


def apply(services: ServiceCollection, steps: list[Step]) -> list[Step]:
    """Register what may be registered; give the steps that were."""
    done: list[Step] = []
    known: set[object] = set()
    for step in steps:
        answer = step.when
        when = None if answer is None else lambda _, answer=answer: answer
        if step.verb == "register":
            services.singleton(Port, step.implementation, key=step.key, when=when, if_absent=step.if_absent)
            known.add(step.key)
        elif step.verb == "decorate":
            services.decorate(Port, Wrapper, key=step.key)
        elif step.key not in known:
            continue
        elif step.verb == "replace":
            services.replace(Port, step.implementation, key=step.key, when=when)
        else:
            services.remove(Port, key=step.key)
        done.append(step)
    return done


def expected(steps: list[Step], key: object) -> list[type]:
    """What counts for one key, in order: removals first, then what has no condition, then the rest."""
    rows: dict[int, Row] = {
        at: Row(at, step.key, step.implementation, at)
        for at, step in enumerate(steps)
        if step.verb in {"register", "replace"} and step.key == key
    }
    for at, step in enumerate(steps):
        if step.verb == "remove" and step.key == key:
            for row in rows.values():
                if row.at < at:
                    row.counts = False

    def is_conditional(row: Row) -> bool:
        step = steps[row.at]
        return step.when is not None or (step.if_absent and step.verb == "register")

    for row in sorted(rows.values(), key=lambda row: (is_conditional(row), row.at)):
        step = steps[row.at]
        earlier = [other for other in rows.values() if other.at < row.at]
        if (
            row.counts is False
            or step.when is False
            or (step.verb == "register" and step.if_absent and any(other.counts for other in earlier))
        ):
            row.counts = False
        else:
            row.counts = True
            if step.verb == "replace":
                replaced = [other for other in earlier if other.counts is not False]
                row.place = max((other.place for other in replaced), default=row.at)
                for other in replaced:
                    other.counts = False
    return [row.implementation for row in sorted(rows.values(), key=lambda row: row.place) if row.counts]


def inside(thing: object) -> tuple[type, int]:
    depth = 0
    while isinstance(thing, Wrapper):
        thing, depth = thing.inner, depth + 1
    return type(thing), depth


@given(STEPS)
def test_selection_agrees_with_the_model(steps: list[Step]) -> None:
    services = ServiceCollection()
    done = apply(services, steps)
    wanted = {key: expected(done, key) for key in KEYS}
    depth = {key: sum(step.verb == "decorate" and step.key == key for step in done) for key in KEYS}

    problems = services.validate()

    assert len(problems) == sum(depth[key] for key in KEYS if not wanted[key])
    if problems:
        return
    container = services.build()
    for key in KEYS:
        found = [inside(each) for each in container.resolve_all(Port, key=key)]
        assert found == [(kind, depth[key]) for kind in wanted[key]]
        if found:
            assert inside(container.resolve(Port, key=key)) == found[-1]
        else:
            assert container.get(Port, key=key) is None
