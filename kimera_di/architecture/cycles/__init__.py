"""Import cycles: where they are, the shortest of each knot, and the fewest dependencies to remove.

In: an import graph. Out: components, chains, cuts. Plain graph algorithms: reads no file, knows no contract and writes
no text.
"""
