# what it shows: UnknownServiceRequestedError
from collections.abc import Sequence

from wireup import create_sync_container


class Store: ...


create_sync_container(injectables=[]).get(Sequence[Store])
