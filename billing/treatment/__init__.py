"""Courses of care: the plan that thins out, and the scores that say whether it helps.

Law: a score is what was measured on a day; whether it means improvement is judged by one rule.
"""
