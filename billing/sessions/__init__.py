"""The clinic session, from booking to signed note.

Law: what was done is charted once, as needle sets and procedures; codes and units follow from it.
``clearance`` is the one gate: booking warns by it, signing refuses by it, claims hold by it.
"""
