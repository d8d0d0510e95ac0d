"""The verbs of the command line, one module for each group of them; `wizard/__main__.py` puts the groups together.

A verb is a function under `@verb` (see `verb.py`): its parameters are the options, its docstring is the help, and what
it returns is the exit code. It only turns what was typed into what its room wants, and imports that room when it runs.
Options that several verbs have are declared once, in `options.py`.
"""
