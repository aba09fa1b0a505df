"""A search of our own."""
