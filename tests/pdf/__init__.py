"""Paper: what is printed, where it stands, and whether it adds up."""
