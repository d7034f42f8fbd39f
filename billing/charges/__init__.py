"""Signed sessions become charges: coded from the chart, priced on the date of service, posted.

Law: a charge is the clinic's standard fee on the day, never a payer's allowed amount. A session is
charged whole or not at all, and a charge that was wrong is reversed, not edited.
"""
