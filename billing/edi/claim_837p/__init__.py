"""The professional claim, X12 005010X222A1, both ways: ``claim`` is what is said, ``writer`` and ``reader`` how.

The implementation guide is a table (``guide``, ``guide_claim``); what no table can say is in ``rules``.
A claim that is written, read and written again comes out the same to the byte.
"""
