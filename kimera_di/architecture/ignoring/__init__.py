"""Allowed exceptions: which imports an ignore names, and which ignores are unused, irrelevant or expired.

In: the ignores of one contract, the edges it may forbid, and a question that tells whether more is broken without an
ignore. Out: the edges taken out, findings about ignores. Knows no contract type; the question comes from above.
"""
