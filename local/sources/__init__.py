"""What calls functions beside HTTP: DynamoDB streams, SQS queues and schedules, each as Lambda or EventBridge does."""
