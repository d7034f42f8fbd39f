"""Good-faith estimates: what somebody who pays themselves is told, in writing and in time, that care will cost.

Law: an estimate once issued never changes. What changes afterwards (price, scope, practitioner, day) asks for another
one, which names the one it replaces; both are kept, and so is who was handed which, when and how. The rule is the
No Surprises Act as 45 CFR 149.610 and 149.620 carry it out; where a clinic does not keep its books in US dollars,
nothing here is ever due, and a plain estimate can be printed all the same.
"""
