"""How fast it is, measured against the obvious way to do it."""
