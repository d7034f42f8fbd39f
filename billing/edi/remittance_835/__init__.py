"""The payment advice, X12 005010X221A1: what a payer paid, for which claims, and why not more.

Read as a stream, one claim at a time, because one check may answer a hundred thousand claims; its sums
are made on the way (``balance``). Written for training and demonstration, where Meridian plays the payer.
"""
