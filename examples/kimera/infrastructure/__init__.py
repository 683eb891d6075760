"""The lowest layer: settings, the device that computes, the database. Knows nothing of texts and meaning."""
