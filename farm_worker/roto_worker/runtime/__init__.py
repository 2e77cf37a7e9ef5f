"""The worker process: takes task ids from Redis, claims them over HTTPS, runs stages, reports.

`worker` listens on the queues, `attempt` runs one claimed task, `heartbeat` keeps the server
informed, `scratch` and `outbox` are what survives a crash on this node's disk.
"""
