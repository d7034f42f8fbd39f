"""Where a claim stands: the claim acknowledgement (277CA, X12 005010X214) and the status response (277, X212).

Both are a tree of levels with the same status composite at each, so one reader serves both. The
acknowledgement is written too, for training and demonstration, where Meridian plays the payer.
"""
