"""Numbers about a dependency structure: coupling, instability, abstractness, distance, propagation cost, cycles.

In: an import graph and the names of packages. Out: measures as frozen data. Knows no contract, no limit and no report.
The terms are Martin's and MacCormack's, see docs/reference/glossary.md.
"""
