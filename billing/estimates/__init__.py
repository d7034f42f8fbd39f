"""What a visit will cost this patient: reckoned from what the plan was verified to cover, with the arithmetic told.

Law: an estimate never says more than is known. What nobody has verified is unknown, not zero and not covered;
what a payer has decided replaces the estimate.
"""
