"""From the rows of a 271 to what the desk wants to know, each with the row chosen, and why it and not the others. Pure.

Law: nothing is guessed. Free text is shown and never read for numbers; rows that contradict each other are told; an
answer is never a guarantee of payment.
"""
