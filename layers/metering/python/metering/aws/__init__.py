"""All input and output: tables, queues, objects, configuration, telemetry."""
