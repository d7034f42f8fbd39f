"""Code sets and coding rules: procedures, units, pair edits, diagnoses, places of service, payers' answers.

The room's law: everything is judged on the date of service, and every rule is a dated row with a source.

Code sets change every quarter, and a claim for last September must be judged by last September's
rules even when it is filed today. A rule written as a constant in code forgets when it began, and
nobody can tell later who said so. So the rules are CSV files under ``data/``, each row with the first
and last day on which it holds and with the publication it was taken from; the modules are pure
functions over them, without database or clock. A new quarter is new rows, not new code.

The labels are our own words. The wording of CPT belongs to the American Medical Association and is
not shipped, nor is X12's for the codes in which payers answer; ICD-10-CM and HCPCS Level II are works
of the United States government.
"""
