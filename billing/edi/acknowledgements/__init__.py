"""Whether what was sent could be read: the interchange (TA1) and the functional group (999, X12 005010X231A1).

Read for what we sent, written for what we received. Both speak of numbers on envelopes, never of claims.
"""
