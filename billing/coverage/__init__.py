"""Who pays besides the patient: policies, what they cover, and what was authorised.

Law: everything is judged on the date of service, and what is not known is said to be unknown;
it is never taken for covered.
"""
