"""The rules, pure: no AWS, no clock, no environment. `now` is always a parameter."""
