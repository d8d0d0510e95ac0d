"""The explainer: says who stands behind an alarm, what they did, from where and how often.

Runs on AWS Lambda. The archive is the Python files of this folder, of `common` and of `filterpattern`, and one file of
facts that the deployment writes (`facts.json`: what is watched, and what is suppressed). Entry point:
`explainer.handler.handle`.
"""
