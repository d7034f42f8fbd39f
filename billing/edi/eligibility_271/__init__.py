"""What a payer says about a patient's cover: 271, X12 005010X279A1, read with every benefit row kept as sent."""
