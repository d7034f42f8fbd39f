"""Charges become claims: assembled, filed, answered, decided.

Law: one claim per session and payer, each in its turn. A claim with a blocking problem is held and let
go by itself when the cause is gone; a filed version is frozen with its exact bytes; and a claim whose
fate is unknown is never sent again unasked, because two claims for one visit look like fraud.
"""
