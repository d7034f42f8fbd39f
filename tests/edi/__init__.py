"""X12: what is written, what is read, and what is noticed."""
