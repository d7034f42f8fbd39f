"""Meridian's Flask service and everything it knows about a clinic and its revenue cycle.

Each room's one law stands in its own ``__init__``; ``docs/architecture.md`` is the floor plan.
"""
