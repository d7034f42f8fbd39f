"""Loading code sets: what was sent is unpacked and read, weighed against what is in force, kept, and its effect told.

Law: whole or not at all. Until the list in the folder is replaced, which is the last thing done, nothing has happened;
what was filed is never touched, and what is held is judged again at once.
"""
