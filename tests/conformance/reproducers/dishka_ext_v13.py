# what it shows: GraphMissingFactoryError
from typing import Generic, TypeVar

from dishka import Provider, Scope, make_container

T = TypeVar("T")


class Handler(Generic[T]): ...


class Repository(Generic[T]):
    def __init__(self, handler: Handler[T]) -> None: ...


p = Provider(scope=Scope.APP)
p.provide(Repository[T])
p.provide(Handler[int])
make_container(p).get(Repository[int])
