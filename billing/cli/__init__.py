"""The command line: click commands, one call each.

Law: every command takes ``--json`` (one object on standard output, nothing else there) and exits 0
when all went well, 1 when something was refused or is left for a person, 2 for wrong usage. Progress
goes to standard error, and only to a terminal.
"""
