"""The words that all parts of the architecture check share: import graph, contract specs, findings, codes.

In: nothing; the other parts fill these shapes. Out: frozen data, and small pure functions on it. Reads no file,
checks no contract, knows no other part.
"""
