"""What the journey through several days is made of: clocks that a test sets, people at browsers, and two houses."""
