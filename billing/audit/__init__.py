"""Who did or saw what.

Law: rows are only ever added. They are written unchained, so that no writer waits for another; a
sweep then seals them in order into a hash chain, and a changed, missing or inserted row breaks it.
"""
