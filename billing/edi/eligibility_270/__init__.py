"""What a payer is asked about a patient's cover: 270, X12 005010X279A1, both ways: ``writer`` and ``reader``.

Law: every question stands in a transaction set of its own, under a trace that is never used again, so that one
faulty question is refused alone and an answer is known by its trace wherever it comes from.
"""
