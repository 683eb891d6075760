# what it shows: accepted
from abc import ABC, abstractmethod

from wireup import create_sync_container, injectable


class Sender(ABC):
    @abstractmethod
    def send(self, text: str) -> None: ...


class OddSender(Sender):
    def send(self, urgent: bool, message: int) -> None: ...


c = create_sync_container(injectables=[injectable(OddSender, as_type=Sender)])
raise AssertionError(f"accepted: {c.get(Sender)}")
