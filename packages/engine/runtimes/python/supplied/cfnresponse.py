"""
The module that Lambda supplies to functions whose code stands in a template: it answers CloudFormation for a custom
resource (https://docs.aws.amazon.com/lambda/latest/dg/services-cloudformation.html). For Python 2.7 and every Python 3.
"""

from __future__ import print_function

import json

try:
    from urllib.request import Request, urlopen
except ImportError:
    from urllib2 import Request, urlopen

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps(
        {
            "Status": responseStatus,
            "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(context.log_stream_name),
            "PhysicalResourceId": physicalResourceId or context.log_stream_name,
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
            "NoEcho": noEcho,
            "Data": responseData,
        }
    )
    print("Response body:")
    print(body)
    data = body.encode("utf-8")
    request = Request(event["ResponseURL"], data, {"content-type": "", "content-length": str(len(data))})
    request.get_method = lambda: "PUT"
    try:
        print("Status code:", urlopen(request).getcode())
    except Exception as error:
        print("send(..) failed executing urlopen(..):", error)
