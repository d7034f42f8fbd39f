"""What patients get on paper: invoices, superbills, receipts and statements.

Law: a paper is issued once per session, numbered without gaps, and frozen as a snapshot; its PDF
is drawn from that snapshot alone, so that it comes out the same to the byte however often it is drawn.
"""
