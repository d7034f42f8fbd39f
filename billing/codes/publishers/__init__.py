"""Reading what the publishers of code sets publish: CMS's ICD-10-CM, NCCI and NCD files.

Law: a file is read strictly, line by line, and every fault is told with its line and the reason; nothing is guessed,
nothing is passed over. The readers are pure generators over lines, so that a file of two million rows needs no more
memory than one of twenty. Descriptions that stand in a file are never kept: the wording of CPT is not ours to keep.
"""
