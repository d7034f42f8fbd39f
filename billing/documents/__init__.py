"""Bytes with an owner: claim files, claim forms, invoices, superbills.

Law: bytes are kept under their SHA-256 before the transaction that names them, and a name once
given never points elsewhere. A document's owner is a kind and an id, so that this room need not
know whose it keeps.
"""
