"""The payer to practise with."""
