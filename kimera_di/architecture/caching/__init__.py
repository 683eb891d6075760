"""From an unchanged tree to the report of an earlier run, without reading or judging anything again.

In: a contract file, the folders of its packages. Out: a ``Report`` that was kept, when it is provably the one that a
check would give now. Loads no import scanner, and knows no contract type: what loads a composition root is never asked
for here, because the code of users may depend on anything.
"""
