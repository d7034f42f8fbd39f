"""The people who treat, and whether they may on a given day.

Law: a licence, certificate or payer enrolment is judged on the date of service, in the state of
the place of service; one whose end is unknown is not valid.
"""
