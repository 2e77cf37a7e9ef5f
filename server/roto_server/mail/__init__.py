"""Mail to people: written in words (`compose`), kept until it is sent (`outbox`), sent (`postman`).

A mail is a row, written in the transaction it tells of. Some server process' postman sends it and
deletes the row, so a mail may come twice when a process dies in between, but is never lost.
"""
