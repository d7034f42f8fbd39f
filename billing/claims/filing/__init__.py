"""Ready claims become files, files are sent, forms are drawn.

Law: bytes are kept before anybody hears of them and sent before they are called sent. A file whose delivery is
uncertain is unknown, and stays so until somebody says what became of it. Only a claim that was certainly rejected is
followed by another, because no payer has judged it.
"""
