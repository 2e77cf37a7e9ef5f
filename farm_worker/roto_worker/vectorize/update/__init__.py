"""One stretch of a document solved anew; every key outside it stays to the last bit."""
