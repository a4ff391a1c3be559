"""What template.yaml says, for the local cloud: which functions, routes, event sources and schedules there are.

`translate` has SAM make CloudFormation of it. `stack` keeps the resources that hold state, has the emulator create
them, and learns from it what every expression comes to. `blueprint` is the result, `reading` finds it in the resources.
"""
