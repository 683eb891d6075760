# what it shows: accepted
from abc import ABC, abstractmethod

from dishka import Provider, Scope, make_container


class Store(ABC):
    @abstractmethod
    def load(self) -> str: ...


class Leaf: ...


p = Provider(scope=Scope.APP)
p.provide(Leaf, provides=Store)
c = make_container(p)
raise AssertionError(f"{c.get(Store)} is accepted as a Store")
