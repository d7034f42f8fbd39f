"""The books: double entry, append-only. This room knows accounts and money, not clinics.

Law: postings are written first, then the entry they belong to; the database refuses an entry whose
postings do not sum to zero, any posting after it, and every edit and delete. A correction is a
reversal. An entry's key is what it is about (``charge:17``), so posting a thing twice is impossible,
not merely avoided. Balances are sums, never stored.
"""
