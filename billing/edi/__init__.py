"""X12 and nothing else: text on one side, frozen dataclasses on the other.

The one law of this room: **reading never refuses, writing never tolerates.** Files that clinics
receive are often faulty (wrong counts, odd line ends, lost envelopes), and a reader that gives up
on them is useless at the front desk; so reading reports *findings* and goes on with what it can.
What leaves the house is built from typed values by a writer that refuses to put a separator or a
foreign character into an element, so a faulty file cannot be made by accident.

An implementation guide is data: ``segments`` is the one tokeniser and ``envelope`` the one reader of
interchanges for all transaction sets; each set is a package of its own (``claim_837p``) with its table
in the small language of ``guide``, the dataclasses it speaks in, and a reader or a writer or both.
There is no database here and no clinic, so that every line can be tested with a string.
"""
