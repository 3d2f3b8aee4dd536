"""Django's own backend with its own pool (5.1 and later)."""
