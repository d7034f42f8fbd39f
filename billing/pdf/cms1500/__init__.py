"""The CMS-1500 claim form, version 02/12 (public domain): for red preprinted forms and as a full picture.

Its one law: **every box is one row of one table.** ``boxes.py`` says for each box on which print line and in which
column it starts, how wide it is and what stands in it; a field is cut at its box and never wraps, because
a scanner at the payer reads by position. The form is a typewriter page, 10 characters and 6 lines to the inch, so
a filled-in page is a grid of characters, and printing is typing that grid line by line.
"""
