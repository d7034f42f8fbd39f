"""What payers say they paid, and the money it puts into the books: 835, matched, adjudicated, posted.

Law: a payment is posted whole or not at all. One that balances at every line, every claim and the
check, and every claim of which is ours, posts itself; any other is queued whole with its arithmetic
and waits for a person, while its neighbours in the file post. A payment's key is who paid and under
which number, so that the same one again changes nothing, in whatever file it comes.
"""
