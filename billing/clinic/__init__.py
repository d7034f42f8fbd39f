"""The clinic itself: who it is, where it treats, its rooms, its currency and its time zone.

Law: there is exactly one clinic in a database, and every number it issues comes from here,
so that no two documents or claims can ever carry the same one.
"""
