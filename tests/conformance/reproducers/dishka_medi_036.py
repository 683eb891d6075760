# what it shows: NoFactoryError
from dishka import Provider, Scope, make_container


class Store: ...


class FileStore(Store): ...


class SqlStore(Store): ...


p = Provider(scope=Scope.APP)
p.provide(FileStore, provides=Store)
p.provide(SqlStore, provides=Store)
p.collect(Store)
c = make_container(p)
c.get(list[Store])
c.get(Store)
