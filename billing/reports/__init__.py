"""Read-only questions over the whole clinic.

Law: a report changes nothing and remembers nothing; it is asked anew each time, so that it cannot
be out of date.
"""
