"""The people who are treated: who they are, how they may be reached, what the needle must know.

Law: what a claim needs from a patient is checked here and nowhere else, and a safety flag is a
question for the practitioner, never a decision of the program.
"""
