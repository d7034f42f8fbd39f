"""What is due to be said, to whom and by which way: planned, judged again at the moment of sending, sent, proven.

Law: a message is one row, unique for its subject, rule, slot and channel, and the row is made before anything is
said. So two workers, a killed worker or a lost broker cannot say a thing twice, and each message can tell why it
was sent, or why it was not.
"""
