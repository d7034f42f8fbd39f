"""Insurers: who they are, how claims reach them, and by when.

Law: a payer without an electronic number gets no claim. What differs between payers is a column
or a dated row, never a name in the code.
"""
