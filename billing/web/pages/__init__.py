"""The HTML pages, one module for each screen.

Law: a page asks queries and calls verbs; it holds no rule of its own, so that the command line and
the workers can do whatever a page can.
"""
