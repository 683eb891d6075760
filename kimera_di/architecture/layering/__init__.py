"""Modules and layers: which layer a module is in, which imports lead up, what no layer speaks about.

In: the layers of a contract and an import graph. Out: placements, upward imports, findings about coverage. Reads no
file, knows no contract type and no ignore.
"""
