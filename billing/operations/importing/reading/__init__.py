"""Reading the import folder: from bytes to judged rows, without any database.

Law: the contract is data (``contract.py``): which files, which columns, by what rows are known.
Everything else here would read another contract just as well. A row is kept as a plain tuple, since
a clinic may bring a million of them.
"""
