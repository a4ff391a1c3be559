"""The local cloud: everything that template.yaml describes, on one machine, and the command line `metering`.

The way of a request: `gateway` makes it an HTTP API event, `workers` run the project's own handler on it, and the
handler keeps its state in `emulator`. `sources` brings streams, queues and schedules to the handlers. `template` reads
template.yaml, so that nothing is written twice. `cloud` starts and stops all of it.
"""
