"""What to do about an import that has to go: move it for type checkers, defer it, or put an interface in its place.

In: an import graph and the sources of an importer and of what it imports, parsed and never run. Out: an `Advice`
for one import, and what removing imports costs. Changes no file; judges no contract.
"""
