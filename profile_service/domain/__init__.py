"""What is decided: facts, fold, decide. Pure: no I/O, no clock, no chance."""
