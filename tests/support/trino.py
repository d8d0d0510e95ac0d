"""Trino's own grammar as a judge: Athena engine version 3 is built on Trino.

`trino-query-parser` is the parser that ANTLR makes of Trino 422's `SqlBase.g4`, and no rewrite of it: what it refuses,
Trino refuses before it looks at a table.
"""

from trino_query_parser import TrinoSyntaxError, parse_statement


def refusal(statement: str) -> str:
    """Why the grammar refuses a statement: line, column and what was expected there. Empty if it does not."""
    try:
        parse_statement(statement)
    except TrinoSyntaxError as error:
        return str(error)
    return ""
