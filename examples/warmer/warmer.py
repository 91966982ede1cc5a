"""Keeps a function warm: a rule rings it every five minutes. Plain boto3, with nothing in it of Carillon."""

import io
import zipfile

import boto3

CODE = """
import json

def handler(event, context):
    if event.get('type') == 'warmer':
        return {'statusCode': 200, 'body': json.dumps('Nice to be warm!')}
    return {'statusCode': 200, 'body': json.dumps('Hello!')}
"""

package = io.BytesIO()
with zipfile.ZipFile(package, 'w') as archive:
    archive.writestr('app.py', CODE)

function = boto3.client('lambda').create_function(
    FunctionName='hello',
    Runtime='python3.12',
    Handler='app.handler',
    Role='arn:aws:iam::000000000000:role/hello',
    Code={'ZipFile': package.getvalue()},
)

events = boto3.client('events')
events.put_rule(Name='warmer', ScheduleExpression='rate(5 minutes)', State='ENABLED')
events.put_targets(
    Rule='warmer',
    Targets=[{'Id': 'hello', 'Arn': function['FunctionArn'], 'Input': '{ "type": "warmer" }'}],
)
