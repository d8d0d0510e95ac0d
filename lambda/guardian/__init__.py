"""The guardian: puts a stopped CloudTrail trail back and tells people who stopped it, from where, and what was done.

Runs on AWS Lambda. The archive is exactly the Python files of this folder and of `common`: standard library and the
boto3 that the Lambda runtime brings, nothing else. Entry point: `guardian.handler.handle`.
"""
