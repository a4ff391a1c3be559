"""Lambda's execution environments: processes that run the project's own handlers, one request at a time each.

`pool` hands invocations to them. A new one is forked by `zygote`, a process that has loaded what all functions need;
`environment` is what runs in it. `frames` is how they talk.
"""
