"""Errands: long work that somebody asks for at the desk, and may leave and come back to.

Law: an errand is a row before it is work. Whoever runs it gives a sign of life while at it; without one for
a minute another takes it up and begins anew, which every stage it goes through bears. So a browser that is
closed, a server that is stopped or a bell that nobody heard loses nothing.
"""
