"""Layers for code that has no contract yet: the order that its imports already have.

In: an import graph and a package. Out: rows of layers, what is in the way of an order, and the text of a contract
file. Writes no file and judges nothing: what is proposed holds today.
"""
