"""The lowest layer: settings, clock, database, the device that computes. Knows nothing of texts and meaning."""
