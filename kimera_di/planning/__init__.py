"""What the registrations mean: the wiring graph, every problem at once, a frozen plan. Builds nothing."""

from kimera_di.planning.graph import Construction, Dependency, ServiceNode, WiringGraph
from kimera_di.planning.planner import Plan, make_plan

__all__ = ["Construction", "Dependency", "Plan", "ServiceNode", "WiringGraph", "make_plan"]
