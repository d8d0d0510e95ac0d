"""`python -m wizard`: the setup wizard, and the command line that all verbs hang on.

The wizard asks what a stack should watch and writes `Pulumi.<stack>.yaml`; nothing is written before the last question
is answered. One question table (`wizard/questions.py`) serves the terminal, the flags and the answers file.
"""
