"""The reference application of kimera_di: it stores texts and reports which of them contradict each other.

Four layers, low to high: ``infrastructure`` < ``core`` < ``engines`` < ``api``. Every service is asked for by an
interface; ``kimera.composition`` is the only module that knows the implementations, ``kimera.main`` the command line.
The rules are in ``contracts/kimera_example.toml``.
"""
