# what it shows: accepted
from punq import Container


class Leaf: ...


made = Container().instantiate(Leaf, colour="red")
raise AssertionError(f"colour is accepted: {made}")
