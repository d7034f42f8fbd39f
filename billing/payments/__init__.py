"""Money from patients.

Law: money is booked the day it was received, once per source; what was booked wrongly is reversed.
"""
