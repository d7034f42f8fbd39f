"""The print room: a frozen dataclass goes in, the bytes of a PDF come out.

Its one law: **same facts, same bytes.** Nothing here reads a clock, a setting or a database; dates and
amounts are handed in, and documents carry no time stamp of their own. So an issued paper can be
compared, hashed and printed again years later, and a test can hold it to the byte.

Drawing goes straight to ReportLab's canvas, because a page of a bill is one letterhead, one table and one
block of totals: flowing layout costs more time than it saves code. Only ReportLab is known here.
"""
