"""From source files to the import graph: find packages, list and scan their files, keep the result for the next run.

In: root packages and the folders they are searched in. Out: a ``ScannedTree``: imports with their lines and kinds, and
the files that could not be seen. Imports nothing that it reads, knows no contract and judges nothing.
"""
