"""Which claims there should be, and what speaks against each.

Law: a claim that is not filed is judged anew each time, and all that is wrong with it is told at once; so a corrected
record lets it go by itself. A later payer's turn comes only when the one before has decided.
"""
