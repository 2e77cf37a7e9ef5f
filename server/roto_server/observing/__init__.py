"""What the server tells of itself beyond its answers: log lines, traces, reports of errors.

OpenTelemetry and Sentry are optional: set and not installed is a refusal to start, never silence.
"""
