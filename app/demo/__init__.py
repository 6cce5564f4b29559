"""`make demo`: the whole service once, over HTTP, with everything it hands out checked from outside.

asked.py      what is asked for, and what has to be told before
agreed.py     what becomes of promises and agreements: signed by others, returned, kept or not
client.py     the service as in use, on loopback, and a caller of it
checking.py   what an outsider finds out about what was handed out
"""
