"""What is kept: documents and their files, encrypted per case, durable before they are named.

`database.py` gives transactions, `models.py` the tables, `encrypted_file.py` the encrypted file format, `blobs.py` the
files on disk, `case_keys.py` the keys that an erasure destroys, `documents.py` the life of a document.
"""
