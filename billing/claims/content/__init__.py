"""What a claim says, to a computer and on paper.

Law: both forms are made of the same facts, and the facts are frozen when the claim is filed; what is drawn or compared
later is the frozen version, never the records as they are by then.
"""
