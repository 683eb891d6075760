"""What was found, for people and machines: the report, its texts, and the baseline of known violations.

In: results of contracts. Out: one report with an exit code, text, JSON, a baseline file. Checks nothing and reads no
source code.
"""
