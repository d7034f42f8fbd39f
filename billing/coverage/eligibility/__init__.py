"""What payers are asked about a patient's cover, and what they say: questions (270), answers (271), and their reading.

Law: a question is a row before it is asked, under a trace that is never used twice; what is lost on the way is
unknown and never asked again under the same one. Every row of an answer is kept, and what is read out of it says
which row it is and why that one; what no row says is unknown, which is neither covered nor not covered.
"""
