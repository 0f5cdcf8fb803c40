"""Files that people have: the one mechanism that finds, opens, checks, reads and loads them.

Flow: `--file` -> paths (`paths`) -> content, decompressed (`opening`) -> text in UTF-8, whole lines
    (`decoding`) -> lines checked and counted apart from the parser -> Arrow tables of text in the
    form's columns (`kinds`, all behind `reading.read_file`) -> raw, with the note
    that makes a file count (`loading.load_files`).
A source declares what it takes as a `form.FileForm`, and calls `load_files`.
"""
