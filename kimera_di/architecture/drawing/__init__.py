"""Draw modules, layers, imports and wiring.

In: an import graph, contract files, findings. Out: one `Picture`, and from it Mermaid, DOT, JSON or one HTML page.
Judges no import, reads no source file and knows no container: whoever knows the wiring adds its edges to the picture
(``composition.wiring_picture``). Follows docs/decisions/0024.
"""
