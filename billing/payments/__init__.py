"""Money from patients: taken, put to what it pays for, given back.

Law: money is booked the day it was received, once per source; what was booked wrongly is reversed. Which
money pays for what is derived from the books, never decided by hand, so that it can always be derived again.
Nobody's money pays another person's debt.
"""
