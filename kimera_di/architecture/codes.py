"""Codes of the findings about imports, stable like the names; wiring has its own in ``composition``.

In: nothing. Out: constants.
"""

LAYER_IMPORT = "KD411"
"""An import leads up the layers, to an independent sibling, or past a closed layer."""
BUILT_IN = "KD412"
"""An import breaks one of import-linter's own contract types."""
UNCOVERED = "KD413"
"""A module is in no layer of an exhaustive contract."""
EMPTY_LAYER = "KD414"
"""A layer has no code."""
UNUSED_EXEMPTION = "KD415"
"""An entry of ``exhaustive_ignores`` matches nothing."""
IGNORE_UNUSED = "KD416"
"""An ignore matches no import."""
IGNORE_IRRELEVANT = "KD417"
"""An ignore matches imports that break nothing."""
IGNORE_EXPIRED = "KD418"
"""The last day of an ignore has passed."""
SYNTAX = "KD419"
"""A file does not parse."""
