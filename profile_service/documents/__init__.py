"""Documents made from the field registry: exports of a person, and the registers that the City keeps."""
