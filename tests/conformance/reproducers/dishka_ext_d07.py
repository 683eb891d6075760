# what it shows: GraphMissingFactoryError
from typing import Generic, TypeVar

from dishka import Provider, Scope, make_container

T = TypeVar("T")
N = TypeVar("N", bound=int)


class Repository(Generic[T]): ...


class Cached(Repository[N]):
    def __init__(self, inner: Repository[N]) -> None: ...


p = Provider(scope=Scope.APP)
p.provide(Repository[T])
p.decorate(Cached[N], provides=Repository[N])
make_container(p).get(Repository[str])
