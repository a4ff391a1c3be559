"""The AWS services that hold state, in a process of their own: ministack, with snapshots and a stream reader added.

`__main__` is that process, `process` is its handle in the local cloud.
"""
