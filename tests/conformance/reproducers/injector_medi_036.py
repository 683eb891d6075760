# what it shows: another object
from injector import Binder, Injector, singleton


class Store: ...


def configure(binder: Binder) -> None:
    for _ in range(2):
        binder.bind(Store, to=Store, scope=singleton)
        binder.multibind(list[Store], to=Store, scope=singleton)


c = Injector(configure)
assert c.get(Store) is c.get(list[Store])[-1], "the single look-up gives another object"
