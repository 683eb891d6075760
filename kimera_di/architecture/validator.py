"""Answer whether one layer may depend on another, from a contract instead of a table in code.

In: an `Architecture` and names of layers. Out: yes or no. Reads no import graph.
"""

from kimera_di.architecture.checking import Architecture
from kimera_di.architecture.layering.layers import LayerOrder
from kimera_di.architecture.model.specs import LayersOptions
from kimera_di.errors import KimeraError
from kimera_di.rendering import did_you_mean


class LayerValidator:
    """Knows the layers of one contract.

    Args:
        architecture: From `Architecture.load`.
        contract: Id of a ``kimera_layers`` contract; may be left out when the file has only one.

    Raises:
        KimeraError: The file has no such contract, several to choose from, or one with mistakes.
    """

    def __init__(self, architecture: Architecture, contract: str | None = None) -> None:
        self.order: LayerOrder = _order(architecture, contract)

    def validate_dependency(self, from_layer: str, to_layer: str) -> bool:
        """Say whether ``from_layer`` may depend on ``to_layer``.

        Args:
            from_layer: A name as written in the contract.
            to_layer: Likewise; the same layer is allowed.

        Returns:
            True when the contract allows it.

        Raises:
            KimeraError: The contract has no layer of that name.
        """
        return self.order.allows_layer(self.order.layer_named(from_layer), self.order.layer_named(to_layer))


def _order(architecture: Architecture, contract: str | None) -> LayerOrder:
    file = architecture.file
    layered = {spec.id: spec for spec in file.contracts if spec.type == "kimera_layers"}
    if contract is None and len(layered) == 1:
        contract = next(iter(layered))
    spec = layered.get(contract or "")
    if spec is None:
        known = ", ".join(layered) or "none"
        facts = (
            ("in", file.path),
            ("kimera_layers", known),
            ("did you mean", ", ".join(did_you_mean(contract or "", layered))),
            ("do this", 'name one: LayerValidator(architecture, "id")' if layered else "add a kimera_layers contract"),
        )
        raise KimeraError("which layers to validate against is not clear", facts=facts)
    if spec.mistakes:
        raise spec.mistakes[0]
    if not isinstance(spec.options, LayersOptions):
        raise KimeraError(f"the contract {spec.id!r} has no layers", facts=(("in", file.path),))
    return LayerOrder.from_options(spec.options)
