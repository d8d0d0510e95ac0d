"""A stranger's script: boto3 and nothing of this project. Stops a trail, and waits until somebody starts it again.

Usage: outsider.py ENDPOINT REGION TRAIL, where TRAIL is a name or an ARN. Makes a user with keys of its own.
Prints one JSON object: the user's name, and the milliseconds from StopLogging's answer to IsLogging being true.
"""

import json
import sys
import time
import uuid

import boto3

DEADLINE_S = 60


def client(service, endpoint, region, key, secret):
    return boto3.client(
        service, endpoint_url=endpoint, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret
    )


def main(endpoint, region, trail):
    iam = client("iam", endpoint, "us-east-1", "test", "test")
    user = f"stranger-{uuid.uuid4().hex[:6]}"
    iam.create_user(UserName=user)
    allowed = {"Effect": "Allow", "Action": ["cloudtrail:StopLogging", "cloudtrail:GetTrailStatus"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName=user, PolicyName="stop", PolicyDocument=document)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    cloudtrail = client("cloudtrail", endpoint, region, key["AccessKeyId"], key["SecretAccessKey"])

    assert cloudtrail.get_trail_status(Name=trail)["IsLogging"], "the trail must be logging at first"
    cloudtrail.stop_logging(Name=trail)
    answered = time.monotonic()
    while not cloudtrail.get_trail_status(Name=trail)["IsLogging"]:
        if time.monotonic() - answered > DEADLINE_S:
            sys.exit(f"{trail} was not started again within {DEADLINE_S} s")
        time.sleep(0.02)
    print(json.dumps({"user": user, "restored_ms": (time.monotonic() - answered) * 1000}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
