"""What is deleted lies in the trash first: a mark on its row, and nobody sees it any more.

``putting`` marks and takes the mark back; ``purging`` decides that there is no way back;
``removing`` takes files and rows away, which ``purger`` has done in a thread of its own, in an
order that may be broken off anywhere and begun again: the files first, then the rows in one
transaction. Until then the rows, which nobody sees, say what is still to be done.
"""
