"""The throw-away prototype behind docs/decisions/0001: hot path, claims, epochs, closing, listener."""
