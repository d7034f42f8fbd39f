"""The import: a clinic's records from another system, as a folder of CSV files.

Law: what is good goes in, what is bad is refused by file, line and column with the remedy, and
nothing is ever guessed or shortened. What goes in goes in whole or not at all, and importing the
same folder again changes nothing.

Why three steps: ``reading`` a large folder takes long and must hold no lock; ``planning`` answers
``--check`` without changing anything; ``writing`` applies a plan and knows no rules.
"""
