"""responders/digest tells the brand manager each morning what was heard, what was done and what was missed."""
