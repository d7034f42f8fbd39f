"""Celery: when things happen.

Law: a task carries nothing. What is due stands in the database; a task drains it, and may be rung by
the beat, by a bell or by hand, any number of times and by any number of workers. So the broker may
lose every message it holds without anything being lost, and never holds anything about a patient.
"""
