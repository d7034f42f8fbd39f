"""The outside world, one file per technology. Bytes in, bytes out: an adapter knows no concept of the clinic.

Law: an adapter says exactly what it knows about a failure: *not delivered*, or *outcome unknown*.
"""
