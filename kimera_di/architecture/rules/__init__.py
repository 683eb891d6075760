"""The contract types: who checks which one, and the checks about imports.

In: one spec and what was read. Out: the result of that contract. Reads no contract file, writes no report, does not
choose what is checked. Types about wiring are added from above (see ``runners``).
"""
