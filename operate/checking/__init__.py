"""`check`: an AWS account read back and judged. What is read is a `Survey`, what is judged is pure."""
