"""What the functions on AWS Lambda share: reading events, text for people, links, asking AWS, the ledger, publishing.

Standard library and boto3 only. Every function's archive carries all of it beside its own package.
"""
