"""A payer to practise with: it reads the claims it is given and answers them as payers do.

Law: an answer depends on nothing but the seed, the file that was submitted, and the answers already
given. No clock, no order of drawing: every decision is drawn anew from the seed and the names of what
it is about, so that one claim more in a file changes nothing for the others, and a lesson, a test or a
demonstration goes the same way each time.
"""
