"""The fewest imports whose removal makes layers hold.

In: the layer contracts of one file and an import graph. Out: imports to remove, proven to be the fewest or with a lower
bound. Changes no file, writes no text.
"""
