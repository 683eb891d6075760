# what it shows: accepted
from abc import ABC, abstractmethod

from dishka import Provider, Scope, make_container


class Sender(ABC):
    @abstractmethod
    def send(self, text: str) -> None: ...


class OddSender(Sender):
    def send(self, urgent: bool, message: int) -> None: ...


p = Provider(scope=Scope.APP)
p.provide(OddSender, provides=Sender)
raise AssertionError(f"accepted: {make_container(p).get(Sender)}")
