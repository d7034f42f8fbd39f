"""Payers are asked about cover, and what they answer becomes the benefit on file.

Law: a question is asked at most once under its trace. What was lost between asking and answer is unknown until its
answer turns up; only a rule or a person asks anew, under a new trace.
"""
