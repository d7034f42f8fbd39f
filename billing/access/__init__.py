"""Who may use the clinic's records, and signing in.

Law: every permission is one word on one page, every role a set of them; a person has one account,
a password is only ever kept as an argon2 hash, and a login can be ended from the server at once.
"""
