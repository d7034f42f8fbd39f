"""What touches the whole clinic at once: the import, the billing run, the demo, the checks.

Law: an operation is a list of stages that the rooms below own; it adds order and a report, no rules.
"""
