"""What holds for every test: no real AWS, parameters validated by botocore, examples of hypothesis that repeat."""

import os

from hypothesis import settings

os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "METERING_VALIDATE_PARAMETERS": "1",
    "POWERTOOLS_SERVICE_NAME": "meterstone",
    "POWERTOOLS_METRICS_NAMESPACE": "Meterstone",
}
# Slow machines do not make a property false, and what failed once must fail again.
settings.register_profile("tests", deadline=None, derandomize=True, max_examples=75)
settings.load_profile("tests")
