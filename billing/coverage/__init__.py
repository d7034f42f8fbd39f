"""Who pays besides the patient: policies, what they cover, what was authorised, and the rules payers judge by.

Law: everything is judged on the date of service, and what is not known is said to be unknown; it is never taken
for covered, nor for not covered. What a payer said is kept each time it says it (``benefit_history``), and what payers
want is data with a source (``rules``, ``rule_packs``), never a number in the code.
"""
