"""Rule packs: what payers want of acupuncture, as dated data with sources, and the one engine that judges by it.

Law: the engine asks no database and never raises; whatever it says names the pack, the rule, the source and the
arithmetic. What is unsourced is said to be unchecked, and what is not known is neither met nor broken.
"""
