"""What patients get on paper: invoices, superbills, receipts and statements.

Law: a paper is issued once for what it tells of (a session, a payment, a day), numbered without gaps, and
frozen as a snapshot; its PDF is drawn from that snapshot alone, the same to the byte however often it is drawn.
"""
