"""Whole ways through the program, as its users go them."""
