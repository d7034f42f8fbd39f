"""What a payer says about a patient's cover: 271, X12 005010X279A1, read with every benefit row kept as sent.

Nothing is interpreted here. Payers put the same fact in different rows and contradict themselves, so
which row counts is a decision that somebody must be able to look up and to overrule; that needs all of them.
"""
