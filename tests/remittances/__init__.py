"""What payers pay, from the bytes of an 835 to the clinic's books."""
