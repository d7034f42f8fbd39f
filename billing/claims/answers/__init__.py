"""What clearinghouses and payers say of our claims before anybody pays.

Law: every word is kept, and a claim goes by the weightiest and latest of them, in whatever order they come.
"""
