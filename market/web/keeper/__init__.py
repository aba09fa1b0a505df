"""The keeper's door: what is brought to a collection point, by its code."""
