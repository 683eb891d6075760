"""Small classes that the behaviours register. Plain data and constructors; they know no container."""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

T = TypeVar("T")


class Leaf:
    """Needs nothing."""


class Other:
    """Needs nothing either."""


class Third:
    """Nor does this."""


class Store(ABC):
    """An interface."""

    @abstractmethod
    def load(self) -> str:
        """Say where from."""


class FileStore(Store):
    """One implementation."""

    def load(self) -> str:
        """Say where from."""
        return "file"


class SqlStore(Store):
    """Another implementation."""

    def load(self) -> str:
        """Say where from."""
        return "sql"


class Branch:
    """Needs a leaf."""

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf


class Tree:
    """Needs a branch."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch


class User:
    """An argument of generics."""


class Order:
    """Another argument of generics."""


class Repository(Generic[T]):
    """An open generic service."""


class SqlRepository(Repository[T]):
    """Its open implementation."""


class UserRepository(Repository[User]):
    """Its closed implementation."""


class Animal:
    """A bound."""


class Cat(Animal):
    """Fits the bound."""


A = TypeVar("A", bound=Animal)
S = TypeVar("S", bound=Store)


class AnimalRepository(Repository[A]):
    """An open implementation for animals only."""


class StoreRepository(Repository[S]):
    """An open implementation for implementations of an interface only."""
